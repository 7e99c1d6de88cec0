//===- ObjectCode.h - LLVM IR to an object file, in process ---------------===//
#ifndef ADFC_KERNELS_OBJECTCODE_H
#define ADFC_KERNELS_OBJECTCODE_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"

namespace adfc::kernels {

struct Target;

/// Sets the module's target and optimises it, as code that stands alone: no library calls, no stack
/// below the stack pointer (interrupts may use it). `vectorize`: loops too.
llvm::Error optimize(llvm::Module &module, const Target &target, bool vectorize);

/// Position-independent code of an optimised module, as an ELF object or as assembly. Fails where a
/// function wants more stack than a kernel may use.
llvm::Expected<llvm::SmallVector<char, 0>> generateCode(llvm::Module &module, const Target &target,
                                                        llvm::CodeGenFileType fileType);

} // namespace adfc::kernels

#endif // ADFC_KERNELS_OBJECTCODE_H
