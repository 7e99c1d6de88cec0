//===- StepBds.cpp --------------------------------------------------------===//
#include "Transforms/Allocate/StepBds.h"

#include "Transforms/Phase/PlacedBd.h"

#include "llvm/ADT/STLExtras.h"

#include <map>
#include <set>

using namespace mlir;
using namespace adfc;

namespace {

/// What a chain of descriptors says: equal chains can share their numbers.
using ChainKey = std::vector<std::pair<std::vector<uint32_t>, std::string>>;

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
    // The numbers that have been free longest are for what sends: control starts that first.
    for (auto &[step, members] : bySteps)
      for (bool sending : {true, false})
        if (step >= 0)
          llvm::copy_if(members, std::back_inserter(steps),
                        [&](adf::DMAOp task) { return sends(task) == sending; });
    for (adf::DMAOp task : steps) {
      chains.push_back({task, keyOf(task), stepOf(task), count(task)});
      Use &use = uses[chains.back().key];
      ++use.tasks;
      use.descriptors = chains.back().descriptors;
      use.atStart |= chains.back().step == 0;
    }
    fixMostUsed();
    for (Chain &chain : chains)
      if (const Use &use = uses[chain.key]; use.first >= 0)
        assign(chain.task, use.first, size);
    return takeTurns();
  }

private:
  /// A task of a step, and what its descriptors say.
  struct Chain {
    adf::DMAOp task;
    ChainKey key;
    int64_t step;
    int descriptors;
  };
  /// The tasks with one key; `first`: the first of their numbers, if it is theirs alone; `atStart`:
  /// nothing is at work while they are written.
  struct Use {
    int tasks = 0, descriptors = 0, first = -1;
    bool atStart = false;
  };

  static int64_t stepOf(adf::DMAOp task) {
    return task.getStep() ? static_cast<int64_t>(*task.getStep()) : -1;
  }
  static bool sends(adf::DMAOp task) { return task.getDirection() == adf::Direction::MM2S; }
  static int count(adf::DMAOp task) {
    return static_cast<int>(llvm::range_size(task.getBody().getOps<adf::BDOp>()));
  }

  /// Two channels cannot share a descriptor that counts iterations.
  ChainKey keyOf(adf::DMAOp task) const {
    ChainKey key;
    for (auto bd : task.getBody().getOps<adf::BDOp>()) {
      EncodedDescriptor encoded = encodeDescriptor(kind, descriptorOf(bd, std::nullopt));
      std::vector<uint32_t> words(encoded.words.begin(), encoded.words.end());
      words.push_back(static_cast<uint32_t>(bd.getOffset()));
      if (bd.getIteration())
        words.push_back(static_cast<uint32_t>(*task.getChannel()));
      auto ddr = bd.getDdrAttr();
      key.emplace_back(std::move(words), ddr ? ddr.getValue().str() : std::string());
    }
    return key;
  }

  /// Numbers for one kind of chain alone, which is then written once: for all of them, or else for
  /// those at the start and those that are used most, as long as two steps can do with the other
  /// numbers.
  void fixMostUsed() {
    std::vector<std::tuple<bool, int, size_t>> order;
    std::vector<Use *> every;
    for (auto &[key, use] : uses) {
      order.emplace_back(!use.atStart, -use.tasks, every.size());
      every.push_back(&use);
    }
    llvm::sort(order);
    int all = 0;
    for (const Use *use : every)
      all += use->descriptors;
    for (auto [later, fewer, index] : order) {
      Use *use = every[index];
      if (taken + all > size && later && use->tasks < 2)
        break;
      use->first = taken;
      if (taken + all > size && taken + use->descriptors + mostInTwoSteps() > size) {
        use->first = -1;
        continue;
      }
      taken += use->descriptors;
      all -= use->descriptors;
    }
  }

  /// Descriptors that take turns and are in use at a time, most of all.
  int mostInTwoSteps() const {
    std::map<int64_t, int> bySteps;
    std::set<std::pair<int64_t, const Use *>> counted; // equal chains of a step share theirs
    for (const Chain &chain : chains)
      if (const Use &use = uses.at(chain.key);
          use.first < 0 && counted.insert({chain.step, &use}).second)
        bySteps[chain.step] += chain.descriptors;
    int most = 0;
    for (auto [step, descriptors] : bySteps) {
      auto before = bySteps.find(step - 1);
      most = std::max(most, descriptors + (before == bySteps.end() ? 0 : before->second));
    }
    return most;
  }

  /// Gives the chain the numbers from `at` on, in a ring of those behind the first `taken`.
  int assign(adf::DMAOp task, int at, int end) {
    int given = 0;
    for (auto bd : task.getBody().getOps<adf::BDOp>()) {
      int index = at + given++;
      bd.setId(first + (index < end ? index : taken + (index - end)));
    }
    return given;
  }

  LogicalResult takeTurns() {
    int room = size - taken, at = 0, before = 0, now = 0;
    int64_t step = -1;
    std::map<const Use *, int> ofStep; // the first number of each chain
    for (Chain &chain : chains) {
      const Use &use = uses[chain.key];
      if (use.first >= 0)
        continue;
      if (chain.step != step) {
        ofStep.clear();
        before = chain.step == step + 1 ? now : 0;
        now = 0;
        step = chain.step;
      }
      auto [known, added] = ofStep.try_emplace(&use, taken + at);
      if (!added) {
        assign(chain.task, known->second, size);
        continue;
      }
      now += chain.descriptors;
      if (before + now > room)
        return complain(chain.task);
      assign(chain.task, taken + at, size);
      at = (at + chain.descriptors) % room;
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
  std::vector<Chain> chains; ///< in the order of their steps
  std::map<ChainKey, Use> uses;
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
