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
/// What a field of a core's descriptors can count to (AM025: 8 bits).
constexpr int64_t kMostCoreCount = 255;
/// Words of one of a core's descriptors (AM025: 14 bits).
constexpr int64_t kMostCoreWords = 16383;
/// Blocks of so many words that one of them can drop.
int64_t blocksDropped(int64_t words) { return kMostCoreWords / words; }
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
  adf::PhaseMode mode = plan.stays() ? adf::PhaseMode::Load : adf::PhaseMode::Once;
  auto phase = adf::PhaseOp::create(
      builder, loc, table.unique("load"), adf::PhaseModeAttr::get(builder.getContext(), mode),
      builder.getStringAttr("weights"), builder.getI64IntegerAttr(0), plan.segment);
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
    if (sharesStream(part)) {
      if (failed(sendKept(part, memory, window)))
        return failure();
      continue;
    }
    for (int64_t i = 0; i < part.groups * plan.stages[part.stage].stage.getCascade(); ++i)
      if (failed(sendBlocks(part, memory, window, i)))
        return failure();
  }
  return success();
}

/// Whether all cores of a part get their weights in one stream, as a column has few: those that
/// keep them do, where a descriptor can drop what is other cores'.
bool PipelineBuilder::sharesStream(const WeightsPart &part) const {
  const StagePlan &stage = plan.stages[part.stage];
  if (!stage.keepsWeights())
    return false;
  int64_t words = stage.layer.weightsBytes / 4, most = blocksDropped(words);
  for (int64_t block = 1; block < std::min(part.groups * stage.stage.getCascade(), most + 1);
       ++block)
    if (!scrapPattern(block * words, kMostCoreCount))
      return false;
  return most > 0;
}

/// Once to all cores, one behind the other: each takes its own and drops the others'.
LogicalResult PipelineBuilder::sendKept(const WeightsPart &part, Value memory, Value window) {
  const StagePlan &stage = plan.stages[part.stage];
  int64_t words = stage.layer.weightsBytes / 4;
  SmallVector<std::pair<const CoreMemory *, int64_t>> cores;
  for (auto [i, core] : llvm::enumerate(stages[part.stage].cores)) {
    int64_t block = blockOf(part, i);
    if (block >= 0 && block < part.bytes() / 4 / words)
      cores.push_back({&core, block});
  }
  auto targets = llvm::map_to_vector(cores, [](const auto &core) { return core.first->tile; });
  StringAttr stream = makeStream(weightsName(stage), memory, targets);
  if (failed(addBD(makeTask(memory, adf::Direction::MM2S, stream), window, nullptr,
                   AccessPattern(0).dim(part.bytes() / 4, 1))))
    return failure();
  for (auto [core, block] : cores) {
    adf::DMAOp receive =
        makeTask(core->tile, adf::Direction::S2MM, stream, /*repeat=*/1, kWeightsChannel);
    int64_t after = part.bytes() / 4 / words - block - 1;
    Value scrap = makeScrap(*core, words, std::max(block, after));
    if (scrap)
      scrap.getDefiningOp()->moveBefore(receive);
    if (failed(drop(receive, scrap, words, block)) ||
        failed(addBD(receive, core->weights, nullptr, AccessPattern(0).dim(words, 1),
                     {acquire(LockKind::Empty), release(LockKind::Full), {}})) ||
        failed(drop(receive, scrap, words, after)))
      return failure();
  }
  return success();
}

/// What other cores' blocks go to, at most `blocks` one behind the other; null where there are
/// none.
Value PipelineBuilder::makeScrap(const CoreMemory &core, int64_t words, int64_t blocks) {
  int64_t bytes = 0;
  for (int64_t count = 1; count <= std::min(blocks, blocksDropped(words)); ++count)
    bytes = std::max(bytes, scrapPattern(count * words, kMostCoreCount)->second);
  return bytes ? makeWindow(core.tile, /*depth=*/1, bytes) : Value();
}

/// So many blocks go to scrap, as many at a time as a descriptor can take.
LogicalResult PipelineBuilder::drop(adf::DMAOp receive, Value scrap, int64_t words,
                                    int64_t blocks) {
  for (int64_t done = 0, count = 0; done < blocks; done += count) {
    count = std::min(blocks - done, blocksDropped(words));
    if (failed(addBD(receive, scrap, nullptr, scrapPattern(count * words, kMostCoreCount)->first)))
      return failure();
  }
  return success();
}

/// Of a part's blocks of cores, number of the one that core `core` of a stage reads.
int64_t PipelineBuilder::blockOf(const WeightsPart &part, size_t core) const {
  const StagePlan &stage = plan.stages[part.stage];
  size_t cascade = stage.cascade(), groups = stage.layer.channelGroups.size();
  auto block = static_cast<int64_t>(core / cascade % groups * cascade + core % cascade);
  return block - part.firstGroup * stage.stage.getCascade();
}

std::string PipelineBuilder::weightsName(const StagePlan &stage) {
  adf::KernelOpInterface op = stage.layer.op;
  return table.unique((op.getLayer() + ".kept").str()).getValue().str();
}

/// To the cores that read block `block` of a part: once, where they keep it, else for each tile of
/// each image.
LogicalResult PipelineBuilder::sendBlocks(const WeightsPart &part, Value memory, Value window,
                                          int64_t block) {
  const StagePlan &stage = plan.stages[part.stage];
  const LayerPlan &layer = stage.layer;
  SmallVector<const CoreMemory *> cores;
  for (auto [i, core] : llvm::enumerate(stages[part.stage].cores))
    if (blockOf(part, i) == block)
      cores.push_back(&core);
  auto targets = llvm::map_to_vector(cores, [](const CoreMemory *core) { return core->tile; });
  StringAttr stream = makeStream(weightsName(stage), memory, targets);
  int64_t times = stage.keepsWeights() ? 1 : plan.batch * layer.spatialTiles;
  int64_t words = part.groupBytes / stage.stage.getCascade() / 4;
  // Nothing would hold it back at the end of a segment, so that it has one: it is pushed bit by
  // bit.
  bool token = !plan.stays() && times > mostRuns(adf::TileKind::Mem);
  adf::DMAOp send =
      makeTask(memory, adf::Direction::MM2S, stream, times, /*channel=*/std::nullopt, token);
  if (failed(addBD(send, window, nullptr, AccessPattern(block * words).dim(words, 1))))
    return failure();
  for (const CoreMemory *core : cores) {
    adf::DMAOp receive = makeTask(core->tile, adf::Direction::S2MM, stream,
                                  times * stage.chunksPerCore(), kWeightsChannel);
    if (failed(addBD(receive, core->weights, nullptr,
                     AccessPattern(0).dim(layer.weightsBytes / 4, 1),
                     {acquire(LockKind::Empty), release(LockKind::Full), {}})))
      return failure();
  }
  return success();
}
