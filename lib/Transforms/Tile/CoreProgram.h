//===- CoreProgram.h - the program of one core ----------------------------===//
#ifndef ADFC_TRANSFORMS_TILE_COREPROGRAM_H
#define ADFC_TRANSFORMS_TILE_COREPROGRAM_H

#include "Transforms/Tile/PhaseBuilder.h"

namespace adfc {

/// Makes the adf.core of `core`, which computes `group` of so many images, at the builder's
/// place.
void makeCoreProgram(mlir::OpBuilder builder, const LayerPlan &plan, const SpatialGroup &group,
                     const CoreMemory &core, mlir::StringAttr kernel, int64_t images = 1);

} // namespace adfc

#endif // ADFC_TRANSFORMS_TILE_COREPROGRAM_H
