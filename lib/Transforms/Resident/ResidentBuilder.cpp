//===- ResidentBuilder.cpp ------------------------------------------------===//
#include "Transforms/Resident/ResidentBuilder.h"
#include "adfc/spec/devices.h"

using namespace mlir;
using namespace adfc;
using adf::ceilDiv;
using adf::roundUp;

namespace {

/// S2MM channels of a core.
constexpr int64_t kActChannel = 0, kWeightsChannel = 1;
/// Of a weights tile, in both directions.
constexpr int64_t kTapeChannel = 0;
/// Of a weights tile that is a join too: its S2MM channel for weights, and what they have of memory
/// and locks behind the windows of four cores and of inputs.
constexpr int64_t kSharedChannel = 4, kSharedAddress = 64 * 1024, kSharedLock = 10;

} // namespace

ResidentBuilder::ResidentBuilder(OpBuilder builder, const ResidentPlan &plan,
                                 const adfc_device &device, Floorplan floor, HubLayout layout,
                                 TensorTable &table, KernelTable &kernels)
    : builder(builder), plan(plan), device(device), floor(std::move(floor)),
      layout(std::move(layout)), table(table), kernels(kernels),
      loc(adf::GraphOp(plan.graph).getLoc()) {
  for (int64_t set = 0; set < plan.tapeSets(); ++set)
    for (int64_t i = 0; i < plan.coresPerSet(); ++i)
      tapes.emplace_back(plan, set, i);
}

LogicalResult ResidentBuilder::build() {
  if (failed(makeLoadPhases()))
    return failure();
  int64_t macs = 0;
  for (const StepPlan &step : plan.steps)
    macs += step.macs();
  auto phase =
      adf::PhaseOp::create(builder, loc, table.unique("network"),
                           adf::PhaseModeAttr::get(builder.getContext(), adf::PhaseMode::Resident),
                           builder.getStringAttr(""), builder.getI64IntegerAttr(macs),
                           /*segment=*/IntegerAttr());
  builder.setInsertionPointToStart(&phase.getBody().emplaceBlock());
  makeSteps();
  makeTiles();
  makeCascades();
  makeStreams();
  if (failed(makeEndlessTasks()) || failed(makeInputs()))
    return failure();
  for (auto [i, step] : llvm::enumerate(plan.steps))
    if (failed(makeStep(step, static_cast<int64_t>(i) + 1)))
      return failure();
  for (int64_t set = 0; set < plan.sets(); ++set)
    for (int64_t i = 0; i < plan.coresPerSet(); ++i)
      if (isUsed(set))
        makeProgram(set, i);
  return success();
}

void ResidentBuilder::makeSteps() {
  auto make = [&](Location at, StringRef layer, StringRef kind, int64_t macs, int64_t cores) {
    adf::StepOp::create(builder, at, builder.getStringAttr(layer), builder.getStringAttr(kind),
                        builder.getI64IntegerAttr(macs), builder.getI64IntegerAttr(cores));
  };
  make(plan.steps.front().loc(), "input", "copy", 0, 0);
  for (const StepPlan &step : plan.steps) {
    adf::KernelOpInterface head = step.head, tail = step.tail;
    std::string layer = head.getLayer().str();
    if (tail)
      layer += (" + " + tail.getLayer()).str();
    make(step.loc(), layer, head.getKind(), step.macs(),
         step.groups * step.gridChannels * step.shares());
  }
}

void ResidentBuilder::makeTiles() {
  const adfc_tile &memory = limitsOf(device, adf::TileKind::Mem);
  for (TileCoord at : floor.hubs) {
    hubs.push_back(makeTile(adf::TileKind::Mem, at));
    for (auto &[value, tensor] : layout.tensors)
      hubWindows[value].push_back(makeWindow(hubs.back(), 1, tensor.bytes(), tensor.address,
                                             tensor.lock, {tensor.first, tensor.last}));
    if (layout.scrap)
      scraps.push_back(makeWindow(hubs.back(), 1, layout.scrap, memory.data_bytes - layout.scrap,
                                  memory.locks - 2));
  }
  int64_t act = roundUp(plan.resident.getActivations(), kResidentAlignment);
  int64_t ring = plan.quantumBytes() * plan.weightDepth();
  int64_t out = roundUp(plan.resident.getOutput(), kResidentAlignment);
  for (const CoreSite &site : floor.cores) {
    ResidentCore core;
    core.tile = makeTile(adf::TileKind::Core, site.core);
    int64_t all = plan.resident.getBuffers() * act;
    core.activations = makeWindow(core.tile, plan.resident.getBuffers(), act, 0, 0);
    core.weights = makeWindow(core.tile, plan.weightDepth(), plan.quantumBytes(), all, 2);
    core.out = makeWindow(core.tile, 1, plan.resident.getOutput(), all + ring, 4);
    core.scratch = roundUp(all + ring + out, kResidentAlignment);
    cores.push_back(core);
  }
  for (TileCoord at : floor.joins) {
    Join join;
    join.tile = makeTile(adf::TileKind::Mem, at);
    for (int64_t i = 0; i < plan.coresPerSet(); ++i)
      join.parts.push_back(makeWindow(join.tile, 1, plan.resident.getOutput(), i * out, 2 * i));
    joins.push_back(join);
  }
  for (ArrayRef<int> helpers : floor.helpers)
    for (int join : helpers)
      ++joins[join].helps;
}

void ResidentBuilder::makeStreams() {
  for (int64_t set = 0; set < plan.sets(); ++set) {
    SmallVector<Value> members;
    for (int64_t i = 0; i < plan.coresPerSet(); ++i)
      members.push_back(core(set, i).tile);
    acts.push_back(isUsed(set) ? makeStream("act" + Twine(set), sender(set).first, members)
                               : StringAttr());
    relays.push_back(nullptr);
    for (auto [i, member] : llvm::enumerate(members))
      outs.push_back(sends(set, i)
                         ? makeStream("out" + Twine(set) + "_" + Twine(i), member, joins[set].tile)
                         : StringAttr());
  }
}

/// The stream from a join to the hubs, made when it is first needed.
StringAttr ResidentBuilder::relay(int64_t set) {
  if (!relays[set]) {
    SmallVector<Value> receivers;
    for (int64_t hub = 0; hub < plan.hubs(); ++hub)
      receivers.push_back(receiver(hub, set).first);
    relays[set] = makeStream("relay" + Twine(set), joins[set].tile, receivers);
  }
  return relays[set];
}

std::pair<Value, int64_t> ResidentBuilder::receiver(int64_t hub, int64_t set) const {
  if (set < kHubChannels)
    return {hubs[hub], set};
  ArrayRef<int> helpers = floor.helpers[hub];
  int64_t number = set - kHubChannels;
  int helper = helpers[number];
  return {joins[helper].tile, llvm::count(helpers.take_front(number), helper)};
}

std::pair<Value, int64_t> ResidentBuilder::sender(int64_t set) const {
  int64_t hub = plan.hubOf(set), number = set - plan.firstSetOf(hub);
  if (number < kHubChannels)
    return {hubs[hub], number};
  ArrayRef<int> senders = floor.senders[hub];
  number -= kHubChannels;
  int helper = senders[number];
  return {joins[helper].tile, 2 * llvm::count(senders.take_front(number), helper)};
}

LogicalResult ResidentBuilder::makeEndlessTasks() {
  for (int64_t set = 0; set < plan.sets(); ++set)
    for (int64_t i = 0; i < plan.coresPerSet(); ++i)
      if (isUsed(set) && failed(makeEndlessTasks(set, i)))
        return failure();
  return success();
}

LogicalResult ResidentBuilder::makeEndlessTasks(int64_t set, int64_t i) {
  using adf::LockKind;
  Handshake receive{atLeast(LockKind::Empty, 1), add(LockKind::Full, 1), {}};
  int64_t act = plan.resident.getActivations() / 4, out = plan.resident.getOutput() / 4;
  const ResidentCore &member = core(set, i);
  int64_t index = set * plan.coresPerSet() + i;
  TaskKind packets{kActChannel};
  packets.packets = true;
  Transfer window{member.activations, nullptr, AccessPattern(0).dim(act, 1), receive};
  if (failed(makeTask(member.tile, adf::Direction::S2MM, acts[set], packets, window)))
    return failure();
  packets.channel = joins[set].helps + i;
  Transfer part{joins[set].parts[i], nullptr, AccessPattern(0).dim(out, 1), receive};
  if (outs[index] &&
      failed(makeTask(joins[set].tile, adf::Direction::S2MM, outs[index], packets, part)))
    return failure();
  return isUsed(set, i) && set < plan.tapeSets() ? makeWeights(index) : success();
}

LogicalResult ResidentBuilder::makeWeights(int64_t index) {
  const WeightTape &tape = tapes[index];
  if (!tape.bytes())
    return success();
  SmallVector<size_t> stack; // the core, and those above it
  SmallVector<Value> tiles;
  for (size_t i = index; i < cores.size(); i += tapes.size())
    if (isUsed(static_cast<int64_t>(i) / plan.coresPerSet(), index % plan.coresPerSet())) {
      stack.push_back(i);
      tiles.push_back(cores[i].tile);
    }
  Value head = plan.shared() && index < plan.sets()
                   ? joins[index].tile
                   : makeTile(adf::TileKind::Mem, floor.cores[index].head);
  StringAttr stream = makeStream("weights" + Twine(index), head, tiles);
  if (failed(plan.streamed() ? streamWeights(index, head, stream)
                             : playWeights(index, head, stream)))
    return failure();
  for (size_t i : stack) {
    Transfer ring{cores[i].weights,
                  nullptr,
                  AccessPattern(0).dim(plan.quantumBytes() / 4, 1),
                  {atLeast(adf::LockKind::Empty, 1), add(adf::LockKind::Full, 1), {}}};
    if (failed(makeTask(cores[i].tile, adf::Direction::S2MM, stream, {kWeightsChannel}, ring)))
      return failure();
  }
  return success();
}

/// From DDR, as far ahead of the core as the memory tile has room.
LogicalResult ResidentBuilder::streamWeights(int64_t index, Value head, StringAttr stream) {
  StreamedTape tape(tapes[index], plan);
  SmallVector<StringAttr, 2> &pieces = this->pieces[tapes[index].key()];
  if (pieces.empty()) {
    std::vector<char> data(tape.bytes());
    tape.pack(data);
    pieces.push_back(
        table.addConstant(loc, "tape" + std::to_string(this->pieces.size() - 1), data));
  }
  Value shim = makeTile(adf::TileKind::Shim, {});
  Value ring = makeWindow(head, tape.ringUnits(), tape.unitBytes(),
                          plan.shared() ? kSharedAddress : 0, plan.shared() ? kSharedLock : 0);
  StringAttr source = makeStream("tape" + Twine(index), shim, head);
  Transfer read{nullptr, pieces.front(), AccessPattern(0).dim(tape.bytes() / 4, 1), {}};
  Transfer fill{ring,
                nullptr,
                AccessPattern(0).dim(tape.unitBytes() / 4, 1),
                {atLeast(adf::LockKind::Empty, 1), add(adf::LockKind::Full, 1), {}}};
  if (failed(makeTask(shim, adf::Direction::MM2S, source, {-1}, read)) ||
      failed(makeTask(head, adf::Direction::S2MM, source,
                      {plan.shared() ? kSharedChannel : kTapeChannel}, fill)))
    return failure();
  // What is skipped behind the last step goes with it.
  for (size_t step = 0; step <= plan.steps.size(); ++step)
    for (const RingTask &task : tape.tasks(step)) {
      TaskKind kind{kTapeChannel, task.repeat,
                    static_cast<int64_t>(std::min(step + 1, plan.steps.size()))};
      if (failed(sendRing(task, kind, {head, ring, tape.unitBytes()}, stream)))
        return failure();
    }
  return success();
}

LogicalResult ResidentBuilder::sendRing(const RingTask &task, const TaskKind &kind,
                                        const Ring &ring, StringAttr stream) {
  SmallVector<Transfer> parts;
  for (const RingBytes &bytes : task.parts)
    parts.push_back({ring.window,
                     nullptr,
                     AccessPattern(bytes.first / 4).dim(bytes.bytes / 4, 1),
                     {nullptr, nullptr, {task.wrap, ring.unitBytes / 4}}});
  if (!task.taken)
    return makeTask(ring.tile, adf::Direction::MM2S, stream, kind, parts);
  parts.front().handshake.acquire = atLeast(adf::LockKind::Full, task.taken);
  parts.back().handshake.release =
      add(task.again ? adf::LockKind::Full : adf::LockKind::Empty, task.taken);
  return makeTask(ring.tile, adf::Direction::MM2S, stream, kind, parts);
}

/// From the memory tiles, where it was loaded.
LogicalResult ResidentBuilder::playWeights(int64_t index, Value head, StringAttr stream) {
  const WeightTape &tape = tapes[index];
  const CoreSite &site = floor.cores[index];
  int64_t own = std::min(tape.bytes(), kTapePartBytes), rest = tape.bytes() - own;
  SmallVector<Value, 2> windows{makeWindow(head, 1, own, 0, 0)};
  if (rest) {
    Value extension = makeTile(adf::TileKind::Mem, site.extension);
    windows.push_back(makeWindow(extension, 1, rest, 0, 0));
  }
  SmallVector<Transfer> parts;
  for (const TapePiece &piece : tape.pieces())
    for (int64_t time = 0; time < piece.times; ++time)
      parts.push_back({windows[piece.first / kTapePartBytes],
                       nullptr,
                       AccessPattern(piece.first % kTapePartBytes / 4).dim(piece.bytes / 4, 1),
                       {}});
  return makeTask(head, adf::Direction::MM2S, stream, {kTapeChannel}, parts);
}

//===- building blocks ----------------------------------------------------===//

Value ResidentBuilder::makeTile(adf::TileKind kind, TileCoord at) {
  auto number = [&](int value) {
    return at.col < 0 ? IntegerAttr() : builder.getI64IntegerAttr(value);
  };
  return adf::TileOp::create(builder, loc, adf::TileType::get(builder.getContext()), kind,
                             number(at.col), number(at.row));
}

Value ResidentBuilder::makeWindow(Value tile, int64_t depth, int64_t bytes, int64_t address,
                                  int64_t lock, ArrayRef<int64_t> live) {
  return adf::WindowOp::create(
      builder, loc, adf::WindowType::get(builder.getContext()), tile, depth, bytes,
      builder.getI64IntegerAttr(address), builder.getI64IntegerAttr(bytes),
      builder.getDenseI64ArrayAttr({lock, lock + 1}),
      live.empty() ? DenseI64ArrayAttr() : builder.getDenseI64ArrayAttr(live));
}

StringAttr ResidentBuilder::makeStream(const Twine &name, Value from, ValueRange to) {
  StringAttr symbol = builder.getStringAttr(name);
  adf::StreamOp::create(builder, loc, symbol, from, to);
  return symbol;
}

LogicalResult ResidentBuilder::makeTask(Value tile, adf::Direction direction, StringAttr stream,
                                        const TaskKind &kind, MutableArrayRef<Transfer> transfers) {
  bool inLoad =
      cast<adf::PhaseOp>(builder.getBlock()->getParentOp()).getMode() == adf::PhaseMode::Load;
  auto task = adf::DMAOp::create(
      builder, loc, tile, direction,
      kind.channel < 0 ? IntegerAttr() : builder.getI64IntegerAttr(kind.channel), stream.getValue(),
      kind.repeat, kind.token, kind.packets, /*endless=*/!kind.step && !inLoad,
      kind.step ? builder.getI64IntegerAttr(*kind.step) : IntegerAttr(),
      kind.awaits ? adf::AwaitAttr::get(builder.getContext(), *kind.awaits) : adf::AwaitAttr());
  auto bds = OpBuilder::atBlockEnd(&task.getBody().emplaceBlock());
  adf::TileKind tileKind = tile.getDefiningOp<adf::TileOp>().getKind();
  const adfc_tile &limits = limitsOf(device, tileKind);
  for (Transfer &transfer : transfers) {
    std::string why = transfer.pattern.legalize(limits);
    if (!why.empty())
      return mlir::emitError(loc) << "a resident program needs a buffer descriptor that a "
                                  << stringifyTileKind(tileKind) << " tile cannot have, for stream "
                                  << stream << ": " << why;
    createBD(bds, loc, transfer.window, transfer.ddr, transfer.pattern, transfer.handshake);
  }
  return success();
}

adf::AcquireAttr ResidentBuilder::atLeast(adf::LockKind lock, int64_t value) {
  return adf::AcquireAttr::get(builder.getContext(), lock, /*equal=*/false, value);
}
adf::AcquireAttr ResidentBuilder::equal(adf::LockKind lock, int64_t value) {
  return adf::AcquireAttr::get(builder.getContext(), lock, /*equal=*/true, value);
}
adf::ReleaseAttr ResidentBuilder::add(adf::LockKind lock, int64_t value) {
  return adf::ReleaseAttr::get(builder.getContext(), lock, value);
}
