//===- Diagnose.h - errors for what could not be converted ----------------===//
#ifndef ADFC_CONVERSION_TOSATOADF_DIAGNOSE_H
#define ADFC_CONVERSION_TOSATOADF_DIAGNOSE_H

#include "ADF/ADFOps.h"

namespace adfc {

/// One error for each operation in `graph` that is at fault for not being of the adf dialect;
/// success if there is none.
mlir::LogicalResult diagnoseLeftovers(adf::GraphOp graph);

} // namespace adfc

#endif // ADFC_CONVERSION_TOSATOADF_DIAGNOSE_H
