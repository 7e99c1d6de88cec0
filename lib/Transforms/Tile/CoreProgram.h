//===- CoreProgram.h - the program of one core ----------------------------===//
#ifndef ADFC_TRANSFORMS_TILE_COREPROGRAM_H
#define ADFC_TRANSFORMS_TILE_COREPROGRAM_H

#include "Transforms/Tile/PhaseBuilder.h"

namespace adfc {

/// A core's place in a cascade of sums: what comes and what goes, null where it is the first or the
/// last. Where sums are in a buffer, calls of `copy` that take so many cycles hand them on; where
/// there is `add`, a core makes its own sums, and adds those that come before its last chunk.
struct CascadePlace {
  mlir::Value in, out;
  mlir::StringAttr copy, add;
  int64_t handover = 0;
};

/// What a core calls for a layer, and for the one that is chained to it, null where there is none.
struct CoreKernels {
  mlir::StringAttr head, tail;
};

/// Images of an inference; an `endless` program starts again for the next one, and keeps weights.
struct CoreTurns {
  int64_t images = 1;
  bool endless = false;
};

/// Makes the adf.core of `core`, which computes `group` of each image, at the builder's place. A
/// core of a cascade does `plan.chunks` of a layer's chunks.
void makeCoreProgram(mlir::OpBuilder builder, const LayerPlan &plan, const SpatialGroup &group,
                     const CoreMemory &core, CoreKernels kernels, const CoreTurns &turns = {},
                     const CascadePlace &cascade = {});

} // namespace adfc

#endif // ADFC_TRANSFORMS_TILE_COREPROGRAM_H
