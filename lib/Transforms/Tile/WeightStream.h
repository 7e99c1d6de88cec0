//===- WeightStream.h - a layer's weights in the order they are streamed --===//
#ifndef ADFC_TRANSFORMS_TILE_WEIGHTSTREAM_H
#define ADFC_TRANSFORMS_TILE_WEIGHTSTREAM_H

#include "Transforms/LegalizeViews/Views.h"
#include "Transforms/Tile/AccessPattern.h"
#include "Transforms/Tile/LayerPlan.h"

namespace adfc {

/// A weights block for each channel group, each tile of its output channels, each chunk of input
/// channels; or what an activation holds for each column.
class WeightStream {
public:
  /// `steps` say how an activation lies that is streamed.
  explicit WeightStream(const LayerPlan &plan, ViewSteps steps = {0, 0, 0})
      : plan(plan), steps(steps) {}

  /// Whether the layer has weights.
  bool exists() const { return plan.weightsBytes != 0; }
  /// The activation that is streamed; null where the weights are constants.
  mlir::Value activation() const;
  int64_t bytes() const { return plan.channelGroups.size() * groupWords() * 4; }
  /// The bytes, as tensor<N x i8>, under the resource name `name`.
  mlir::ElementsAttr pack(llvm::StringRef name) const;

  /// One task of the channel that sends a group's weights: a pattern, done `repeat` times.
  struct Task {
    AccessPattern pattern;
    int64_t repeat;
  };
  /// The tasks for channel group `group`. With chunks of input channels the blocks of a tile of
  /// output channels come again for each spatial tile; otherwise each block comes once.
  llvm::SmallVector<Task> tasks(int64_t group) const;
  /// Blocks that each core receives.
  int64_t blocks() const;

private:
  llvm::SmallVector<Task> columnTasks() const;
  int64_t blockWords() const { return plan.weightsBytes / 4; }
  int64_t groupWords() const { return plan.channelTiles * plan.chunks * blockWords(); }

  const LayerPlan &plan;
  ViewSteps steps;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_TILE_WEIGHTSTREAM_H
