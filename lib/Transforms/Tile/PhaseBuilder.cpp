//===- PhaseBuilder.cpp - one phase of a tiled program --------------------===//
#include "Transforms/Tile/PhaseBuilder.h"
#include "Transforms/Tile/CoreProgram.h"
#include "Transforms/Tile/WeightStream.h"
#include "adfc/spec/devices.h"

using namespace mlir;
using namespace adfc;
using adf::ceilDiv;

namespace {

/// Streams that one memory tile serves, and cores whose output it collects, unless the schedule
/// says otherwise: with its own transfers from and to DDR, that is within its six channels in each
/// direction (AM020).
constexpr int64_t kDefaultPerMemtile = 4;
/// DMA channels of a core: S2MM 0 receives activations, S2MM 1 weights, MM2S 0 sends the output.
constexpr int64_t kActChannel = 0, kWeightsChannel = 1, kOutChannel = 0;
/// What a lock can count to (AM025: 6 bits).
constexpr int64_t kMaxLock = 63;

/// How many of `count` groups (which = 0) or cores (1) share a memory tile.
int64_t perMemtile(adf::ScheduleAttr schedule, unsigned which, int64_t count, int64_t fallback) {
  if (DenseI64ArrayAttr memtiles = schedule.getMemtiles())
    return ceilDiv(count, memtiles[which]);
  return std::max<int64_t>(1, fallback);
}

} // namespace

PhaseBuilder::PhaseBuilder(OpBuilder builder, const LayerPlan &plan, const adfc_device &device,
                           PhaseSymbols symbols, int64_t round)
    : builder(builder), plan(plan), device(device), symbols(std::move(symbols)),
      groups(
          ArrayRef(plan.groups).slice(round * plan.groupsPerRound).take_front(plan.groupsPerRound)),
      loc(adf::KernelOpInterface(plan.op).getLoc()) {}

LogicalResult PhaseBuilder::build() {
  adf::KernelOpInterface op = plan.op;
  // The multiply-accumulates of a round are its share of the rows.
  int64_t rows = groups.back().firstRow + groups.back().validRows - groups.front().firstRow;
  auto phase =
      adf::PhaseOp::create(builder, loc, symbols.phase,
                           adf::PhaseModeAttr::get(builder.getContext(), adf::PhaseMode::Once),
                           builder.getStringAttr(op.getLayer()),
                           builder.getI64IntegerAttr(op.getMacs() / plan.output.rows * rows),
                           /*segment=*/IntegerAttr());
  builder.setInsertionPointToStart(&phase.getBody().emplaceBlock());
  makeCores();
  if (failed(makeActivations()) || failed(makeWeights()) || failed(makeOutputs()))
    return failure();
  makePrograms();
  return success();
}

void PhaseBuilder::makeCores() {
  auto window = [&](Value tile, unsigned which, int64_t bytes) -> Value {
    if (!bytes)
      return nullptr;
    return makeWindow(tile, plan.depth(which), bytes);
  };
  for (size_t i = 0, e = groups.size() * plan.channelGroups.size(); i < e; ++i) {
    CoreMemory core;
    core.tile = makeTile(adf::TileKind::Core);
    for (unsigned operand = 0; operand < plan.operands; ++operand)
      core.acts.push_back(window(core.tile, 0, plan.actBytes));
    core.weights = window(core.tile, 1, plan.weightsBytes);
    core.out = window(core.tile, 2, plan.outBytes);
    if (plan.accBytes)
      core.accumulator =
          adf::BufferOp::create(builder, loc, adf::BufferType::get(builder.getContext()), core.tile,
                                plan.accBytes, /*address=*/IntegerAttr(),
                                /*live=*/DenseI64ArrayAttr());
    cores.push_back(core);
  }
}

//===- activations --------------------------------------------------------===//

LogicalResult PhaseBuilder::makeActivations() {
  int64_t groupsPerSlab =
      perMemtile(plan.schedule, 0, groups.size(), kDefaultPerMemtile / plan.streamsPerGroup());
  for (int64_t first = 0, slab = 0, e = groups.size(); first < e; first += groupsPerSlab, ++slab)
    if (failed(makeSlab(groups.slice(first).take_front(groupsPerSlab), first, slab)))
      return failure();
  return success();
}

LogicalResult PhaseBuilder::makeSlab(ArrayRef<SpatialGroup> members, int64_t firstGroup,
                                     int64_t slab) {
  int64_t begin = plan.input.rows, end = 0;
  for (const SpatialGroup &group : members) {
    begin = std::min(begin, group.inputBegin);
    end = std::max(end, group.inputEnd);
  }
  int64_t words = (end - begin) * plan.input.cols * plan.input.channels / 4;
  int64_t given = device.tiles[AIEML_TILE_MEM].data_bytes, needed = 4 * words * plan.operands;
  if (needed > given)
    return refuse() << "needs " << needed << " bytes of a memory tile's " << given
                    << " for input rows, " << needed - given
                    << " bytes over: use more 'memtiles' or more 'rounds'";

  Value memory = makeTile(adf::TileKind::Mem);
  SmallVector<Value> slabs;
  for (unsigned operand = 0; operand < plan.operands; ++operand)
    slabs.push_back(makeWindow(memory, /*depth=*/1, words * 4));
  // Each stream waits once for each run of its chain.
  int64_t waits = members.size() * plan.streamsPerGroup() * plan.channelTiles;
  if (waits > kMaxLock)
    return refuse() << "waits " << waits
                    << " times for a memory tile's input rows, but a lock counts to " << kMaxLock
                    << ": use more 'memtiles' or larger tiles of output channels";
  if (failed(fillSlab(memory, slabs, slab, begin, words, waits)))
    return failure();
  for (auto [i, group] : llvm::enumerate(members))
    for (int64_t which = 0; which < plan.streamsPerGroup(); ++which) {
      int64_t s = firstGroup + i;
      SmallVector<const CoreMemory *> receivers;
      for (size_t c = 0; c < plan.channelGroups.size(); ++c)
        if (!plan.channelwise || static_cast<int64_t>(c) == which)
          receivers.push_back(&core(s, c));
      auto targets =
          llvm::map_to_vector(receivers, [](const CoreMemory *core) { return core->tile; });
      StringAttr stream =
          makeStream("act" + Twine(s * plan.streamsPerGroup() + which), memory, targets);
      int64_t channel = plan.channelwise ? plan.channelGroups[which].firstChannel : 0;
      if (failed(sendWindows(memory, slabs, begin, group, channel, stream)))
        return failure();
      for (const CoreMemory *receiver : receivers)
        if (failed(receiveWindows(*receiver, stream)))
          return failure();
    }
  return success();
}

LogicalResult PhaseBuilder::fillSlab(Value memory, ArrayRef<Value> slabs, int64_t index,
                                     int64_t firstRow, int64_t words, int64_t waits) {
  Value shim = makeTile(adf::TileKind::Shim);
  StringAttr stream = makeStream("in" + Twine(index), shim, memory);
  int64_t pixel = plan.input.channels / 4, rows = words / (plan.input.cols * pixel);
  adf::DMAOp read = makeTask(shim, adf::Direction::MM2S, stream);
  for (const auto &[ddr, at] : symbols.inputs)
    if (failed(addBD(read, ddr,
                     AccessPattern(at.offset + firstRow * at.row)
                         .dim(pixel, 1)
                         .dim(plan.input.cols, at.pixel)
                         .dim(rows, at.row))))
      return failure();
  adf::DMAOp write = makeTask(memory, adf::Direction::S2MM, stream);
  for (Value slab : slabs)
    if (failed(addBD(write, slab, AccessPattern(0).dim(words, 1),
                     {nullptr, add(adf::LockKind::Full, waits), {}})))
      return failure();
  return success();
}

AccessPattern PhaseBuilder::windowPattern(const SpatialTile &tile, int64_t slabRow,
                                          int64_t firstChannel) const {
  int64_t pixel = plan.input.channels / 4, row = plan.input.cols * pixel;
  int64_t channels = plan.windowChannels / 4;
  AccessPattern pattern((tile.rows.first - slabRow) * row + tile.cols.first * pixel +
                        firstChannel / 4);
  pattern.dim(channels, 1)
      .padded(tile.cols.count, tile.cols.step * pixel, tile.cols.before, tile.cols.after)
      .padded(tile.rows.count, tile.rows.step * row, tile.rows.before, tile.rows.after)
      .dim(plan.chunks, channels);
  return pattern;
}

LogicalResult PhaseBuilder::sendWindows(Value memory, ArrayRef<Value> slabs, int64_t slabRow,
                                        const SpatialGroup &group, int64_t firstChannel,
                                        StringAttr stream) {
  Handshake handshake{atLeast(adf::LockKind::Full, 1), nullptr, {}};
  // For a channelwise kernel each repetition sends the next channels, otherwise all are sent again.
  if (plan.channelwise && plan.channelTiles > 1)
    handshake.iteration = {plan.channelTiles, plan.windowChannels / 4};
  adf::DMAOp task = makeTask(memory, adf::Direction::MM2S, stream, plan.channelTiles);
  for (const SpatialTile &tile : group.tiles) {
    for (Value slab : slabs)
      if (failed(addBD(task, slab, windowPattern(tile, slabRow, firstChannel), handshake)))
        return failure();
    // The slab stays once it is there: the first tile of the chain has waited for it.
    handshake.acquire = nullptr;
  }
  return success();
}

LogicalResult PhaseBuilder::receiveWindows(const CoreMemory &core, StringAttr stream) {
  int64_t calls = plan.channelTiles * plan.spatialTiles * plan.chunks;
  adf::DMAOp task = makeTask(core.tile, adf::Direction::S2MM, stream, calls, kActChannel);
  for (Value act : core.acts)
    if (failed(addBD(task, act, AccessPattern(0).dim(plan.actBytes / 4, 1),
                     {atLeast(adf::LockKind::Empty, 1), add(adf::LockKind::Full, 1), {}})))
      return failure();
  return success();
}

//===- weights ------------------------------------------------------------===//

LogicalResult PhaseBuilder::makeWeights() {
  WeightStream weights(plan, symbols.streamed);
  if (!weights.exists())
    return success();
  for (size_t c = 0; c < plan.channelGroups.size(); ++c) {
    Value shim = makeTile(adf::TileKind::Shim);
    SmallVector<Value> targets;
    for (size_t s = 0; s < groups.size(); ++s)
      targets.push_back(core(s, c).tile);
    StringAttr stream = makeStream("weights" + Twine(c), shim, targets);
    SmallVector<WeightStream::Task> tasks = weights.tasks(c);
    // Tasks are queued before the phase starts; AM025: the queue holds 4.
    if (tasks.size() > 4)
      return refuse() << "sends its weights again for each of " << plan.spatialTiles
                      << " spatial tiles, for " << tasks.size()
                      << " tiles of output channels: at most 4 are possible; use larger tiles";
    for (const WeightStream::Task &task : tasks)
      if (failed(addBD(makeTask(shim, adf::Direction::MM2S, stream, task.repeat), symbols.weights,
                       task.pattern)))
        return failure();
    for (size_t s = 0; s < groups.size(); ++s) {
      adf::DMAOp task = makeTask(core(s, c).tile, adf::Direction::S2MM, stream, weights.blocks(),
                                 kWeightsChannel);
      if (failed(addBD(task, core(s, c).weights, AccessPattern(0).dim(plan.weightsBytes / 4, 1),
                       {atLeast(adf::LockKind::Empty, 1), add(adf::LockKind::Full, 1), {}})))
        return failure();
    }
  }
  return success();
}

//===- outputs ------------------------------------------------------------===//

LogicalResult PhaseBuilder::makeOutputs() {
  if (plan.channelTiles > kMaxLock)
    return refuse() << "has " << plan.channelTiles
                    << " tiles of output channels for a core, but at most " << kMaxLock
                    << " are possible: make them larger";
  int64_t count = cores.size(), perJoin = perMemtile(plan.schedule, 1, count, kDefaultPerMemtile);
  for (int64_t first = 0, join = 0; first < count; first += perJoin, ++join)
    if (failed(makeJoin(first, std::min(first + perJoin, count), join)))
      return failure();
  return success();
}

LogicalResult PhaseBuilder::makeJoin(int64_t firstCore, int64_t endCore, int64_t join) {
  int64_t bytes = plan.rowsPerGroup * plan.paddedCols * plan.channelsPerGroup;
  int64_t given = device.tiles[AIEML_TILE_MEM].data_bytes, needed = bytes * (endCore - firstCore);
  if (needed > given)
    return refuse() << "needs " << needed << " bytes of a memory tile's " << given
                    << " for the output of " << endCore - firstCore << " cores, " << needed - given
                    << " bytes over: use more 'memtiles' or more 'rounds'";
  Value memory = makeTile(adf::TileKind::Mem);
  SmallVector<Value> parts;
  for (int64_t i = firstCore; i < endCore; ++i)
    parts.push_back(makeWindow(memory, /*depth=*/1, bytes));
  for (int64_t i = firstCore; i < endCore; ++i)
    if (failed(collectPart(cores[i], memory, parts[i - firstCore], i)))
      return failure();
  return drainParts(memory, parts, firstCore, join);
}

LogicalResult PhaseBuilder::collectPart(const CoreMemory &core, Value memory, Value part,
                                        int64_t index) {
  StringAttr stream = makeStream("out" + Twine(index), core.tile, memory);
  adf::DMAOp send = makeTask(core.tile, adf::Direction::MM2S, stream,
                             plan.channelTiles * plan.spatialTiles, kOutChannel);
  if (failed(addBD(send, core.out, AccessPattern(0).dim(plan.outBytes / 4, 1),
                   {atLeast(adf::LockKind::Full, 1), add(adf::LockKind::Empty, 1), {}})))
    return failure();

  // One run for each tile of output channels: column strips, each from top to bottom.
  int64_t channels = plan.tile.outChannels / 4, pixel = plan.channelsPerGroup / 4;
  AccessPattern pattern(0);
  pattern.dim(channels, 1)
      .dim(plan.tile.cols, pixel)
      .dim(plan.rowsPerGroup, plan.paddedCols * pixel)
      .dim(plan.paddedCols / plan.tile.cols, plan.tile.cols * pixel);
  Handshake handshake{nullptr, add(adf::LockKind::Full, 1), {}};
  if (plan.channelTiles > 1)
    handshake.iteration = {plan.channelTiles, channels};
  adf::DMAOp receive = makeTask(memory, adf::Direction::S2MM, stream, plan.channelTiles);
  return addBD(receive, part, pattern, handshake);
}

LogicalResult PhaseBuilder::drainParts(Value memory, ArrayRef<Value> parts, int64_t firstCore,
                                       int64_t join) {
  Value shim = makeTile(adf::TileKind::Shim);
  StringAttr stream = makeStream("drain" + Twine(join), memory, shim);
  adf::DMAOp send = makeTask(memory, adf::Direction::MM2S, stream);
  adf::DMAOp write =
      makeTask(shim, adf::Direction::S2MM, stream, /*repeat=*/1, std::nullopt, /*token=*/true);
  for (auto [i, part] : llvm::enumerate(parts)) {
    const SpatialGroup &group = groups[(firstCore + i) / plan.channelGroups.size()];
    const ChannelGroup &channels = plan.channelGroups[(firstCore + i) % plan.channelGroups.size()];
    // Only what is inside the output: cut here, so that it never reaches DDR.
    auto pattern = [&](int64_t offset, int64_t pixel, int64_t row) {
      AccessPattern pattern(offset);
      return pattern.dim(channels.validChannels / 4, 1)
          .dim(plan.output.cols, pixel)
          .dim(group.validRows, row);
    };
    int64_t partPixel = plan.channelsPerGroup / 4;
    const auto &[ddr, at] = symbols.output;
    int64_t first = at.offset + group.firstRow * at.row + channels.firstChannel / 4;
    Handshake handshake{atLeast(adf::LockKind::Full, plan.channelTiles), nullptr, {}};
    if (failed(addBD(send, part, pattern(0, partPixel, plan.paddedCols * partPixel), handshake)) ||
        failed(addBD(write, ddr, pattern(first, at.pixel, at.row))))
      return failure();
  }
  return success();
}

void PhaseBuilder::makePrograms() {
  for (auto [i, core] : llvm::enumerate(cores))
    makeCoreProgram(builder, plan, groups[i / plan.channelGroups.size()], core,
                    {symbols.kernel, {}});
}

//===- building blocks ----------------------------------------------------===//

InFlightDiagnostic PhaseBuilder::refuse() {
  adf::KernelOpInterface op = plan.op;
  return op->emitOpError() << "\"" << op.getLayer() << "\" ";
}

Value PhaseBuilder::makeTile(adf::TileKind kind) {
  return adf::TileOp::create(builder, loc, adf::TileType::get(builder.getContext()), kind,
                             /*col=*/IntegerAttr(), /*row=*/IntegerAttr());
}

Value PhaseBuilder::makeWindow(Value tile, int64_t depth, int64_t bytes) {
  return adf::WindowOp::create(builder, loc, adf::WindowType::get(builder.getContext()), tile,
                               depth, bytes, /*address=*/IntegerAttr(), /*stride=*/IntegerAttr(),
                               /*locks=*/DenseI64ArrayAttr(), /*live=*/DenseI64ArrayAttr());
}

StringAttr PhaseBuilder::makeStream(const Twine &name, Value from, ValueRange to) {
  StringAttr symbol = builder.getStringAttr(name);
  adf::StreamOp::create(builder, loc, symbol, from, to);
  return symbol;
}

adf::DMAOp PhaseBuilder::makeTask(Value tile, adf::Direction direction, StringAttr stream,
                                  int64_t repeat, std::optional<int64_t> channel, bool token) {
  auto number = channel ? builder.getI64IntegerAttr(*channel) : IntegerAttr();
  auto task = adf::DMAOp::create(builder, loc, tile, direction, number, stream, repeat, token,
                                 /*packets=*/false, /*endless=*/false, /*step=*/IntegerAttr(),
                                 /*awaits=*/adf::AwaitAttr());
  task.getBody().emplaceBlock();
  return task;
}

LogicalResult PhaseBuilder::addBD(adf::DMAOp task, Value window, AccessPattern pattern,
                                  const Handshake &handshake) {
  return createBD(task, window, nullptr, std::move(pattern), handshake);
}

LogicalResult PhaseBuilder::addBD(adf::DMAOp task, StringAttr ddr, AccessPattern pattern) {
  return createBD(task, nullptr, ddr, std::move(pattern), {});
}

LogicalResult PhaseBuilder::createBD(adf::DMAOp task, Value window, StringAttr ddr,
                                     AccessPattern pattern, const Handshake &handshake) {
  adf::TileKind kind = task.getTile().getDefiningOp<adf::TileOp>().getKind();
  const adfc_tile &tile = limitsOf(device, kind);
  std::string why = pattern.legalize(tile);
  if (!why.empty())
    return refuse() << "needs a buffer descriptor that a " << stringifyTileKind(kind)
                    << " tile cannot have, for stream " << task.getStream() << ": " << why;
  // A task runs at most 256 times, and four can be queued (AM025).
  int64_t maxRepeat = 4 * (int64_t(1) << tile.repeat_bits);
  if (task.getRepeat() > static_cast<uint64_t>(maxRepeat))
    return refuse() << "repeats a transfer " << task.getRepeat() << " times for stream "
                    << task.getStream() << ", but at most " << maxRepeat
                    << " times are possible: use larger tiles";
  auto bds = OpBuilder::atBlockEnd(&task.getBody().front());
  adfc::createBD(bds, loc, window, ddr, pattern, handshake);
  return success();
}

adf::AcquireAttr PhaseBuilder::atLeast(adf::LockKind lock, int64_t value) {
  return adf::AcquireAttr::get(builder.getContext(), lock, /*equal=*/false, value);
}
adf::ReleaseAttr PhaseBuilder::add(adf::LockKind lock, int64_t value) {
  return adf::ReleaseAttr::get(builder.getContext(), lock, value);
}
