//===- CascadeSites.h - Where cores that are joined by cascades go --------===//
#ifndef ADFC_TRANSFORMS_PLACE_CASCADESITES_H
#define ADFC_TRANSFORMS_PLACE_CASCADESITES_H

#include "Transforms/Place/Placer.h"

#include <utility>

namespace adfc {

/// Chains of core tiles, as indices into a phase's tiles: each core's cascade leads to the next
/// one. `links` are (source, target); a core has at most one of each. A ring of cores is left out.
std::vector<std::vector<int>> cascadeChains(llvm::ArrayRef<std::pair<int, int>> links);

/// Fixes the cores of the chains so that each next one is the southern or the eastern neighbour of
/// the one before (AM020: the cascade leads from north to south and from west to east). Cores that
/// are fixed already stay. `sites` are tried first. Returns the first tile of a chain that has no
/// place, or -1.
int fixCascades(const DeviceModel &device, llvm::ArrayRef<TileCoord> avoid,
                llvm::ArrayRef<TileCoord> sites, llvm::ArrayRef<std::vector<int>> chains,
                std::vector<TileNeed> &tiles);

} // namespace adfc

#endif // ADFC_TRANSFORMS_PLACE_CASCADESITES_H
