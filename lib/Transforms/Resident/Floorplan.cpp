//===- Floorplan.cpp ------------------------------------------------------===//
#include "Transforms/Resident/Floorplan.h"

#include "llvm/ADT/STLExtras.h"

#include <cstdlib>

using namespace adfc;

namespace {

class Planner {
public:
  Planner(const DeviceModel &device, llvm::ArrayRef<TileCoord> avoid, FloorNeeds needs)
      : device(device), needs(needs) {
    int row = device.firstRow(TileKind::Core);
    for (int col = 0; col < device.columns(); ++col)
      if (llvm::none_of(avoid, [&](TileCoord at) {
            return at.col == col && at.row >= row && at.row < row + needs.stack;
          }))
        columns.push_back(col);
  }

  Floorplan run() {
    int wanted = needs.sets * needs.cores / needs.stack,
        amid = (needs.shared ? 0 : needs.sets) + needs.hubs;
    if (device.rowCount(TileKind::Core) < needs.stack)
      return fail("it takes " + std::to_string(needs.stack) + " rows of core tiles");
    if (static_cast<int>(columns.size()) < wanted + amid)
      return fail("it takes " + std::to_string(wanted + amid) + " columns, of which " +
                  std::to_string(columns.size()) + " can be used");
    if (needs.extended && device.rowCount(TileKind::Mem) < 2)
      return fail("it takes two rows of memory tiles");
    if (!takeAmid(amid, wanted / 2))
      return fail("more than " + std::to_string(kHubChannels) + " sets take " +
                  std::to_string(amid) + " neighbouring columns that can be used");
    placeAmid();
    if (!findHelpers())
      return fail("joins beside a hub have too few channels for what it has none for itself");
    needs.extended || needs.paired ? addPairs(wanted) : addSingles(wanted);
    if (static_cast<int>(plan.cores.size()) < wanted)
      return fail("too few pairs of neighbouring columns can be used");
    for (int set = 0; needs.shared && set < needs.sets; ++set)
      plan.joins.push_back(plan.cores[set].head);
    addStacks();
    return std::move(plan);
  }

private:
  Floorplan fail(std::string why) {
    Floorplan none;
    none.failure = std::move(why);
    return none;
  }

  /// Each hub amid the joins of its sets; the joins of a stack beside each other, as its cores are.
  void placeAmid() {
    int row = device.firstRow(TileKind::Mem), column = 0;
    std::vector<TileCoord> joins;
    auto place = [&](std::vector<TileCoord> &tiles, int count) {
      for (int i = 0; i < count; ++i)
        tiles.push_back({middle[column++], row});
    };
    for (int hub = 0; hub < needs.hubs; ++hub) {
      int own = needs.shared ? 0 : firstSetOf(hub + 1) - firstSetOf(hub);
      place(joins, (own + 1) / 2);
      place(plan.hubs, 1);
      place(joins, own / 2);
    }
    int lowest = needs.sets / needs.stack;
    for (int set = 0; set < needs.sets && !needs.shared; ++set)
      plan.joins.push_back(joins[set % lowest * needs.stack + set / lowest]);
  }

  int firstSetOf(int hub) const { return (hub * needs.sets + needs.hubs - 1) / needs.hubs; }

  /// A hub that has more streams than channels has joins beside it which take the others, and write
  /// to its memory or read it: channels 0 to 3 of a memory tile reach its neighbours' (AM020). Of
  /// the channels that receive, a join's cores take one each, and inputs.
  bool findHelpers() {
    constexpr int reaching = 4;
    int room = std::min(reaching, device.channels(TileKind::Mem) - needs.cores - 1);
    plan.helpers.resize(plan.hubs.size());
    plan.senders.resize(plan.hubs.size());
    std::vector<int> receives(plan.joins.size(), 0), sends(plan.joins.size(), 0);
    for (int hub = 0; hub < needs.hubs; ++hub) {
      // A join gets no stream that it sends.
      for (int set = kHubChannels; set < needs.sets; ++set)
        if (!findHelper(hub, set, room, receives, plan.helpers[hub]))
          return false;
      for (int set = firstSetOf(hub) + kHubChannels; set < firstSetOf(hub + 1); ++set)
        if (!findHelper(hub, -1, kSentByJoin, sends, plan.senders[hub]))
          return false;
    }
    return true;
  }

  /// Adds to `found` a join beside `hub`, other than that of set `but`, which has taken fewer than
  /// `room` streams, all for this hub.
  bool findHelper(int hub, int but, int room, std::vector<int> &taken, std::vector<int> &found) {
    for (int join = 0; join < needs.sets; ++join) {
      bool beside = std::abs(plan.joins[join].col - plan.hubs[hub].col) == 1;
      bool free = taken[join] < room && (!taken[join] || llvm::is_contained(found, join));
      if (join == but || !beside || !free)
        continue;
      ++taken[join];
      found.push_back(join);
      return true;
    }
    return false;
  }

  /// Takes `count` columns behind the first `left`, or near there, out of `columns`: neighbouring
  /// ones where a hub needs its neighbours.
  bool takeAmid(int count, int left) {
    left += left % 2; // whole pairs on the left
    int last = static_cast<int>(columns.size()) - count;
    left = std::min(left, last);
    if (needs.sets > kHubChannels) {
      auto apart = [&](int first) { return columns[first + count - 1] - columns[first] >= count; };
      int near = -1;
      for (int first = 0; first <= last; ++first)
        if (!apart(first) && (near < 0 || std::abs(first - left) < std::abs(near - left)))
          near = first;
      if (near < 0)
        return false;
      left = near;
    }
    auto first = columns.begin() + left;
    middle.assign(first, first + count);
    columns.erase(first, first + count);
    return true;
  }

  void addSingles(int wanted) {
    int core = device.firstRow(TileKind::Core), mem = device.firstRow(TileKind::Mem);
    for (int col : columns)
      if (static_cast<int>(plan.cores.size()) < wanted)
        plan.cores.push_back({{col, core}, {col, mem}, {}});
  }

  /// Of two neighbouring columns the left core has the lower memory tiles, the right one the upper,
  /// where cores have extensions.
  void addPairs(int wanted) {
    int core = device.firstRow(TileKind::Core), mem = device.firstRow(TileKind::Mem);
    for (size_t i = 0; i + 1 < columns.size() && static_cast<int>(plan.cores.size()) < wanted;) {
      int left = columns[i], right = columns[i + 1];
      if (right != left + 1) {
        ++i;
        continue;
      }
      int own = needs.extended ? mem + 1 : mem; // of the right core
      plan.cores.push_back({{left, core}, {left, mem}, {right, mem}});
      if (static_cast<int>(plan.cores.size()) < wanted)
        plan.cores.push_back({{right, core}, {right, own}, {left, own}});
      i += 2;
    }
  }

  /// The others of each column, above the lowest.
  void addStacks() {
    size_t lowest = plan.cores.size();
    for (int up = 1; up < needs.stack; ++up)
      for (size_t i = 0; i < lowest; ++i) {
        CoreSite site = plan.cores[i];
        site.core.row += up;
        plan.cores.push_back(site);
      }
  }

  const DeviceModel &device;
  FloorNeeds needs;
  std::vector<int> columns, middle;
  Floorplan plan;
};

} // namespace

Floorplan adfc::planFloor(const DeviceModel &device, llvm::ArrayRef<TileCoord> avoid,
                          FloorNeeds needs) {
  return Planner(device, avoid, needs).run();
}
