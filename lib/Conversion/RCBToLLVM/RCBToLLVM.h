//===- RCBToLLVM.h - From control blocks to LLVM IR -----------------------===//
#ifndef ADFC_CONVERSION_RCBTOLLVM_H
#define ADFC_CONVERSION_RCBTOLLVM_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace adfc {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "Conversion/RCBToLLVM/RCBToLLVMPasses.h.inc"

} // namespace adfc

#endif // ADFC_CONVERSION_RCBTOLLVM_H
