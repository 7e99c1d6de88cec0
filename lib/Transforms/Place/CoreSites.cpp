//===- CoreSites.cpp ------------------------------------------------------===//
#include "Transforms/Place/CoreSites.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <set>

using namespace adfc;

std::vector<TileCoord> adfc::usableCores(const DeviceModel &device,
                                         llvm::ArrayRef<TileCoord> avoid) {
  std::vector<TileCoord> cores;
  int first = device.firstRow(TileKind::Core), end = first + device.rowCount(TileKind::Core);
  for (int col = 0; col < device.columns(); ++col)
    for (int row = first; row < end; ++row)
      if (!llvm::is_contained(avoid, TileCoord{col, row}))
        cores.push_back({col, row});
  return cores;
}

namespace {

/// The core tiles of a column that are reached from below without meeting an avoided tile, at most
/// `limit`.
std::vector<TileCoord> openCores(const DeviceModel &device, llvm::ArrayRef<TileCoord> avoid,
                                 int col, int limit) {
  std::vector<TileCoord> cores;
  int firstCore = device.firstRow(TileKind::Core);
  int end = firstCore + device.rowCount(TileKind::Core);
  for (int row = 0; row < end && static_cast<int>(cores.size()) < limit; ++row) {
    if (llvm::is_contained(avoid, TileCoord{col, row}))
      break;
    if (row >= firstCore)
      cores.push_back({col, row});
  }
  return cores;
}

int distanceToShimDma(const DeviceModel &device, llvm::ArrayRef<TileCoord> avoid, int col) {
  int best = std::numeric_limits<int>::max();
  for (int c = 0; c < device.columns(); ++c)
    if (device.hasShimDma(c) && !llvm::is_contained(avoid, TileCoord{c, 0}))
      best = std::min(best, std::abs(c - col));
  return best;
}

/// The run of columns with at least `count` open cores that is nearest to shims with DMA: first
/// column and end. All columns where no run has that many.
std::pair<int, int> bestColumns(const DeviceModel &device, llvm::ArrayRef<TileCoord> avoid,
                                int count, int perColumn) {
  std::vector<int> open, far;
  for (int col = 0; col < device.columns(); ++col) {
    open.push_back(static_cast<int>(openCores(device, avoid, col, perColumn).size()));
    far.push_back(distanceToShimDma(device, avoid, col));
  }
  std::pair<int, int> best{0, device.columns()};
  long bestCost = std::numeric_limits<long>::max();
  for (int first = 0; first < device.columns(); ++first) {
    int cores = 0;
    long cost = 0;
    for (int end = first; end < device.columns(); ++end) {
      cores += open[end];
      cost += 1 + far[end]; // fewer columns first, then nearer ones
      if (cores < count)
        continue;
      if (cost < bestCost) {
        bestCost = cost;
        best = {first, end + 1};
      }
      break;
    }
  }
  return best;
}

} // namespace

std::vector<TileCoord> adfc::chooseCoreSites(const DeviceModel &device,
                                             llvm::ArrayRef<TileCoord> avoid, int count,
                                             int perColumn) {
  auto [first, end] = bestColumns(device, avoid, count, perColumn);
  std::vector<TileCoord> sites;
  std::set<TileCoord> taken;
  auto take = [&](TileCoord tile) {
    if (static_cast<int>(sites.size()) < count && taken.insert(tile).second)
      sites.push_back(tile);
  };
  for (int col = first; col < end; ++col)
    for (TileCoord tile : openCores(device, avoid, col, perColumn))
      take(tile);
  // Not enough: all open cores, then those above avoided tiles.
  int rows = device.rowCount(TileKind::Core);
  for (int col = 0; col < device.columns(); ++col)
    for (TileCoord tile : openCores(device, avoid, col, rows))
      take(tile);
  for (TileCoord tile : usableCores(device, avoid))
    take(tile);
  return sites;
}
