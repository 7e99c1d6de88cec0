//===- Floorplan.cpp ------------------------------------------------------===//
#include "Transforms/Resident/Floorplan.h"

#include "llvm/ADT/STLExtras.h"

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
    takeAmid(amid, wanted / 2);
    placeAmid(amid);
    needs.extended ? addPairs(wanted) : addSingles(wanted);
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
  void placeAmid(int amid) {
    int each = amid / needs.hubs, row = device.firstRow(TileKind::Mem);
    std::vector<TileCoord> joins;
    for (int i = 0; i < amid; ++i)
      (needs.shared || i % each == each / 2 ? plan.hubs : joins).push_back({middle[i], row});
    int lowest = needs.sets / needs.stack;
    for (int set = 0; set < needs.sets && !needs.shared; ++set)
      plan.joins.push_back(joins[set % lowest * needs.stack + set / lowest]);
  }

  /// Takes `count` columns behind the first `left` out of `columns`.
  void takeAmid(int count, int left) {
    left += left % 2; // whole pairs on the left
    auto first = columns.begin() + std::min<int>(left, static_cast<int>(columns.size()) - count);
    middle.assign(first, first + count);
    columns.erase(first, first + count);
  }

  void addSingles(int wanted) {
    int core = device.firstRow(TileKind::Core), mem = device.firstRow(TileKind::Mem);
    for (int col : columns)
      if (static_cast<int>(plan.cores.size()) < wanted)
        plan.cores.push_back({{col, core}, {col, mem}, {}});
  }

  /// Of two neighbouring columns the left core has the lower memory tiles, the right one the upper.
  void addPairs(int wanted) {
    int core = device.firstRow(TileKind::Core), mem = device.firstRow(TileKind::Mem);
    for (size_t i = 0; i + 1 < columns.size() && static_cast<int>(plan.cores.size()) < wanted;) {
      int left = columns[i], right = columns[i + 1];
      if (right != left + 1) {
        ++i;
        continue;
      }
      plan.cores.push_back({{left, core}, {left, mem}, {right, mem}});
      if (static_cast<int>(plan.cores.size()) < wanted)
        plan.cores.push_back({{right, core}, {right, mem + 1}, {left, mem + 1}});
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
