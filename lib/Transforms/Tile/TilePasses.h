//===- TilePasses.h - adf-tile --------------------------------------------===//
#ifndef ADFC_TRANSFORMS_TILE_TILEPASSES_H
#define ADFC_TRANSFORMS_TILE_TILEPASSES_H

#include "mlir/Pass/Pass.h"

namespace adfc {

#define GEN_PASS_DECL
#include "Transforms/Tile/TilePasses.h.inc"

#define GEN_PASS_REGISTRATION
#include "Transforms/Tile/TilePasses.h.inc"

} // namespace adfc

#endif // ADFC_TRANSFORMS_TILE_TILEPASSES_H
