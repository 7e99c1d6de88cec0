//===- Placer.cpp ---------------------------------------------------------===//
#include "Transforms/Place/Placer.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>

using namespace adfc;

Placement Placer::place(llvm::ArrayRef<TileNeed> tiles, llvm::ArrayRef<Link> streams) {
  needs = tiles;
  links = streams;
  uses.clear();
  placement = {};
  placement.tiles.resize(tiles.size());
  placement.channels.resize(tiles.size());
  if (placeFixed() && placeCores() && placeMems())
    placeShims();
  return placement;
}

bool Placer::fail(int tile, const std::string &why) {
  placement.failedTile = tile;
  placement.failure = why;
  return false;
}

//===- One tile -----------------------------------------------------------===//

/// Numbers for the channels of `need`, those with most descriptors first, each in the pool that has
/// most left.
std::optional<std::vector<int>> Placer::chooseChannels(const TileNeed &need, TileUse &use,
                                                       std::string &missing) const {
  int pools = need.kind == TileKind::Mem ? 2 : 1;
  int poolBds = device.bds(need.kind) / pools;
  std::vector<int> numbers(need.channels.size(), -1);
  std::vector<size_t> order(need.channels.size());
  std::iota(order.begin(), order.end(), size_t(0));
  auto rank = [&](size_t i) {
    return std::make_tuple(!need.channels[i].fixed, -need.channels[i].bds, i);
  };
  llvm::sort(order, [&](size_t a, size_t b) { return rank(a) < rank(b); });
  for (size_t i : order) {
    const ChannelNeed &channel = need.channels[i];
    uint32_t &taken = use.channels[static_cast<int>(channel.direction)];
    int best = -1, bestLeft = -1, mostLeft = -1;
    for (int c = 0; c < device.channels(need.kind); ++c) {
      if ((taken >> c & 1) || (channel.fixed && *channel.fixed != c))
        continue;
      int left = poolBds - use.bds[c % pools];
      mostLeft = std::max(mostLeft, left);
      if (left >= channel.bds && left > bestLeft) {
        best = c;
        bestLeft = left;
      }
    }
    if (best < 0) {
      bool receives = channel.direction == Direction::S2MM;
      missing = mostLeft < 0
                    ? (receives ? "lacks s2mm channels" : "lacks mm2s channels")
                    : ("lacks buffer descriptors: a channel needs " + llvm::Twine(channel.bds) +
                       ", and " + llvm::Twine(mostLeft) + " are left for it")
                          .str();
      return std::nullopt;
    }
    taken |= 1u << best;
    use.bds[best % pools] += channel.bds;
    numbers[i] = best;
  }
  return numbers;
}

/// Takes what `need` needs out of `use`; nothing, and what is missing, where it does not fit.
std::optional<std::vector<int>> Placer::fit(const TileNeed &need, TileUse &use,
                                            std::string &missing) const {
  if (need.kind == TileKind::Core && use.core) {
    missing = "has a core already";
    return std::nullopt;
  }
  TileUse next = use;
  next.core = need.kind == TileKind::Core;
  next.bytes += need.bytes;
  next.locks += need.locks;
  int64_t over = next.bytes - device.memoryBytes(need.kind);
  if (need.kind != TileKind::Shim && over > 0) {
    missing = ("is " + llvm::Twine(over) + " bytes over its " +
               llvm::Twine(device.memoryBytes(need.kind)) + " bytes of memory")
                  .str();
    return std::nullopt;
  }
  if (next.locks > device.locks(need.kind)) {
    missing = "lacks locks";
    return std::nullopt;
  }
  std::optional<std::vector<int>> channels = chooseChannels(need, next, missing);
  if (channels)
    use = next;
  return channels;
}

bool Placer::settle(int tile, TileCoord at) {
  std::string missing;
  std::optional<std::vector<int>> channels = fit(needs[tile], uses[at], missing);
  if (!channels)
    return fail(tile, (llvm::Twine("tile (") + llvm::Twine(at.col) + ", " + llvm::Twine(at.row) +
                       ") " + missing)
                          .str());
  placement.tiles[tile] = at;
  placement.channels[tile] = std::move(*channels);
  return true;
}

//===- Where to -----------------------------------------------------------===//

std::vector<TileCoord> Placer::tilesOf(TileKind kind) const {
  std::vector<TileCoord> tiles;
  int first = device.firstRow(kind), end = first + device.rowCount(kind);
  for (int col = 0; col < device.columns(); ++col)
    for (int row = first; row < end; ++row)
      if (!llvm::is_contained(avoid, TileCoord{col, row}) &&
          (kind != TileKind::Shim || device.hasShimDma(col)))
        tiles.push_back({col, row});
  return tiles;
}

std::vector<int> Placer::neighbours(int tile) const {
  std::vector<int> tiles;
  for (const Link &link : links) {
    if (link.source == tile)
      tiles.push_back(link.target);
    if (link.target == tile)
      tiles.push_back(link.source);
  }
  return tiles;
}

/// The median column of the placed tiles that `tile` exchanges streams with.
int Placer::wishedColumn(int tile) const {
  std::vector<int> columns;
  for (int other : neighbours(tile))
    if (placement.tiles[other].col >= 0)
      columns.push_back(placement.tiles[other].col);
  if (columns.empty())
    return sites.empty() ? 0 : sites[sites.size() / 2].col;
  std::sort(columns.begin(), columns.end());
  return columns[(columns.size() - 1) / 2];
}

/// Cores whose outputs meet in one memory tile stand next to each other; otherwise in their order.
std::vector<int> Placer::coreOrder() const {
  std::vector<std::pair<int, int>> keyed;
  for (int tile = 0; tile < static_cast<int>(needs.size()); ++tile) {
    if (needs[tile].kind != TileKind::Core)
      continue;
    int join = std::numeric_limits<int>::max();
    for (const Link &link : links)
      if (link.source == tile)
        join = std::min(join, link.target);
    keyed.emplace_back(join, tile);
  }
  llvm::sort(keyed);
  std::vector<int> order;
  for (auto &[join, tile] : keyed)
    order.push_back(tile);
  return order;
}

/// Settles `tile` on the candidate that is nearest to its neighbours, a little further for one that
/// is still empty.
bool Placer::placeNear(int tile, llvm::ArrayRef<TileCoord> candidates) {
  int wished = wishedColumn(tile);
  const TileCoord *best = nullptr;
  long bestCost = std::numeric_limits<long>::max();
  std::string missing, nearestMissing;
  long nearest = std::numeric_limits<long>::max();
  for (const TileCoord &at : candidates) {
    TileUse use = uses[at];
    long cost = 4L * std::abs(at.col - wished) + (use.empty() ? 0 : 3) + at.row;
    if (cost >= bestCost)
      continue;
    if (fit(needs[tile], use, missing)) {
      best = &at;
      bestCost = cost;
    } else if (cost < nearest) {
      nearest = cost;
      nearestMissing = (llvm::Twine("the nearest one, (") + llvm::Twine(at.col) + ", " +
                        llvm::Twine(at.row) + "), " + missing)
                           .str();
    }
  }
  if (best)
    return settle(tile, *best);
  std::string kind = tileKindName(needs[tile].kind).str();
  if (candidates.empty())
    return fail(tile, "the device has no " + kind + " tile that may be used");
  return fail(tile, "no " + kind + " tile has room for it; " + nearestMissing);
}

//===- Kind by kind -------------------------------------------------------===//

bool Placer::placeFixed() {
  std::map<TileCoord, std::vector<int>> fixed;
  for (int tile = 0; tile < static_cast<int>(needs.size()); ++tile)
    if (needs[tile].fixed)
      fixed[*needs[tile].fixed].push_back(tile);
  for (auto &[at, tiles] : fixed)
    if (needs[tiles.front()].kind == TileKind::Mem
            ? !settleTogether(tiles, at)
            : llvm::any_of(tiles, [&, where = at](int tile) { return !settle(tile, where); }))
      return false;
  return true;
}

/// Whether there is room does not depend on the order in which a program names them: the planner
/// counts the same way (python/adfc/planner/pipeline/memtiles.py).
bool Placer::settleTogether(llvm::ArrayRef<int> tiles, TileCoord at) {
  TileNeed all;
  all.kind = TileKind::Mem;
  std::vector<std::pair<int, size_t>> owners; // tile, which of its channels
  for (int tile : tiles) {
    all.bytes += needs[tile].bytes;
    all.locks += needs[tile].locks;
    for (size_t i = 0; i < needs[tile].channels.size(); ++i)
      owners.emplace_back(tile, i);
  }
  auto need = [&](const std::pair<int, size_t> &owner) -> const ChannelNeed & {
    return needs[owner.first].channels[owner.second];
  };
  llvm::sort(owners, [&](auto &a, auto &b) {
    return std::pair(need(a).direction, a) < std::pair(need(b).direction, b);
  });
  for (const auto &owner : owners)
    all.channels.push_back(need(owner));
  std::string missing;
  std::optional<std::vector<int>> channels = fit(all, uses[at], missing);
  if (!channels) // the first that is too much says what is missing
    return llvm::all_of(tiles, [&](int tile) { return settle(tile, at); });
  for (int tile : tiles) {
    placement.tiles[tile] = at;
    placement.channels[tile].resize(needs[tile].channels.size());
  }
  for (auto [owner, channel] : llvm::zip_equal(owners, *channels))
    placement.channels[owner.first][owner.second] = channel;
  return true;
}

bool Placer::placeCores() {
  auto site = sites.begin();
  for (int tile : coreOrder()) {
    if (needs[tile].fixed)
      continue;
    while (site != sites.end() && uses[*site].core)
      ++site;
    if (site == sites.end())
      return fail(tile, (llvm::Twine("the program may use ") + llvm::Twine(sites.size()) +
                         " core tiles, which are all taken")
                            .str());
    if (!settle(tile, *site))
      return false;
  }
  return true;
}

bool Placer::placeMems() {
  std::vector<TileCoord> candidates = tilesOf(TileKind::Mem);
  // Those that serve few tiles first: they have most reason to be in one place.
  std::vector<int> order;
  for (int tile = 0; tile < static_cast<int>(needs.size()); ++tile)
    if (needs[tile].kind == TileKind::Mem && !needs[tile].fixed)
      order.push_back(tile);
  auto rank = [&](int tile) { return std::make_pair(neighbours(tile).size(), tile); };
  llvm::sort(order, [&](int a, int b) { return rank(a) < rank(b); });
  return llvm::all_of(order, [&](int tile) { return placeNear(tile, candidates); });
}

bool Placer::placeShims() {
  std::vector<TileCoord> candidates = tilesOf(TileKind::Shim);
  for (int tile = 0; tile < static_cast<int>(needs.size()); ++tile)
    if (needs[tile].kind == TileKind::Shim && !needs[tile].fixed && !placeNear(tile, candidates))
      return false;
  return true;
}
