//===- CascadeSites.cpp ---------------------------------------------------===//
#include "Transforms/Place/CascadeSites.h"

#include "Transforms/Place/CoreSites.h"

#include "llvm/ADT/STLExtras.h"

#include <set>

using namespace adfc;

std::vector<std::vector<int>> adfc::cascadeChains(llvm::ArrayRef<std::pair<int, int>> links) {
  std::map<int, int> next;
  std::set<int> targets;
  for (auto [source, target] : links) {
    next[source] = target;
    targets.insert(target);
  }
  std::vector<std::vector<int>> chains;
  for (auto [source, target] : next) {
    if (targets.count(source))
      continue;
    std::vector<int> &chain = chains.emplace_back();
    for (int tile = source;; tile = next.at(tile)) {
      chain.push_back(tile);
      if (!next.count(tile))
        break;
    }
  }
  return chains;
}

namespace {

/// Looks for a path of free core tiles for one chain.
class ChainPath {
public:
  ChainPath(const std::set<TileCoord> &free, llvm::ArrayRef<int> chain,
            const std::vector<TileNeed> &tiles)
      : free(free), chain(chain), tiles(tiles) {}

  bool from(TileCoord at) {
    size_t index = path.size();
    const std::optional<TileCoord> &fixed = tiles[chain[index]].fixed;
    if (fixed ? *fixed != at : !free.count(at))
      return false;
    path.push_back(at);
    if (path.size() == chain.size() || from({at.col, at.row - 1}) || from({at.col + 1, at.row}))
      return true;
    path.pop_back();
    return false;
  }

  std::vector<TileCoord> path;

private:
  const std::set<TileCoord> &free;
  llvm::ArrayRef<int> chain;
  const std::vector<TileNeed> &tiles;
};

} // namespace

int adfc::fixCascades(const DeviceModel &device, llvm::ArrayRef<TileCoord> avoid,
                      llvm::ArrayRef<TileCoord> sites, llvm::ArrayRef<std::vector<int>> chains,
                      std::vector<TileNeed> &tiles) {
  std::vector<TileCoord> usable = usableCores(device, avoid);
  std::vector<TileCoord> starts(sites.begin(), sites.end());
  llvm::append_range(starts, usable);
  std::set<TileCoord> free(usable.begin(), usable.end());
  for (const TileNeed &tile : tiles)
    if (tile.fixed)
      free.erase(*tile.fixed);
  for (const std::vector<int> &chain : chains) {
    ChainPath path(free, chain, tiles);
    const std::optional<TileCoord> &fixed = tiles[chain.front()].fixed;
    bool found = fixed ? path.from(*fixed)
                       : llvm::any_of(starts, [&](TileCoord at) { return path.from(at); });
    if (!found)
      return chain.front();
    for (auto [tile, at] : llvm::zip_equal(chain, path.path)) {
      tiles[tile].fixed = at;
      free.erase(at);
    }
  }
  return -1;
}
