//===- CheckStreams.cpp - Routes and word counts --------------------------===//
#include "Transforms/VerifyPlaced/Checks.h"

#include "llvm/ADT/STLExtras.h"

#include <map>
#include <set>

using namespace mlir;
using namespace adfc;

namespace {

TileCoord coordOf(adf::ConnectOp connect) {
  return {static_cast<int>(connect.getCol()), static_cast<int>(connect.getRow())};
}

TilePort portOf(adf::ConnectOp connect, adf::PortAttr port) {
  return {coordOf(connect), {toModel(port.getKind()), static_cast<int>(port.getIndex())}};
}

std::string text(const TilePort &p) {
  return (llvm::Twine(portKindName(p.port.kind)) + " " + llvm::Twine(p.port.index) + " of tile (" +
          llvm::Twine(p.tile.col) + ", " + llvm::Twine(p.tile.row) + ")")
      .str();
}

/// The switch settings of one phase.
class Settings {
public:
  explicit Settings(const SwitchGraph &graph, const DeviceModel &device)
      : graph(graph), device(device) {}

  LogicalResult add(adf::ConnectOp connect, ArrayRef<TileCoord> avoid);
  /// Follows a stream from its source. Fails where it does not reach exactly `net.sinks`.
  LogicalResult follow(adf::StreamOp stream, const Net &net);
  /// Every connection has been followed.
  LogicalResult checkAllUsed();

private:
  LogicalResult checkPort(adf::ConnectOp connect, const TilePort &port, int count, StringRef side);

  const SwitchGraph &graph;
  const DeviceModel &device;
  std::map<TilePort, adf::ConnectOp> byMaster;
  std::map<TilePort, SmallVector<adf::ConnectOp, 2>> bySlave;
  std::set<TilePort> followed;
};

LogicalResult Settings::checkPort(adf::ConnectOp connect, const TilePort &port, int count,
                                  StringRef side) {
  if (port.port.index < count)
    return success();
  return connect.emitOpError("uses ")
         << side << " port " << text(port) << ", but there are " << count;
}

LogicalResult Settings::add(adf::ConnectOp connect, ArrayRef<TileCoord> avoid) {
  TilePort slave = portOf(connect, connect.getSlave());
  TilePort master = portOf(connect, connect.getMaster());
  TileCoord at = coordOf(connect);
  if (!device.contains(at))
    return connect.emitOpError("is at (")
           << at.col << ", " << at.row << "), which " << device.name() << " does not have";
  if (llvm::is_contained(avoid, at))
    return connect.emitOpError("is at (")
           << at.col << ", " << at.row << "), a tile that the program must avoid";
  TileKind kind = device.kind(at);
  if (failed(checkPort(connect, slave, device.slaves(kind, slave.port.kind), "slave")) ||
      failed(checkPort(connect, master, device.masters(kind, master.port.kind), "master")))
    return failure();
  if (!device.canConnect(kind, slave.port, master.port))
    return connect.emitOpError("joins ports that the switch of a ")
           << tileKindName(kind) << " tile cannot connect";
  if (auto [it, added] = byMaster.try_emplace(master, connect); !added)
    return connect.emitOpError("feeds master port ") << text(master) << ", which is fed already";
  auto &sharers = bySlave[slave];
  if (!sharers.empty() && sharers.front().getStreamAttr() != connect.getStreamAttr())
    return connect.emitOpError("listens to slave port ")
           << text(slave) << ", which carries another stream";
  sharers.push_back(connect);
  return success();
}

LogicalResult Settings::follow(adf::StreamOp stream, const Net &net) {
  SmallVector<TilePort> open{net.source};
  std::vector<TilePort> reached;
  while (!open.empty()) {
    TilePort slave = open.pop_back_val();
    for (adf::ConnectOp connect : bySlave[slave]) {
      if (connect.getStreamAttr().getAttr() != stream.getSymNameAttr())
        return connect.emitOpError("continues @")
               << stream.getSymName() << ", but says it is of " << connect.getStreamAttr();
      TilePort master = portOf(connect, connect.getMaster());
      followed.insert(master);
      SwitchGraph::Node node = graph.node(master);
      if (graph.successors(node).empty())
        reached.push_back(master);
      else
        open.push_back(graph.farEnd(node));
    }
  }
  llvm::sort(reached);
  if (reached == net.sinks)
    return success();
  for (const TilePort &sink : net.sinks)
    if (!llvm::is_contained(reached, sink))
      return stream.emitOpError("does not reach its target at ") << text(sink);
  for (const TilePort &port : reached)
    if (!llvm::is_contained(net.sinks, port))
      return stream.emitOpError("also leads to ") << text(port) << ", which is none of its targets";
  return success();
}

LogicalResult Settings::checkAllUsed() {
  for (auto &[master, connect] : byMaster)
    if (!followed.count(master))
      return connect.emitOpError("is not on the way of its stream");
  return success();
}

/// Words of all tasks by step (-1: no step).
using StepWords = std::map<int64_t, int64_t>;

/// Nothing where a resident task has no end, or one takes packets of any length. Others without an
/// end say how often they run in an inference, which is a pipeline's only step.
std::optional<StepWords> wordsOf(PhaseModel &model, ChannelTasks *tasks) {
  bool resident = model.phase.getMode() == adf::PhaseMode::Resident;
  bool pipeline = model.phase.getMode() == adf::PhaseMode::Pipeline;
  StepWords words{{-1, 0}};
  if (tasks)
    for (adf::DMAOp task : tasks->tasks) {
      if ((task.getEndless() && resident) || task.getPackets())
        return std::nullopt;
      bool ofStep = task.getStep() && !pipeline;
      words[ofStep ? static_cast<int64_t>(*task.getStep()) : -1] += task.getTotalWords();
    }
  return words;
}

} // namespace

LogicalResult placed::checkRoutes(PhaseModel &model, const DeviceModel &device,
                                  const SwitchGraph &graph, ArrayRef<TileCoord> avoid) {
  Settings settings(graph, device);
  for (auto connect : model.phase.getBody().getOps<adf::ConnectOp>())
    if (failed(settings.add(connect, avoid)))
      return failure();
  for (adf::StreamOp stream : model.streams) {
    FailureOr<Net> net = streamNet(model, stream, device);
    if (failed(net) || failed(settings.follow(stream, *net)))
      return failure();
  }
  return settings.checkAllUsed();
}

LogicalResult placed::checkWordCounts(PhaseModel &model) {
  for (adf::StreamOp stream : model.streams) {
    StringAttr name = stream.getSymNameAttr();
    std::optional<StepWords> sent =
        wordsOf(model, model.channelOf(model.tileIndex(stream.getSource()), Direction::MM2S, name));
    for (Value target : stream.getTargets()) {
      int tile = model.tileIndex(target);
      std::optional<StepWords> received =
          wordsOf(model, model.channelOf(tile, Direction::S2MM, name));
      if (!sent || !received)
        continue;
      for (auto [step, words] : *sent)
        if (int64_t taken = received->count(step) ? received->at(step) : 0; taken != words)
          return stream.emitOpError("carries ")
                 << words << " words" << (step < 0 ? "" : " in step " + std::to_string(step))
                 << ", but tile (" << model.coord(tile).col << ", " << model.coord(tile).row
                 << ") takes " << taken << ": both ends must move the same number";
    }
  }
  return success();
}
