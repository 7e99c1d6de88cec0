//===- Checks.h - The checks of adf-verify-placed -------------------------===//
//
// Each check reports what it finds on the operation at fault, and fails. A check may rely on those
// before it.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TRANSFORMS_VERIFYPLACED_CHECKS_H
#define ADFC_TRANSFORMS_VERIFYPLACED_CHECKS_H

#include "Transforms/Phase/PhaseModel.h"
#include "Transforms/Route/SwitchGraph.h"

namespace adfc::placed {

/// Windows must start at multiples of this: kernels rely on it.
constexpr int64_t windowAlignment = 64;

/// Tiles exist, are of their kind, may be used, and a core tile is used once.
mlir::LogicalResult checkTiles(PhaseModel &model, const DeviceModel &device,
                               llvm::ArrayRef<TileCoord> avoid);
/// Windows and buffers are inside their tile's memory and share no byte; locks exist and are used
/// once.
mlir::LogicalResult checkMemory(PhaseModel &model, const DeviceModel &device);
/// Whether two windows or buffers are needed at the same time: always, but for those of a resident
/// phase whose steps are apart, or where one takes the place of the other tile by tile.
bool liveTogether(mlir::Operation *a, mlir::Operation *b);
/// Channels and descriptors exist, belong together, are used once, and fit the registers.
mlir::LogicalResult checkDMA(PhaseModel &model, const DeviceModel &device);
/// Connections are possible, each port has one source, each stream leads exactly to its targets.
mlir::LogicalResult checkRoutes(PhaseModel &model, const DeviceModel &device,
                                const SwitchGraph &graph, llvm::ArrayRef<TileCoord> avoid);
/// Both ends of each stream move the same number of words.
mlir::LogicalResult checkWordCounts(PhaseModel &model);
/// Each lock is at its initial value when the phase has ended.
mlir::LogicalResult checkLockBalance(PhaseModel &model);
/// Cascades lead to the southern or eastern neighbour, and their ends' calls come in pairs.
mlir::LogicalResult checkCascades(PhaseModel &model);
/// One program for each core, inside its limits.
mlir::LogicalResult checkCores(PhaseModel &model);
/// DDR pieces have places; those that are needed together share no byte.
mlir::LogicalResult checkDDR(adf::ProgramOp program);
/// No more core tiles are used than the program may use.
mlir::LogicalResult checkTileCount(adf::ProgramOp program);

} // namespace adfc::placed

#endif // ADFC_TRANSFORMS_VERIFYPLACED_CHECKS_H
