//===- CoreProgram.h - the program of one core ----------------------------===//
#ifndef ADFC_TRANSFORMS_TILE_COREPROGRAM_H
#define ADFC_TRANSFORMS_TILE_COREPROGRAM_H

#include "Transforms/Tile/PhaseBuilder.h"

namespace adfc {

/// A core's place in a cascade of sums: what comes and what goes, null where it is the first or the
/// last. Where sums are in a buffer, calls of `copy` that take so many cycles hand them on.
struct CascadePlace {
  mlir::Value in, out;
  mlir::StringAttr copy;
  int64_t copyCycles = 0;
};

/// What a core calls for a layer, and for the one that is chained to it, null where there is none.
struct CoreKernels {
  mlir::StringAttr head, tail;
};

/// Makes the adf.core of `core`, which computes `group` of so many images, at the builder's
/// place. A core of a cascade does `plan.chunks` of a layer's chunks.
void makeCoreProgram(mlir::OpBuilder builder, const LayerPlan &plan, const SpatialGroup &group,
                     const CoreMemory &core, CoreKernels kernels, int64_t images = 1,
                     const CascadePlace &cascade = {});

} // namespace adfc

#endif // ADFC_TRANSFORMS_TILE_COREPROGRAM_H
