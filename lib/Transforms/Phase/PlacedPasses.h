//===- PlacedPasses.h - Passes from tiled to placed programs --------------===//
#ifndef ADFC_TRANSFORMS_PLACEDPASSES_H
#define ADFC_TRANSFORMS_PLACEDPASSES_H

#include "ADF/ADFDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace adfc {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Transforms/Phase/PlacedPasses.h.inc"

} // namespace adfc

#endif // ADFC_TRANSFORMS_PLACEDPASSES_H
