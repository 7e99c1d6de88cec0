//===- CheckDMA.cpp - Channels and buffer descriptors ---------------------===//
#include "Transforms/Phase/PlacedBd.h"
#include "Transforms/VerifyPlaced/Checks.h"

#include "llvm/ADT/STLExtras.h"

#include <map>
#include <set>

using namespace mlir;
using namespace adfc;

namespace {

/// What the tasks so far have taken of one physical tile.
struct TakenNumbers {
  std::set<std::pair<Direction, int>> channels;
  /// Descriptors with the step that uses them (-1: none, or every one) and what they say.
  std::multimap<int64_t, std::pair<int64_t, llvm::SmallVector<uint32_t, 8>>> bds;
};

/// Whether descriptor `id` may be another one's in a step that is not over when `step` is set up.
bool isTaken(const TakenNumbers &taken, int64_t id, int64_t step, ArrayRef<uint32_t> words) {
  auto [first, last] = taken.bds.equal_range(id);
  return std::any_of(first, last, [&](auto &known) {
    int64_t other = known.second.first;
    return step < 0 || other < 0 || (std::abs(other - step) <= 1 && known.second.second != words);
  });
}

LogicalResult checkChannel(ChannelTasks &tasks, TileCoord at, TileKind kind,
                           const DeviceModel &device, TakenNumbers &taken) {
  for (adf::DMAOp task : tasks.tasks) {
    if (!task.getChannel())
      return task.emitOpError("has no channel");
    if (static_cast<int>(*task.getChannel()) != tasks.channel())
      return task.emitOpError("is on channel ")
             << *task.getChannel() << ", but its stream is on channel " << tasks.channel();
  }
  adf::DMAOp first = tasks.tasks.front();
  int channel = tasks.channel();
  if (channel < 0 || channel >= device.channels(kind))
    return first.emitOpError("is on channel ")
           << channel << ", but tile (" << at.col << ", " << at.row << ") has "
           << device.channels(kind) << " of each direction";
  if (!taken.channels.insert({tasks.direction, channel}).second)
    return first.emitOpError("is on ")
           << adf::stringifyDirection(first.getDirection()) << " channel " << channel
           << " of tile (" << at.col << ", " << at.row << "), which another stream has";
  return success();
}

LogicalResult checkBdId(adf::BDOp bd, int channel, TileCoord at, TileKind kind,
                        const DeviceModel &device, TakenNumbers &taken) {
  if (!bd.getId())
    return bd.emitOpError("has no id");
  int64_t id = *bd.getId(), all = device.bds(kind);
  if (id < 0 || id >= all)
    return bd.emitOpError("has id ")
           << id << ", but tile (" << at.col << ", " << at.row << ") has " << all << " descriptors";
  // AM020: a memory tile's even channels reach its lower half of the descriptors, odd ones its
  // upper half.
  if (kind == TileKind::Mem && (channel % 2 != 0) != (id >= all / 2))
    return bd.emitOpError("has id ")
           << id << ", but channel " << channel << " of a mem tile uses "
           << (channel % 2 ? all / 2 : 0) << " to " << (channel % 2 ? all : all / 2) - 1;
  auto task = cast<adf::DMAOp>(bd->getParentOp());
  int64_t step = task.getStep() ? static_cast<int64_t>(*task.getStep()) : -1;
  llvm::SmallVector<uint32_t, 8> words = encodeDescriptor(kind, descriptorOf(bd, {})).words;
  bool isFree = !isTaken(taken, id, step, words);
  taken.bds.insert({id, {step, words}});
  if (!isFree)
    return bd.emitOpError("has id ")
           << id << ", which another descriptor on tile (" << at.col << ", " << at.row << ") has";
  return success();
}

LogicalResult checkEncoding(adf::DMAOp task, TileKind kind) {
  auto bds = llvm::to_vector(task.getBody().getOps<adf::BDOp>());
  for (auto [i, bd] : llvm::enumerate(bds)) {
    std::optional<int> next;
    if (i + 1 < bds.size())
      next = static_cast<int>(*bds[i + 1].getId());
    EncodedDescriptor encoded = encodeDescriptor(kind, descriptorOf(bd, next));
    if (!encoded.failure.empty())
      return bd.emitOpError() << encoded.failure;
  }
  return success();
}

} // namespace

LogicalResult placed::checkDMA(PhaseModel &model, const DeviceModel &device) {
  std::map<TileCoord, TakenNumbers> taken;
  for (ChannelTasks &tasks : model.channels) {
    TileCoord at = model.coord(tasks.tile);
    TileKind kind = model.kind(tasks.tile);
    if (failed(checkChannel(tasks, at, kind, device, taken[at])))
      return failure();
    for (adf::DMAOp task : tasks.tasks) {
      for (auto bd : task.getBody().getOps<adf::BDOp>())
        if (failed(checkBdId(bd, tasks.channel(), at, kind, device, taken[at])))
          return failure();
      if (failed(checkEncoding(task, kind)))
        return failure();
    }
  }
  return success();
}
