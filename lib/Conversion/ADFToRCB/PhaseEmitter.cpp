//===- PhaseEmitter.cpp ---------------------------------------------------===//
#include "Conversion/ADFToRCB/PhaseEmitter.h"

#include "Conversion/ADFToRCB/TaskSchedule.h"
#include "Conversion/ADFToRCB/WaitBound.h"
#include "Target/TileRegisters.h"
#include "Transforms/Phase/CoreEncoder.h"
#include "Transforms/Phase/PlacedBd.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace adfc;

//===- Start of the program -----------------------------------------------===//

void PhaseEmitter::emitStart(adf::ProgramOp program) {
  std::set<TileCoord> routed;
  std::map<std::pair<TileCoord, Direction>, uint32_t> shimChannels;
  program.walk([&](adf::ConnectOp connect) {
    routed.insert({static_cast<int>(connect.getCol()), static_cast<int>(connect.getRow())});
  });
  program.walk([&](adf::DMAOp task) {
    auto tile = task.getTile().getDefiningOp<adf::TileOp>();
    bool once = cast<adf::PhaseOp>(task->getParentOp()).getMode() == adf::PhaseMode::Once;
    // The inference before has reset it.
    if (once && task.getEndless() && tile.getCol() && task.getChannel())
      inReset.insert({{static_cast<int>(*tile.getCol()), static_cast<int>(*tile.getRow())},
                      toModel(task.getDirection()),
                      static_cast<int>(*task.getChannel())});
    if (tile.getKind() != adf::TileKind::Shim || !tile.getCol() || !task.getChannel())
      return;
    TileCoord at{static_cast<int>(*tile.getCol()), static_cast<int>(*tile.getRow())};
    shimChannels[{at, toModel(task.getDirection())}] |= 1u << *task.getChannel();
  });
  for (TileCoord tile : routed) {
    const TileRegisters &registers = registersOf(device.kind(tile));
    out.set(program.getLoc(), tile, registers.switchMaster, registers.switchMasters, 0);
  }
  for (auto &[shim, channels] : shimChannels)
    out.write(program.getLoc(), shim.first, shimMuxOffset(shim.second),
              shimMuxWord(shim.second, channels));
}

//===- Configuration ------------------------------------------------------===//

void PhaseEmitter::emitRoutes(PhaseModel &model, Where where) {
  std::vector<Connection> connections;
  for (auto connect : model.phase.getBody().getOps<adf::ConnectOp>()) {
    auto port = [](adf::PortAttr p) {
      return Port{toModel(p.getKind()), static_cast<int>(p.getIndex())};
    };
    TileCoord tile{static_cast<int>(connect.getCol()), static_cast<int>(connect.getRow())};
    if (where(tile))
      connections.push_back({tile, port(connect.getSlave()), port(connect.getMaster())});
  }
  for (const SwitchWrite &w : switches.change(connections))
    out.write(model.phase.getLoc(), w.tile, w.offset, w.value);
}

void PhaseEmitter::emitLocks(PhaseModel &model, Where where) {
  for (auto [i, ops] : llvm::enumerate(model.memory)) {
    TileCoord tile = model.coord(static_cast<int>(i));
    const TileRegisters &registers = registersOf(model.kind(static_cast<int>(i)));
    if (!where(tile))
      continue;
    for (Operation *op : ops) {
      auto window = dyn_cast<adf::WindowOp>(op);
      if (!window)
        continue;
      // Nothing waits for the memory of a resident phase's tensor: its empty lock is a gate.
      bool gate = window.getLive().has_value();
      auto depth = gate ? 0 : static_cast<uint32_t>(window.getDepth());
      for (auto [kind, value] :
           {std::pair(adf::LockKind::Empty, depth), std::pair(adf::LockKind::Full, uint32_t(0))}) {
        int lock = lockOf(window, kind);
        auto [known, added] = locks.try_emplace({tile, lock}, value);
        if (added || known->second != value)
          out.write(window.getLoc(), tile, registers.lockOffset(lock), value);
        known->second = value;
      }
    }
  }
}

/// Where each core's accumulators take from and give to.
void PhaseEmitter::emitCascades(PhaseModel &model, Where where) {
  struct Sides {
    adf::CascadeOp op;
    bool fromWest = false, toEast = false;
  };
  std::map<TileCoord, Sides> cores;
  for (auto cascade : model.phase.getBody().getOps<adf::CascadeOp>()) {
    TileCoord source = model.coord(model.tileIndex(cascade.getSource()));
    TileCoord target = model.coord(model.tileIndex(cascade.getTarget()));
    bool eastwards = target.col > source.col;
    for (auto [at, side] :
         {std::pair(source, &Sides::toEast), std::pair(target, &Sides::fromWest)}) {
      Sides &sides = cores[at];
      sides.op = cascade;
      sides.*side = eastwards;
    }
  }
  for (auto &[at, sides] : cores)
    if (where(at))
      out.write(sides.op.getLoc(), at, accumulatorControlOffset(),
                accumulatorControlWord(sides.fromWest, sides.toEast));
}

LogicalResult PhaseEmitter::emitTask(PhaseModel &model, const ChannelTasks &tasks,
                                     adf::DMAOp task) {
  TileCoord tile = model.coord(tasks.tile);
  TileKind kind = model.kind(tasks.tile);
  auto bds = llvm::to_vector(task.getBody().getOps<adf::BDOp>());
  for (auto [i, bd] : llvm::enumerate(bds)) {
    std::optional<int> next;
    if (i + 1 < bds.size() || task.getEndless())
      next = static_cast<int>(*bds[(i + 1) % bds.size()].getId());
    EncodedDescriptor encoded = encodeDescriptor(kind, descriptorOf(bd, next));
    if (!encoded.failure.empty())
      return bd.emitOpError() << encoded.failure;
    uint32_t offset = registersOf(kind).bdOffset(static_cast<int>(*bd.getId()));
    out.writeBlock(bd.getLoc(), tile, offset, encoded.words);
    bind(tile, bd, out);
  }
  return success();
}

/// Tells where the DDR piece of a shim's descriptor lies.
void PhaseEmitter::bind(TileCoord tile, adf::BDOp bd, InstructionBuilder &to) const {
  if (!bd.getDdr())
    return;
  auto ddr = symbols.lookup<adf::DDROp>(*bd.getDdr());
  uint32_t offset = registersOf(TileKind::Shim).bdOffset(static_cast<int>(*bd.getId()));
  to.bind(bd.getLoc(), tile, offset + 4 * shimAddressWord(),
          static_cast<rcb::Buffer>(ddr.getBuffer()),
          static_cast<int64_t>(*ddr.getOffset() + 4 * bd.getOffset()));
}

LogicalResult PhaseEmitter::emitCores(PhaseModel &model, Where where) {
  for (auto core : model.phase.getBody().getOps<adf::CoreOp>()) {
    if (!where(model.coord(model.tileIndex(core.getTile()))))
      continue;
    FailureOr<SmallVector<uint32_t>> program =
        encodeCore(core, [&](StringRef name) { return kernelIds.lookup(name); });
    if (failed(program))
      return failure();
    TileCoord tile = model.coord(model.tileIndex(core.getTile()));
    uint32_t offset = programs.add(*program);
    out.write(core.getLoc(), tile, coreControlOffset(), coreResetWord());
    out.loadCore(core.getLoc(), tile, offset, static_cast<uint32_t>(program->size()));
    out.write(core.getLoc(), tile, coreControlOffset(), coreEnableWord());
  }
  return success();
}

//===- Tasks --------------------------------------------------------------===//

void PhaseEmitter::emitPush(PhaseModel &model, QueueAction &action) {
  ChannelTasks &tasks = model.channels[action.channel];
  auto first = *action.task.getBody().getOps<adf::BDOp>().begin();
  const TileRegisters &registers = registersOf(model.kind(tasks.tile));
  TileCoord tile = model.coord(tasks.tile);
  if (inReset.erase(channelOf(model, tasks)))
    out.write(action.task.getLoc(), tile, registers.controlOffset(tasks.direction, tasks.channel()),
              channelReadyWord());
  out.write(action.task.getLoc(), tile, registers.queueOffset(tasks.direction, tasks.channel()),
            taskWord(static_cast<int>(*first.getId()), action.repeat, action.token));
}

/// Channels that would wait for ever: the next phase finds them without tasks. What they have taken
/// of their locks is not known.
void PhaseEmitter::resetEndless(PhaseModel &model) {
  for (ChannelTasks &tasks : model.channels) {
    auto endless = [](adf::DMAOp task) { return task.getEndless(); };
    if (llvm::none_of(tasks.tasks, endless))
      continue;
    const TileRegisters &registers = registersOf(model.kind(tasks.tile));
    out.write(tasks.tasks.front().getLoc(), model.coord(tasks.tile),
              registers.controlOffset(tasks.direction, tasks.channel()), channelResetWord());
    inReset.insert(channelOf(model, tasks));
    for (adf::DMAOp task : tasks.tasks)
      for (auto bd : task.getBody().getOps<adf::BDOp>())
        if (auto window = bd.getWindow() ? bd.getWindow().getDefiningOp<adf::WindowOp>() : nullptr)
          for (auto kind : {adf::LockKind::Empty, adf::LockKind::Full})
            locks.erase({model.coord(tasks.tile), lockOf(window, kind)});
  }
}

PhaseEmitter::Channel PhaseEmitter::channelOf(PhaseModel &model, const ChannelTasks &tasks) {
  return {model.coord(tasks.tile), tasks.direction, tasks.channel()};
}

/// What the other functions rely on.
LogicalResult PhaseEmitter::checkPlaced(PhaseModel &model) {
  for (int i = 0; i < static_cast<int>(model.tiles.size()); ++i) {
    if (model.coord(i).col < 0)
      return model.tiles[i].emitOpError("has no coordinates: run adf-place first");
    for (Operation *op : model.memory[i]) {
      auto window = dyn_cast<adf::WindowOp>(op);
      if (!hasAddress(op) || (window && !window.getLocks()))
        return op->emitOpError("has no address: run adf-allocate first");
    }
  }
  bool token = false;
  for (ChannelTasks &tasks : model.channels)
    for (adf::DMAOp task : tasks.tasks) {
      token |= task.getToken();
      if (!task.getChannel())
        return task.emitOpError("has no channel: run adf-place first");
      for (auto bd : task.getBody().getOps<adf::BDOp>())
        if (!bd.getId())
          return bd.emitOpError("has no id: run adf-allocate first");
    }
  if (!token)
    return model.phase.emitOpError("has no adf.dma with a token: nothing says when it has ended");
  return success();
}

/// What is set once: routes, locks, descriptors, and core programs, which begin to wait for data.
LogicalResult PhaseEmitter::configure(PhaseModel &model, Where where) {
  emitRoutes(model, where);
  emitLocks(model, where);
  emitCascades(model, where);
  for (ChannelTasks &tasks : model.channels)
    if (where(model.coord(tasks.tile)))
      for (adf::DMAOp task : tasks.tasks)
        if (failed(emitTask(model, tasks, task)))
          return failure();
  if (failed(emitCores(model, where)))
    return failure();
  out.add<rcb::BarrierOp>(model.phase.getLoc());
  return success();
}

LogicalResult PhaseEmitter::emitPhase(PhaseModel &model, uint32_t id, Where where,
                                      function_ref<LogicalResult()> meanwhile) {
  // Layers belong to inferences: what is loaded before them has none.
  if (model.phase.getMode() == adf::PhaseMode::Once)
    out.add<rcb::PhaseOp>(model.phase.getLoc(), id);
  if (failed(configure(model, where)))
    return failure();
  uint32_t bound = WaitBounds(model, device).ofPhase();
  bool waits = false;
  for (QueueAction &action : scheduleTasks(model, device)) {
    ChannelTasks &tasks = model.channels[action.channel];
    if (action.kind == QueueAction::Push) {
      if (waits || where(model.coord(tasks.tile)))
        emitPush(model, action);
      continue;
    }
    if (!waits && failed(meanwhile()))
      return failure();
    waits = true;
    out.waitTask(tasks.tasks.front().getLoc(), model.coord(tasks.tile), tasks.direction,
                 tasks.channel(), bound);
  }
  resetEndless(model);
  return success();
}

//===- Set up ahead -------------------------------------------------------===//

/// Words that its tasks move, as a measure of how long it takes.
static int64_t wordsLoaded(adf::PhaseOp phase) {
  int64_t words = 0;
  for (auto task : phase.getBody().getOps<adf::DMAOp>())
    words += task.getTotalWords();
  return words;
}

/// Core tiles of a phase that no stream of those before it comes through.
static SmallVector<TileCoord> coresAhead(PhaseModel &model, ArrayRef<adf::PhaseOp> before) {
  std::set<TileCoord> used;
  for (adf::PhaseOp phase : before)
    for (auto connect : phase.getBody().getOps<adf::ConnectOp>())
      used.insert({static_cast<int>(connect.getCol()), static_cast<int>(connect.getRow())});
  std::set<TileCoord> found;
  for (auto core : model.phase.getBody().getOps<adf::CoreOp>())
    if (TileCoord at = model.coord(model.tileIndex(core.getTile())); !used.count(at))
      found.insert(at);
  return SmallVector<TileCoord>(found.begin(), found.end());
}

LogicalResult PhaseEmitter::setUpAhead(PhaseModel &model, ArrayRef<TileCoord> tiles) {
  auto where = [&](TileCoord tile) { return llvm::is_contained(tiles, tile); };
  // A core may take a neighbour's locks as soon as it is enabled.
  emitLocks(model, [&](TileCoord tile) { return device.kind(tile) == TileKind::Core; });
  if (failed(configure(model, where)))
    return failure();
  for (QueueAction &action : scheduleTasks(model, device)) {
    if (action.kind == QueueAction::Wait)
      break;
    if (where(model.coord(model.channels[action.channel].tile)))
      emitPush(model, action);
  }
  return success();
}

LogicalResult PhaseEmitter::emit(ArrayRef<adf::PhaseOp> phases, uint32_t id) {
  PhaseModel last(phases.back());
  if (failed(checkPlaced(last)))
    return failure();
  ArrayRef<adf::PhaseOp> loading = phases.drop_back();
  SmallVector<TileCoord> ahead;
  // Each has a token (checkPlaced), so that it moves something and is waited for.
  if (!loading.empty())
    ahead = coresAhead(last, loading);
  int64_t words = 0, loaded = 0;
  for (adf::PhaseOp phase : loading)
    words += wordsLoaded(phase);
  size_t done = 0;
  for (adf::PhaseOp phase : loading) {
    PhaseModel model(phase);
    if (failed(checkPlaced(model)))
      return failure();
    loaded += wordsLoaded(phase);
    size_t first = done;
    done = ahead.size() * static_cast<size_t>(loaded) / static_cast<size_t>(words);
    auto meanwhile = [&] { return setUpAhead(last, ArrayRef(ahead).slice(first, done - first)); };
    if (failed(emitPhase(model, id++, [](TileCoord) { return true; }, meanwhile)))
      return failure();
  }
  auto rest = [&](TileCoord tile) { return !llvm::is_contained(ahead, tile); };
  return emitPhase(last, id, rest, [] { return success(); });
}
