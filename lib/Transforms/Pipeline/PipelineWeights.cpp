//===- PipelineWeights.cpp - weights that stay in memory tiles ------------===//
#include "Transforms/Pipeline/PipelineBuilder.h"
#include "Transforms/Tile/WeightStream.h"
#include "adfc/spec/devices.h"

using namespace mlir;
using namespace adfc;
using adf::LockKind;

namespace {

/// Parts that one phase loads at a time: few enough that their streams can be routed.
constexpr size_t kPartsPerPhase = 8;
/// S2MM channel of a core.
constexpr int64_t kWeightsChannel = 1;
/// Memory of a tile that starts at multiples of this.
constexpr int64_t kAlignment = 64;

} // namespace

/// Where the weights of each stage lie: in the tiles that its schedule names, one behind the other.
LogicalResult PipelineBuilder::placeWeights() {
  const adfc_tile &memory = limitsOf(device, adf::TileKind::Mem);
  std::map<TileCoord, std::pair<int64_t, int64_t>> taken; // bytes, windows
  for (auto [i, stage] : llvm::enumerate(plan.stages)) {
    if (!stage.layer.weightsBytes)
      continue;
    WeightStream stream(stage.layer);
    weightSymbols[i] =
        table.addWeights(stage.layer.op, [&](StringRef name) { return stream.pack(name); });
    int64_t groups = stage.layer.channelGroups.size(), groupBytes = stream.bytes() / groups;
    for (int64_t first = 0, end = 0; first < groups; first = end) {
      TileCoord at = pairAt(stage.stage.getWeights(), first);
      for (end = first + 1; end < groups && pairAt(stage.stage.getWeights(), end) == at;)
        ++end;
      WeightsPart part{i, at, first, end - first, groupBytes, 0, 0};
      auto &[bytes, windows] = taken[part.at];
      part.address = bytes;
      part.lock = 2 * windows++;
      bytes += adf::roundUp(part.bytes(), kAlignment);
      if (bytes > memory.data_bytes)
        return stage.layer.op->emitOpError()
               << "\"" << adf::KernelOpInterface(stage.layer.op).getLayer()
               << "\" has weights in memory tile (" << part.at.col << ", " << part.at.row
               << "), where with others they are " << bytes - memory.data_bytes
               << " bytes over: use more tiles for them";
      weights.push_back(part);
    }
  }
  return success();
}

LogicalResult PipelineBuilder::makeLoadPhases() {
  for (ArrayRef<WeightsPart> rest = weights; !rest.empty();) {
    size_t count = std::min(kPartsPerPhase, rest.size());
    if (failed(makeLoadPhase(rest.take_front(count))))
      return failure();
    rest = rest.drop_front(count);
  }
  return success();
}

/// The window of a part: at the same place in the phase that loads it and in the one that reads it.
static Value makePartWindow(OpBuilder &builder, Location loc, Value memory, int64_t bytes,
                            int64_t address, int64_t lock) {
  return adf::WindowOp::create(builder, loc, adf::WindowType::get(builder.getContext()), memory,
                               /*depth=*/1, bytes, builder.getI64IntegerAttr(address),
                               builder.getI64IntegerAttr(bytes),
                               builder.getDenseI64ArrayAttr({lock, lock + 1}),
                               /*live=*/DenseI64ArrayAttr());
}

/// One for all parts of a memory tile, whose addresses are given.
Value PipelineBuilder::weightsTile(std::map<TileCoord, Value> &tiles, TileCoord at) {
  auto [known, added] = tiles.try_emplace(at);
  if (added)
    known->second = makeTile(adf::TileKind::Mem, at);
  return known->second;
}

LogicalResult PipelineBuilder::makeLoadPhase(ArrayRef<WeightsPart> parts) {
  OpBuilder::InsertionGuard guard(builder);
  auto phase =
      adf::PhaseOp::create(builder, loc, table.unique("load"),
                           adf::PhaseModeAttr::get(builder.getContext(), adf::PhaseMode::Load),
                           builder.getStringAttr("weights"), builder.getI64IntegerAttr(0));
  builder.setInsertionPointToStart(&phase.getBody().emplaceBlock());
  std::map<TileCoord, Value> tiles;
  for (auto [i, part] : llvm::enumerate(parts)) {
    Value shim = makeTile(adf::TileKind::Shim), memory = weightsTile(tiles, part.at);
    Value window = makePartWindow(builder, loc, memory, part.bytes(), part.address, part.lock);
    StringAttr stream = makeStream("weights" + Twine(i), shim, memory);
    int64_t words = part.bytes() / 4, first = part.firstGroup * part.groupBytes / 4;
    adf::DMAOp read = makeTask(shim, adf::Direction::MM2S, stream);
    adf::DMAOp write =
        makeTask(memory, adf::Direction::S2MM, stream, 1, std::nullopt, /*token=*/true);
    if (failed(
            addBD(read, nullptr, weightSymbols[part.stage], AccessPattern(first).dim(words, 1))) ||
        failed(addBD(write, window, nullptr, AccessPattern(0).dim(words, 1))))
      return failure();
  }
  return success();
}

LogicalResult PipelineBuilder::sendWeights() {
  std::map<TileCoord, Value> tiles;
  for (const WeightsPart &part : weights) {
    Value memory = weightsTile(tiles, part.at);
    Value window = makePartWindow(builder, loc, memory, part.bytes(), part.address, part.lock);
    for (int64_t group = 0; group < part.groups; ++group)
      if (failed(sendWeights(part, memory, window, group)))
        return failure();
  }
  return success();
}

/// To all cores of a group of channels: once, where they keep it, else for each tile of each image.
LogicalResult PipelineBuilder::sendWeights(const WeightsPart &part, Value memory, Value window,
                                           int64_t group) {
  const StagePlan &stage = plan.stages[part.stage];
  const LayerPlan &layer = stage.layer;
  size_t channelGroups = layer.channelGroups.size(), number = part.firstGroup + group;
  SmallVector<const CoreMemory *> cores;
  for (size_t i = number; i < stages[part.stage].cores.size(); i += channelGroups)
    cores.push_back(&stages[part.stage].cores[i]);
  auto targets = llvm::map_to_vector(cores, [](const CoreMemory *core) { return core->tile; });
  std::string name = adf::KernelOpInterface(layer.op).getLayer().str() + ".weights";
  StringAttr stream =
      makeStream(table.unique(name + std::to_string(number)).getValue(), memory, targets);
  int64_t times = stage.keepsWeights() ? 1 : plan.batch * layer.spatialTiles;
  adf::DMAOp send = makeTask(memory, adf::Direction::MM2S, stream, times);
  if (failed(addBD(send, window, nullptr,
                   AccessPattern(group * part.groupBytes / 4).dim(part.groupBytes / 4, 1))))
    return failure();
  for (const CoreMemory *core : cores) {
    adf::DMAOp receive =
        makeTask(core->tile, adf::Direction::S2MM, stream, times * layer.chunks, kWeightsChannel);
    if (failed(addBD(receive, core->weights, nullptr,
                     AccessPattern(0).dim(layer.weightsBytes / 4, 1),
                     {acquire(LockKind::Empty), release(LockKind::Full), {}})))
      return failure();
  }
  return success();
}
