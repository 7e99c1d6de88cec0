//===- Descriptors.h - makes adf.bd from access patterns ------------------===//
#ifndef ADFC_TRANSFORMS_TILE_DESCRIPTORS_H
#define ADFC_TRANSFORMS_TILE_DESCRIPTORS_H

#include "ADF/ADFOps.h"
#include "Target/DeviceModel.h"
#include "Transforms/Tile/AccessPattern.h"
#include "mlir/IR/Builders.h"

struct adfc_device;

namespace adfc {

/// How a descriptor uses its window's locks, and moves on from run to run.
struct Handshake {
  adf::AcquireAttr acquire;
  adf::ReleaseAttr release;
  llvm::SmallVector<int64_t, 2> iteration; ///< wrap and step; empty: none
};

/// Runs that a descriptor's iteration counts before it begins again (AM025).
inline constexpr int64_t kMostIterations = 64;
/// Images of an inference of a pipelined program: what the tasks in a shim's queue count.
inline constexpr int64_t kMostBatch = DeviceModel::queueDepth * kMostIterations;

/// What the descriptors and queues of a kind of tile can hold.
const adfc_tile &limitsOf(const adfc_device &device, adf::TileKind kind);

/// Adds a descriptor on `window` or, where that is null, on the DDR piece `ddr`. The pattern is
/// legal for its tile.
void createBD(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value window,
              mlir::StringAttr ddr, const AccessPattern &pattern, const Handshake &handshake);

} // namespace adfc

#endif // ADFC_TRANSFORMS_TILE_DESCRIPTORS_H
