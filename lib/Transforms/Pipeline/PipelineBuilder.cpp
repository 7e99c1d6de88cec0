//===- PipelineBuilder.cpp - stages, and what they send to their cores ----===//
#include "Transforms/Pipeline/PipelineBuilder.h"
#include "Transforms/Tile/CoreProgram.h"
#include "adfc/spec/devices.h"

using namespace mlir;
using namespace adfc;
using adf::LockKind;

LogicalResult PipelineBuilder::build() {
  if (failed(placeWeights()) || failed(makeLoadPhases()))
    return failure();
  int64_t macs = 0;
  for (const StagePlan &stage : plan.stages)
    macs += stage.layer.macs();
  StringAttr name = table.unique("pipeline");
  adf::PhaseMode mode = plan.stays() ? adf::PhaseMode::Pipeline : adf::PhaseMode::Once;
  auto phase =
      adf::PhaseOp::create(builder, loc, name, adf::PhaseModeAttr::get(builder.getContext(), mode),
                           name, builder.getI64IntegerAttr(plan.batch * macs), plan.segment);
  builder.setInsertionPointToStart(&phase.getBody().emplaceBlock());
  if (plan.stays())
    makeStep(phase);
  for (const StagePlan &stage : plan.stages)
    makeStage(stage);
  if (failed(makeSlabs()) || failed(gatherInputs()))
    return failure();
  for (const PipelineTensor &tensor : plan.tensors)
    for (size_t lane = 0; lane < tensor.lanes.size(); ++lane)
      if (failed(carry(tensor, lane)))
        return failure();
  for (size_t stage = 0; stage < plan.stages.size(); ++stage)
    if (failed(sendWindows(stage)))
      return failure();
  if (failed(sendWeights()))
    return failure();
  for (auto [stage, made] : llvm::zip_equal(plan.stages, stages))
    makePrograms(stage, made);
  return success();
}

/// All that an inference does: its inputs come, and its outputs leave.
void PipelineBuilder::makeStep(adf::PhaseOp phase) {
  size_t cores = 0;
  for (const StagePlan &stage : plan.stages)
    cores += stage.cores();
  adf::KernelOpInterface last = plan.stages.back().layer.op;
  adf::StepOp::create(builder, loc, phase.getLayerAttr(), builder.getStringAttr(last.getKind()),
                      phase.getMacsAttr(), builder.getI64IntegerAttr(static_cast<int64_t>(cores)));
}

/// The sums of a core of the grid go over the cascade from each of its cores to the next.
void PipelineBuilder::makePrograms(const StagePlan &stage, const Stage &made) {
  LayerPlan each = stage.layer;
  each.chunks = stage.chunksPerCore();
  size_t cascade = stage.cascade(), channelGroups = each.channelGroups.size();
  CoreKernels called{kernels.get(each), kernels.getTail(each)};
  CascadePlace place;
  if ((place.handover = stage.stage.getHandover())) {
    DictionaryAttr config = builder.getDictionaryAttr(
        builder.getNamedAttr("count", builder.getI64IntegerAttr(each.accBytes)));
    place.copy = kernels.get(each.op.getLoc(), "copy", config);
    // Sums of 64 bits are copied only.
    if (each.chunks > 1 && !each.op.getElementBytes().wide())
      place.add = kernels.get(each.op.getLoc(), "add_sums", config);
  }
  Value link;
  for (auto [i, core] : llvm::enumerate(made.cores)) {
    place.in = i % cascade ? link : Value();
    place.out = {};
    if ((i + 1) % cascade) {
      link = adf::CascadeOp::create(builder, loc, adf::CascadeType::get(builder.getContext()),
                                    core.tile, made.cores[i + 1].tile,
                                    adf::roundUp(each.accBytes, 64));
      place.out = link;
    }
    makeCoreProgram(builder, each, each.groups[i / cascade / channelGroups], core, called,
                    {plan.batch, plan.stays()}, place);
  }
}

void PipelineBuilder::makeStage(const StagePlan &stage) {
  const LayerPlan &layer = stage.layer;
  Stage made;
  size_t cascade = stage.cascade();
  made.cores.resize(stage.cores());
  for (auto [i, core] : llvm::enumerate(made.cores))
    core.tile = makeTile(adf::TileKind::Core, pairAt(stage.stage.getCores(), i));
  SmallVector<size_t> senders = stage.senders();
  for (auto [i, core] : llvm::enumerate(made.cores)) {
    for (unsigned operand = 0; operand < layer.operands; ++operand)
      core.acts.push_back(makeWindow(core.tile, layer.depth(0), layer.actBytes));
    if (layer.weightsBytes)
      core.weights = makeWindow(core.tile, layer.depth(1), layer.weightsBytes);
    // What another one sends is in that one's memory, which its neighbours reach.
    if ((i + 1) % cascade == 0)
      core.out = makeWindow(made.cores[stage.lastOf(senders[i / cascade])].tile, layer.depth(2),
                            layer.outBytes);
    if (layer.accBytes && (cascade == 1 || stage.stage.getHandover()))
      core.accumulator = makeBuffer(core.tile, layer.accBytes);
    if (layer.betweenBytes)
      core.between = makeBuffer(core.tile, layer.betweenBytes);
  }
  made.slabs.resize(layer.operands);
  stages.push_back(std::move(made));
}

//===- windows ------------------------------------------------------------===//

LogicalResult PipelineBuilder::sendWindows(size_t index) {
  const StagePlan &stage = plan.stages[index];
  const Stage &made = stages[index];
  size_t channelGroups = stage.layer.channelGroups.size(), perGroup = stage.slabsPerGroup();
  size_t cores = channelGroups * stage.cascade();
  for (unsigned operand = 0; operand < stage.layer.operands; ++operand)
    for (auto [i, slab] : llvm::enumerate(made.slabs[operand])) {
      size_t group = i / perGroup, first = group * cores;
      SmallVector<const CoreMemory *> receivers;
      // A part is of one group of channels, or of one core of each cascade.
      for (size_t c = i % perGroup; c < cores; c += perGroup)
        receivers.push_back(&made.cores[first + c]);
      if (failed(sendSlab(stage, slab, group, operand, receivers)))
        return failure();
    }
  return success();
}

/// The windows of `tile`, and of `more` that follow it `rowsApart` below each other.
AccessPattern PipelineBuilder::windowPattern(const StagePlan &stage, const Slab &slab,
                                             const SpatialTile &tile, int64_t more,
                                             int64_t rowsApart) const {
  const LayerPlan &layer = stage.layer;
  bool inParts = stage.slabsPerGroup() > 1;
  int64_t pixel = (inParts ? slab.part.channels() : layer.input.channels) / 4;
  int64_t row = layer.input.cols * pixel, channels = layer.windowChannels / 4;
  // In another shape than the maker's, all is there.
  int64_t firstRow = tile.rows.first - slab.part.firstRow;
  AccessPattern pattern(firstRow * row + tile.cols.first * pixel);
  pattern.dim(channels, 1)
      .padded(tile.cols.count, tile.cols.step * pixel, tile.cols.before, tile.cols.after)
      .padded(tile.rows.count, tile.rows.step * row, tile.rows.before, tile.rows.after);
  if (stage.chunksPerCore() > 1)
    pattern.dim(stage.chunksPerCore(), channels);
  if (more)
    pattern.dim(more + 1, rowsApart * row);
  return pattern;
}

/// Tiles that read as much, at equal distances, are one descriptor's.
LogicalResult PipelineBuilder::sendSlab(const StagePlan &stage, const Slab &slab, size_t group,
                                        unsigned operand, ArrayRef<const CoreMemory *> receivers) {
  const LayerPlan &layer = stage.layer;
  auto targets = llvm::map_to_vector(receivers, [](const CoreMemory *core) { return core->tile; });
  std::string name = adf::KernelOpInterface(layer.op).getLayer().str() + ".act" +
                     std::to_string(operand) + "_" + std::to_string(group);
  StringAttr stream = makeStream(table.unique(name).getValue(), slab.tile, targets);
  adf::DMAOp task =
      makeTask(slab.tile, adf::Direction::MM2S, stream, plan.batch * slab.bands.runs());
  for (const Send &send : sendsOf(stage, slab.tiles, slab.bands)) {
    Handshake handshake{send.acquires ? acquire(LockKind::Full, send.acquires) : nullptr,
                        send.releases ? release(LockKind::Empty, send.releases) : nullptr,
                        imagesOf(slab)};
    AccessPattern pattern =
        windowPattern(stage, slab, slab.tiles[send.first],
                      static_cast<int64_t>(send.end - send.first) - 1, send.rowsApart);
    if (failed(addBD(task, slab.window, nullptr, pattern, handshake)))
      return failure();
  }
  for (const CoreMemory *core : receivers)
    if (failed(receiveWindows(stage, *core, operand, stream)))
      return failure();
  return success();
}

/// Where bands have places of their own, descriptors go from image to image; else round the ring.
SmallVector<int64_t, 2> PipelineBuilder::imagesOf(const Slab &slab) {
  if (slab.bands.chains() == 1)
    return {};
  auto window = slab.window.getDefiningOp<adf::WindowOp>();
  int64_t images = static_cast<int64_t>(window.getDepth()) / slab.bands.count;
  int64_t words = slab.bands.count * static_cast<int64_t>(window.getBytes()) / 4;
  return {images, images > 1 ? words : 0};
}

LogicalResult PipelineBuilder::receiveWindows(const StagePlan &stage, const CoreMemory &core,
                                              unsigned operand, StringAttr stream) {
  const LayerPlan &layer = stage.layer;
  adf::DMAOp task = makeTask(core.tile, adf::Direction::S2MM, stream,
                             plan.batch * layer.spatialTiles * stage.chunksPerCore(), operand);
  return addBD(task, core.acts[operand], nullptr, AccessPattern(0).dim(layer.actBytes / 4, 1),
               {acquire(LockKind::Empty), release(LockKind::Full), {}});
}

//===- building blocks ----------------------------------------------------===//

Value PipelineBuilder::makeTile(adf::TileKind kind, TileCoord at) {
  auto number = [&](int value) {
    return at.col < 0 ? IntegerAttr() : builder.getI64IntegerAttr(value);
  };
  return adf::TileOp::create(builder, loc, adf::TileType::get(builder.getContext()), kind,
                             number(at.col), number(at.row));
}

Value PipelineBuilder::makeWindow(Value tile, int64_t depth, int64_t bytes, bool packed) {
  return adf::WindowOp::create(builder, loc, adf::WindowType::get(builder.getContext()), tile,
                               depth, bytes, /*address=*/IntegerAttr(),
                               packed ? builder.getI64IntegerAttr(bytes) : IntegerAttr(),
                               /*locks=*/DenseI64ArrayAttr(), /*live=*/DenseI64ArrayAttr());
}

Value PipelineBuilder::makeBuffer(Value tile, int64_t bytes) {
  return adf::BufferOp::create(builder, loc, adf::BufferType::get(builder.getContext()), tile,
                               bytes, /*address=*/IntegerAttr(), /*live=*/DenseI64ArrayAttr());
}

StringAttr PipelineBuilder::makeStream(const Twine &name, Value from, ValueRange to) {
  StringAttr symbol = builder.getStringAttr(name);
  adf::StreamOp::create(builder, loc, symbol, from, to);
  return symbol;
}

adf::DMAOp PipelineBuilder::makeTask(Value tile, adf::Direction direction, StringAttr stream,
                                     int64_t repeat, std::optional<int64_t> channel, bool token) {
  auto number = channel ? builder.getI64IntegerAttr(*channel) : IntegerAttr();
  auto phase = cast<adf::PhaseOp>(builder.getBlock()->getParentOp());
  adf::TileKind kind = tile.getDefiningOp<adf::TileOp>().getKind();
  bool inStep = phase.stays() && kind == adf::TileKind::Shim;
  bool endless = phase.stays() ? !inStep : !token && repeat > mostRuns(kind);
  auto task = adf::DMAOp::create(builder, loc, tile, direction, number, stream, repeat, token,
                                 /*packets=*/false, endless,
                                 inStep ? builder.getI64IntegerAttr(0) : IntegerAttr(),
                                 /*awaits=*/adf::AwaitAttr());
  task.getBody().emplaceBlock();
  return task;
}

/// Runs that a channel's queue holds: four tasks, of 256 each (AM025).
int64_t PipelineBuilder::mostRuns(adf::TileKind kind) const {
  return int64_t(DeviceModel::queueDepth) << limitsOf(device, kind).repeat_bits;
}

LogicalResult PipelineBuilder::addImages(Value shim, adf::Direction direction, StringAttr stream,
                                         StringAttr ddr, ArrayRef<AccessPattern> patterns,
                                         int64_t words) {
  bool token = direction == adf::Direction::S2MM;
  int64_t tasks = llvm::divideCeil(plan.batch, kMostIterations);
  int64_t bds = tasks * static_cast<int64_t>(patterns.size());
  int64_t most = limitsOf(device, adf::TileKind::Shim).bds;
  if (bds > most)
    return mlir::emitError(loc) << "a shim's stream @" << stream.getValue() << " takes " << bds
                                << " buffer descriptors, of which a shim tile has " << most << ": "
                                << patterns.size() << " for every " << kMostIterations
                                << " images; make 'batch' smaller";
  for (int64_t first = 0; first < plan.batch; first += kMostIterations) {
    int64_t images = std::min(plan.batch - first, kMostIterations);
    adf::DMAOp task = makeTask(shim, direction, stream, images, std::nullopt, token);
    for (const AccessPattern &pattern : patterns)
      if (failed(addBD(task, nullptr, ddr, pattern.moved(first * words),
                       {nullptr, nullptr, {images, words}})))
        return failure();
  }
  return success();
}

LogicalResult PipelineBuilder::addBD(adf::DMAOp task, Value window, StringAttr ddr,
                                     AccessPattern pattern, const Handshake &handshake) {
  adf::TileKind kind = task.getTile().getDefiningOp<adf::TileOp>().getKind();
  const adfc_tile &limits = limitsOf(device, kind);
  std::string why = pattern.legalize(limits);
  if (!why.empty())
    return mlir::emitError(loc) << "a pipelined program needs a buffer descriptor that a "
                                << stringifyTileKind(kind) << " tile cannot have, for stream "
                                << task.getStream() << ": " << why;
  auto bds = OpBuilder::atBlockEnd(&task.getBody().front());
  createBD(bds, loc, window, ddr, pattern, handshake);
  return success();
}

adf::AcquireAttr PipelineBuilder::acquire(LockKind lock, int64_t count) {
  return adf::AcquireAttr::get(builder.getContext(), lock, /*equal=*/false, count);
}
adf::ReleaseAttr PipelineBuilder::release(LockKind lock, int64_t count) {
  return adf::ReleaseAttr::get(builder.getContext(), lock, count);
}
