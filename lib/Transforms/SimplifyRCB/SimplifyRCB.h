//===- SimplifyRCB.h - Passes on control blocks ---------------------------===//
#ifndef ADFC_TRANSFORMS_SIMPLIFYRCB_H
#define ADFC_TRANSFORMS_SIMPLIFYRCB_H

#include "RCB/RCBDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace adfc {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Transforms/SimplifyRCB/SimplifyRCBPasses.h.inc"

} // namespace adfc

#endif // ADFC_TRANSFORMS_SIMPLIFYRCB_H
