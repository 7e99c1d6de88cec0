//===- StepOrder.h - Which steps wait for each other's data ---------------===//
#ifndef ADFC_CONVERSION_ADFTORCB_STEPORDER_H
#define ADFC_CONVERSION_ADFTORCB_STEPORDER_H

#include "Transforms/Phase/PhaseModel.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace adfc {

/// The order that the data of a resident phase's steps give them, without control's help.
class StepOrder {
public:
  explicit StepOrder(PhaseModel &model);

  /// Whether all of `before`, the step two before `step`, has ended when the first of `step` is
  /// made: `step` reads what it makes, or reads what the step between them makes of that.
  bool follows(int64_t step, int64_t before) const;

private:
  using Windows = llvm::SmallPtrSet<mlir::Value, 4>;

  struct Step {
    /// Of each channel that sends windows: the tensors that it waits for.
    llvm::MapVector<ChannelTasks *, Windows> reads;
    bool whole = true; ///< what comes in the step is all counted, in each memory tile
  };

  bool readsAll(int64_t step, int64_t before) const;

  std::vector<Step> steps;
  llvm::DenseMap<mlir::Value, int64_t> madeIn; ///< the last step that writes a tensor
};

} // namespace adfc

#endif // ADFC_CONVERSION_ADFTORCB_STEPORDER_H
