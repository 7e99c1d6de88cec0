//===- NativeObject.h - Native programs as object code --------------------===//
#ifndef ADFC_TARGET_NATIVEOBJECT_H
#define ADFC_TARGET_NATIVEOBJECT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"

#include <string>

namespace adfc {

/// LLVM IR text of a module that convert-rcb-to-llvm made. Fails with a diagnostic.
mlir::FailureOr<std::string> nativeIR(mlir::ModuleOp module);

/// Position-independent object code of it for the processor that the compiler runs on; the
/// functions of adfc/rhal.h are undefined symbols. Same module, same bytes. Fails with a
/// diagnostic.
mlir::FailureOr<std::string> nativeObject(mlir::ModuleOp module);

} // namespace adfc

#endif // ADFC_TARGET_NATIVEOBJECT_H
