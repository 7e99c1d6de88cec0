//===- Placer.h - Places one phase's tiles and channels -------------------===//
//
// Knows nothing of MLIR: a phase is a list of tiles with their needs, and links between them.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TRANSFORMS_PLACE_PLACER_H
#define ADFC_TRANSFORMS_PLACE_PLACER_H

#include "Target/DeviceModel.h"

#include "llvm/ADT/ArrayRef.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace adfc {

/// A DMA channel that a tile needs, with its number of buffer descriptors.
struct ChannelNeed {
  Direction direction = Direction::S2MM;
  int bds = 0;
  /// The channel's number where it is given.
  std::optional<int> fixed;
};

/// What a virtual tile needs of a physical one.
struct TileNeed {
  TileKind kind = TileKind::Core;
  int64_t bytes = 0;
  int locks = 0;
  std::vector<ChannelNeed> channels;
  /// Coordinates where they are given.
  std::optional<TileCoord> fixed;
};

/// A stream from one tile to another, as indices into the tiles.
struct Link {
  int source = -1;
  int target = -1;
};

struct Placement {
  /// One for each tile.
  std::vector<TileCoord> tiles;
  /// For each tile the number of each of its channels.
  std::vector<std::vector<int>> channels;
  /// What is missing for which tile. Empty where the placement succeeded.
  std::string failure;
  int failedTile = -1;
};

/// What is taken of one physical tile.
struct TileUse {
  int64_t bytes = 0;
  int locks = 0;
  bool core = false;
  uint32_t channels[2] = {0, 0};
  /// Descriptors taken; a memory tile has one pool for even and one for odd channels.
  int bds[2] = {0, 0};

  bool empty() const { return !core && bytes == 0 && !channels[0] && !channels[1]; }
};

class Placer {
public:
  /// `sites` are the core tiles to use, in order.
  Placer(const DeviceModel &device, llvm::ArrayRef<TileCoord> avoid,
         llvm::ArrayRef<TileCoord> sites)
      : device(device), avoid(avoid), sites(sites) {}

  Placement place(llvm::ArrayRef<TileNeed> tiles, llvm::ArrayRef<Link> links);

private:
  bool placeFixed();
  bool placeCores();
  bool placeMems();
  bool placeShims();
  bool placeNear(int tile, llvm::ArrayRef<TileCoord> candidates);
  bool settle(int tile, TileCoord at);
  bool settleTogether(llvm::ArrayRef<int> tiles, TileCoord at);
  std::optional<std::vector<int>> chooseChannels(const TileNeed &need, TileUse &use,
                                                 std::string &missing) const;
  std::optional<std::vector<int>> fit(const TileNeed &need, TileUse &use,
                                      std::string &missing) const;
  std::vector<int> coreOrder() const;
  std::vector<TileCoord> tilesOf(TileKind kind) const;
  std::vector<int> neighbours(int tile) const;
  int wishedColumn(int tile) const;
  bool fail(int tile, const std::string &why);

  const DeviceModel &device;
  llvm::ArrayRef<TileCoord> avoid;
  llvm::ArrayRef<TileCoord> sites;

  llvm::ArrayRef<TileNeed> needs;
  llvm::ArrayRef<Link> links;
  std::map<TileCoord, TileUse> uses;
  Placement placement;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_PLACE_PLACER_H
