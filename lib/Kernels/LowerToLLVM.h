//===- LowerToLLVM.h - From structured kernels to LLVM IR -----------------===//
#ifndef ADFC_KERNELS_LOWERTOLLVM_H
#define ADFC_KERNELS_LOWERTOLLVM_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace adfc::kernels {

/// Dialects and translations that the kernels' context needs.
void registerKernelDialects(mlir::DialectRegistry &registry);

/// Suffix of the function with a kernel's body; the kernel's own name is its entry's.
constexpr llvm::StringLiteral bodySuffix = ".body";

/// Turns a module of functions NAME.body (flat memrefs, then i32) without contractions into LLVM
/// IR, with an entry NAME of the kernels' calling convention for each. Fails with what MLIR says.
llvm::Expected<std::unique_ptr<llvm::Module>> lowerToLLVM(mlir::ModuleOp module,
                                                          llvm::LLVMContext &context);

} // namespace adfc::kernels

#endif // ADFC_KERNELS_LOWERTOLLVM_H
