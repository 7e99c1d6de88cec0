//===- InitAll.h - registers what adf-opt and the Python extension know ---===//
#ifndef ADFC_INITALL_H
#define ADFC_INITALL_H

#include "mlir/IR/DialectRegistry.h"

namespace adfc {

/// Our dialects and those of MLIR that our passes read or write.
void registerAllDialects(mlir::DialectRegistry &registry);
/// Our passes and MLIR's general ones (canonicalize, cse, ...). Once in a process.
void registerAllPasses();

} // namespace adfc

#endif // ADFC_INITALL_H
