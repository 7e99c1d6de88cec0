//===- PhaseModel.cpp -----------------------------------------------------===//
#include "Transforms/Phase/PhaseModel.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace adfc;

// The model's enumerations are numbered like the dialect's.
static_assert(static_cast<int>(TileKind::Shim) == static_cast<int>(adf::TileKind::Shim) &&
              static_cast<int>(TileKind::Mem) == static_cast<int>(adf::TileKind::Mem) &&
              static_cast<int>(TileKind::Core) == static_cast<int>(adf::TileKind::Core));
static_assert(static_cast<int>(Direction::S2MM) == static_cast<int>(adf::Direction::S2MM) &&
              static_cast<int>(Direction::MM2S) == static_cast<int>(adf::Direction::MM2S));
static_assert(static_cast<int>(PortKind::DMA) == static_cast<int>(adf::PortKind::DMA) &&
              static_cast<int>(PortKind::Core) == static_cast<int>(adf::PortKind::Core) &&
              static_cast<int>(PortKind::North) == static_cast<int>(adf::PortKind::North) &&
              static_cast<int>(PortKind::South) == static_cast<int>(adf::PortKind::South) &&
              static_cast<int>(PortKind::East) == static_cast<int>(adf::PortKind::East) &&
              static_cast<int>(PortKind::West) == static_cast<int>(adf::PortKind::West));

int ChannelTasks::channel() const {
  for (adf::DMAOp task : tasks)
    if (task.getChannel())
      return static_cast<int>(*task.getChannel());
  return -1;
}

void ChannelTasks::setChannel(int channel) {
  for (adf::DMAOp task : tasks)
    task.setChannel(channel);
}

int ChannelTasks::bds() const {
  int count = 0;
  for (adf::DMAOp task : tasks)
    count += static_cast<int>(llvm::range_size(task.getBody().getOps<adf::BDOp>()));
  return count;
}

bool adfc::hasAddress(Operation *op) {
  if (auto window = dyn_cast<adf::WindowOp>(op))
    return window.getAddress() && window.getStride();
  return cast<adf::BufferOp>(op).getAddress().has_value();
}

PhaseModel::PhaseModel(adf::PhaseOp phase) : phase(phase) {
  auto tileOf = [&](Value tile) { return tileIndices.lookup(tile); };
  for (Operation &op : phase.getBody().getOps()) {
    if (auto tile = dyn_cast<adf::TileOp>(op)) {
      tileIndices[tile.getResult()] = static_cast<int>(tiles.size());
      tiles.push_back(tile);
      memory.emplace_back();
    } else if (auto window = dyn_cast<adf::WindowOp>(op)) {
      memory[tileOf(window.getTile())].push_back(&op);
    } else if (auto buffer = dyn_cast<adf::BufferOp>(op)) {
      memory[tileOf(buffer.getTile())].push_back(&op);
    } else if (auto stream = dyn_cast<adf::StreamOp>(op)) {
      streams.push_back(stream);
    } else if (auto dma = dyn_cast<adf::DMAOp>(op)) {
      StringAttr name = dma.getStreamAttr().getAttr();
      Direction direction = toModel(dma.getDirection());
      ChannelTasks *known = channelOf(tileOf(dma.getTile()), direction, name);
      if (!known)
        known = &channels.emplace_back(ChannelTasks{tileOf(dma.getTile()), direction, name, {}});
      known->tasks.push_back(dma);
    }
  }
}

TileKind PhaseModel::kind(int tile) const { return toModel(adf::TileOp(tiles[tile]).getKind()); }

TileCoord PhaseModel::coord(int tile) const {
  adf::TileOp op = tiles[tile];
  if (!op.getCol())
    return {};
  return {static_cast<int>(*op.getCol()), static_cast<int>(*op.getRow())};
}

ChannelTasks *PhaseModel::channelOf(int tile, Direction direction, StringAttr stream) {
  auto found = llvm::find_if(channels, [&](ChannelTasks &c) {
    return c.tile == tile && c.direction == direction && c.stream == stream;
  });
  return found == channels.end() ? nullptr : &*found;
}

static FailureOr<TilePort> endPort(PhaseModel &model, adf::StreamOp stream, Value tileValue,
                                   Direction direction, const DeviceModel &device) {
  int tile = model.tileIndex(tileValue);
  TileCoord coord = model.coord(tile);
  if (coord.col < 0)
    return stream.emitOpError("has an end on a tile without coordinates: run adf-place first"),
           failure();
  ChannelTasks *tasks = model.channelOf(tile, direction, stream.getSymNameAttr());
  if (!tasks)
    return stream.emitOpError("has no adf.dma ")
               << adf::stringifyDirection(static_cast<adf::Direction>(direction)) << " on tile ("
               << coord.col << ", " << coord.row << "): each end of a stream needs one",
           failure();
  if (tasks->channel() < 0)
    return tasks->tasks.front().emitOpError("has no channel: run adf-place first"), failure();
  return TilePort{coord, device.dmaPort(model.kind(tile), direction, tasks->channel())};
}

FailureOr<Net> adfc::streamNet(PhaseModel &model, adf::StreamOp stream, const DeviceModel &device) {
  FailureOr<TilePort> source = endPort(model, stream, stream.getSource(), Direction::MM2S, device);
  if (failed(source))
    return failure();
  Net net{*source, {}};
  for (Value target : stream.getTargets()) {
    FailureOr<TilePort> sink = endPort(model, stream, target, Direction::S2MM, device);
    if (failed(sink))
      return failure();
    net.sinks.push_back(*sink);
  }
  llvm::sort(net.sinks);
  return net;
}

const DeviceModel *adfc::deviceOf(adf::ProgramOp program) {
  const DeviceModel *device = DeviceModel::find(program.getDevice());
  if (!device)
    program.emitOpError("names the unknown device \"")
        << program.getDevice() << "\": known are " << DeviceModel::knownNames();
  return device;
}

std::vector<TileCoord> adfc::avoidedTiles(adf::ProgramOp program) {
  std::vector<TileCoord> tiles;
  ArrayRef<int64_t> avoid = program.getAvoid();
  for (size_t i = 0; i + 1 < avoid.size(); i += 2)
    tiles.push_back({static_cast<int>(avoid[i]), static_cast<int>(avoid[i + 1])});
  return tiles;
}
