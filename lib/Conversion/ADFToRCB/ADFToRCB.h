//===- ADFToRCB.h - From placed programs to control blocks ----------------===//
#ifndef ADFC_CONVERSION_ADFTORCB_H
#define ADFC_CONVERSION_ADFTORCB_H

#include "ADF/ADFDialect.h"
#include "RCB/RCBDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace adfc {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Conversion/ADFToRCB/ADFToRCBPasses.h.inc"

} // namespace adfc

#endif // ADFC_CONVERSION_ADFTORCB_H
