//===- CoreSites.h - Which core tiles a program uses, and in which order --===//
#ifndef ADFC_TRANSFORMS_PLACE_CORESITES_H
#define ADFC_TRANSFORMS_PLACE_CORESITES_H

#include "Target/DeviceModel.h"

#include "llvm/ADT/ArrayRef.h"

#include <vector>

namespace adfc {

/// The core tiles that the device has and that are not to be avoided.
std::vector<TileCoord> usableCores(const DeviceModel &device, llvm::ArrayRef<TileCoord> avoid);

/// Up to `count` core tiles, column by column, each column's from the lowest row up: at most
/// `perColumn` in a column as long as there are columns. The columns are neighbours, and lie around
/// shims that reach DDR. Cores above an avoided tile are taken last, since their streams would have
/// to go around it. Fewer than `count` where there are no more.
std::vector<TileCoord> chooseCoreSites(const DeviceModel &device, llvm::ArrayRef<TileCoord> avoid,
                                       int count, int perColumn);

} // namespace adfc

#endif // ADFC_TRANSFORMS_PLACE_CORESITES_H
