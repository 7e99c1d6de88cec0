//===- StepBds.cpp --------------------------------------------------------===//
#include "Transforms/Allocate/StepBds.h"

#include "Transforms/Phase/PlacedBd.h"

#include "llvm/ADT/STLExtras.h"

#include <map>

using namespace mlir;
using namespace adfc;

namespace {

/// What a chain of descriptors says: equal chains can share their numbers.
using ChainKey = std::vector<std::pair<std::vector<uint32_t>, Attribute>>;

/// The tasks that share a pool of descriptors: those of a tile, on memory tiles of its even or its
/// odd channels.
class Pool {
public:
  Pool(TileKind kind, int first, int size) : kind(kind), first(first), size(size) {}

  void add(adf::DMAOp task) { tasks.push_back(task); }

  LogicalResult number() {
    std::map<int64_t, SmallVector<adf::DMAOp>> bySteps;
    for (adf::DMAOp task : tasks)
      bySteps[stepOf(task)].push_back(task);
    for (adf::DMAOp task : bySteps[-1]) {
      if (taken + count(task) > size)
        return complain(task);
      taken += assign(task, taken, size);
    }
    SmallVector<adf::DMAOp> steps;
    for (auto &[step, members] : bySteps)
      if (step >= 0)
        llvm::append_range(steps, members);
    return taken + distinct(steps) <= size ? numberOnce(steps) : takeTurns(steps);
  }

private:
  static int64_t stepOf(adf::DMAOp task) {
    return task.getStep() ? static_cast<int64_t>(*task.getStep()) : -1;
  }
  static int count(adf::DMAOp task) {
    return static_cast<int>(llvm::range_size(task.getBody().getOps<adf::BDOp>()));
  }

  ChainKey keyOf(adf::DMAOp task) const {
    ChainKey key;
    for (auto bd : task.getBody().getOps<adf::BDOp>()) {
      EncodedDescriptor encoded = encodeDescriptor(kind, descriptorOf(bd, std::nullopt));
      std::vector<uint32_t> words(encoded.words.begin(), encoded.words.end());
      words.push_back(static_cast<uint32_t>(bd.getOffset()));
      key.push_back({std::move(words), bd.getDdrAttr()});
    }
    return key;
  }

  int distinct(ArrayRef<adf::DMAOp> steps) const {
    std::map<ChainKey, int, bool (*)(const ChainKey &, const ChainKey &)> known(less);
    int sum = 0;
    for (adf::DMAOp task : steps)
      if (known.try_emplace(keyOf(task), 0).second)
        sum += count(task);
    return sum;
  }

  static bool less(const ChainKey &a, const ChainKey &b) {
    auto plain = [](const ChainKey &key) {
      std::vector<std::pair<std::vector<uint32_t>, StringRef>> result;
      for (auto &[words, ddr] : key)
        result.push_back({words, ddr ? cast<FlatSymbolRefAttr>(ddr).getValue() : StringRef()});
      return result;
    };
    return plain(a) < plain(b);
  }

  /// Gives the chain the numbers from `at` on, in a ring of `ring` behind the endless ones.
  int assign(adf::DMAOp task, int at, int end) {
    int given = 0;
    for (auto bd : task.getBody().getOps<adf::BDOp>()) {
      int index = at + given++;
      bd.setId(first + (index < end ? index : taken + (index - end)));
    }
    return given;
  }

  LogicalResult numberOnce(ArrayRef<adf::DMAOp> steps) {
    std::map<ChainKey, int, bool (*)(const ChainKey &, const ChainKey &)> known(less);
    int next = taken;
    for (adf::DMAOp task : steps) {
      auto [entry, added] = known.try_emplace(keyOf(task), next);
      if (added)
        next += count(task);
      assign(task, entry->second, size);
    }
    return success();
  }

  LogicalResult takeTurns(ArrayRef<adf::DMAOp> steps) {
    int room = size - taken, at = 0, before = 0, now = 0;
    int64_t step = -1;
    for (adf::DMAOp task : steps) {
      if (stepOf(task) != step) {
        before = stepOf(task) == step + 1 ? now : 0;
        now = 0;
        step = stepOf(task);
      }
      now += count(task);
      if (before + now > room)
        return complain(task);
      assign(task, taken + at, size);
      at = (at + count(task)) % room;
    }
    return success();
  }

  LogicalResult complain(adf::DMAOp task) {
    auto tile = task.getTile().getDefiningOp<adf::TileOp>();
    return task.emitError() << tileKindName(kind) << " tile (" << *tile.getCol() << ", "
                            << *tile.getRow() << ") has " << size
                            << " buffer descriptors for this channel and those that share them, "
                               "which two steps after each other must do with: use fewer tiles of "
                               "rows or chunks of channels in a layer";
  }

  TileKind kind;
  int first, size, taken = 0;
  SmallVector<adf::DMAOp> tasks;
};

} // namespace

LogicalResult adfc::allocateStepBds(PhaseModel &model, const DeviceModel &device) {
  std::map<std::pair<TileCoord, int>, Pool> pools;
  for (ChannelTasks &tasks : model.channels) {
    TileKind kind = model.kind(tasks.tile);
    int parts = kind == TileKind::Mem ? 2 : 1, part = tasks.channel() % parts;
    int size = device.bds(kind) / parts;
    auto [pool, added] =
        pools.try_emplace({model.coord(tasks.tile), part}, kind, part * size, size);
    for (adf::DMAOp task : tasks.tasks)
      pool->second.add(task);
  }
  for (auto &[where, pool] : pools)
    if (failed(pool.number()))
      return failure();
  return success();
}
