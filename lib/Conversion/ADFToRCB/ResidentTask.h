//===- ResidentTask.h - A DMA task of a resident phase, and when it is started ===//
#ifndef ADFC_CONVERSION_ADFTORCB_RESIDENTTASK_H
#define ADFC_CONVERSION_ADFTORCB_RESIDENTTASK_H

#include "Transforms/Phase/PhaseModel.h"

namespace adfc {

/// The order in which tasks of a step are started: windows first, so that cores are at work while
/// their results' way is set up; then who receives, what is near the end of the way; last what DDR
/// sends, each of which takes long to start.
enum class Rank { Windows, ToDdr, ToHub, FromCore, FromJoin, FromDdr };

/// That of a task that sends no windows.
Rank rankOf(TileKind kind, Direction direction);

/// The step of a task; -1: endless.
int64_t stepOf(adf::DMAOp task);

struct ResidentTask {
  ChannelTasks *channel;
  mutable adf::DMAOp op; // MLIR's accessors are not const
  size_t order;
  int64_t start, end; ///< the steps that start it and that it ends in; -1: endless
  int64_t repeat;     ///< 0: the task before it on its channel does its work too
  bool late = false;  ///< must not start before the step before its own has ended
  bool ahead = false; ///< has been started while the step two before its own was at work

  /// The number of its first descriptor.
  int64_t firstId() const;
  /// Whether it waits for a tensor, whose lock it leaves as it is: once more it would not wait.
  bool waitsForTensor() const;
  /// The window at whose gate its messages wait; null where they do not.
  mlir::Value gate() const;
};

} // namespace adfc

#endif // ADFC_CONVERSION_ADFTORCB_RESIDENTTASK_H
