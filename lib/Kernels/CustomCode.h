//===- CustomCode.h - kernels that come as LLVM IR ------------------------===//
#ifndef ADFC_KERNELS_CUSTOMCODE_H
#define ADFC_KERNELS_CUSTOMCODE_H

#include "Kernels/Kernels.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

namespace adfc::kernels {

/// The kernel's function in a text of LLVM IR.
constexpr llvm::StringLiteral customEntry = "adfc_kernel";

/// The LLVM IR that is the kernel, in place of what its family builds; empty where it is none.
llvm::StringRef customCode(const KernelSpec &spec);

/// Adds the text's functions to `module`: the kernel's under `name`, all others for it alone. Fails
/// on text that is no LLVM IR, and without that function.
llvm::Error addCustomCode(llvm::Module &module, llvm::StringRef name, llvm::StringRef text);

/// Fails where optimised code of kernels still calls something: recursion, or a pointer.
llvm::Error checkNoCalls(const llvm::Module &module);

} // namespace adfc::kernels

#endif // ADFC_KERNELS_CUSTOMCODE_H
