//===- WaitBound.h - How long a phase or a step can take at most ----------===//
#ifndef ADFC_CONVERSION_ADFTORCB_WAITBOUND_H
#define ADFC_CONVERSION_ADFTORCB_WAITBOUND_H

#include "Transforms/Phase/PhaseModel.h"

namespace adfc {

/// Bounds for the waits of a phase, in array cycles, from 1 to ADFC_MAX_WAIT.
///
/// A step's work is a chain of stages: from DDR, through memory tiles and cores, and back. Were
/// each stage to begin only when the one before has ended, it would take as long as the busiest
/// channel or core of each stage, one after the other. A bound is a multiple of that, and more
/// where DDR takes part.
class WaitBounds {
public:
  WaitBounds(PhaseModel &model, const DeviceModel &device);

  /// For a phase that is set up anew each time.
  uint32_t ofPhase() const { return ofStep(0); }
  /// For the outputs of `step` of a resident phase. Steps before it have ended, but for those that
  /// nothing waits for. The step after it is started by then, and some of the one behind: channels
  /// and cores come to these when they have done their part of this one, and so all that they take
  /// from it is DDR's time, and that only the first of them, whose data the other needs.
  uint32_t ofStep(int64_t step) const;
  /// Cycles that the busiest core computes in `step`.
  int64_t workOf(int64_t step) const { return steps[static_cast<size_t>(step)].work; }

private:
  struct Work {
    int64_t cycles = 0;  ///< of all stages but DDR, one after the other
    int64_t work = 0;    ///< of the busiest core
    int64_t ddr = 0;     ///< cycles that DDR is busy with it
    bool waited = false; ///< the control program waits for its end
  };

  void addTasks(PhaseModel &model, const DeviceModel &device);
  void addCores(PhaseModel &model, const DeviceModel &device);

  std::vector<Work> steps; ///< a phase that is not resident counts as one
  bool streams = false;    ///< weights come from DDR without an end, and belong to no step
};

} // namespace adfc

#endif // ADFC_CONVERSION_ADFTORCB_WAITBOUND_H
