//===- WeightStream.cpp - a layer's weights in the order they are streamed ===//
#include "Transforms/Tile/WeightStream.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace adfc;

ElementsAttr WeightStream::pack(StringRef name) const {
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(bytes(), /*align=*/64);
  MutableArrayRef<char> data = blob.getMutableData();
  std::fill(data.begin(), data.end(), 0);
  LayerPlan layer = plan;
  int64_t done = 0;
  for (const ChannelGroup &group : plan.channelGroups)
    for (int64_t tile = 0; tile < plan.channelTiles; ++tile)
      for (int64_t chunk = 0; chunk < plan.chunks; ++chunk, ++done)
        layer.op.packWeightsBlock(plan.tile, group.firstChannel + tile * plan.tile.outChannels,
                                  chunk * plan.tile.inChannels,
                                  data.slice(done * plan.weightsBytes, plan.weightsBytes));
  auto type = RankedTensorType::get({bytes()}, IntegerType::get(plan.schedule.getContext(), 8));
  return DenseResourceElementsAttr(DenseI8ResourceElementsAttr::get(type, name, std::move(blob)));
}

Value WeightStream::activation() const {
  adf::KernelOpInterface op = plan.op;
  std::optional<unsigned> operand = op.getStreamedOperand();
  return operand ? op->getOperand(*operand) : Value();
}

/// The columns of the streamed activation, one after the other; again for each tile of channels.
SmallVector<WeightStream::Task> WeightStream::columnTasks() const {
  adf::Extent whole = adf::getExtent(activation().getType());
  int64_t pixel = adf::paddedChannels(whole.channels) / 4;
  AccessPattern columns(steps.offset);
  columns.dim(pixel, 1).dim(whole.rows, steps.row).dim(whole.cols, steps.pixel);
  return {{columns, plan.channelTiles}};
}

SmallVector<WeightStream::Task> WeightStream::tasks(int64_t group) const {
  adf::KernelOpInterface op = plan.op;
  if (op.hasColumnWeights())
    return columnTasks();
  int64_t begin = steps.offset + group * groupWords(), tileWords = plan.chunks * blockWords();
  if (plan.chunks == 1 || plan.spatialTiles == 1)
    return {{AccessPattern(begin).dim(groupWords(), 1), 1}};
  SmallVector<Task> tasks;
  for (int64_t tile = 0; tile < plan.channelTiles; ++tile)
    tasks.push_back({AccessPattern(begin + tile * tileWords).dim(tileWords, 1), plan.spatialTiles});
  return tasks;
}

int64_t WeightStream::blocks() const {
  return plan.channelTiles * plan.weightStrips *
         (plan.chunks == 1 ? 1 : plan.spatialTiles * plan.chunks);
}
