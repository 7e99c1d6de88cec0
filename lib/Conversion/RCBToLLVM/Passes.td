// Passes from dialect rcb down to LLVM IR.
#ifndef ADFC_CONVERSION_RCBTOLLVM_PASSES_TD
#define ADFC_CONVERSION_RCBTOLLVM_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertRCBToLLVM : Pass<"convert-rcb-to-llvm", "::mlir::ModuleOp"> {
  let summary = "lower control blocks to calls of the runtime hardware abstraction layer";
  let description = [{
    Turns the module's one `rcb.image` into LLVM functions that need no engine: `i32 adfc_native_program(void)` calls the
    functions of `adfc/rhal.h` in the order, and with the values, in which the engine would. It returns the first status that
    is not 0, or 0. An image with a load program gives `i32 adfc_native_load(void)` too, which is called before the
    first inference.

    The instructions are split over internal functions, since compilers are slow on very long ones.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let options = [
    Option<"partInstructions", "part-instructions", "int64_t", /*default=*/"256",
           "instructions in each internal function">
  ];
}

#endif // ADFC_CONVERSION_RCBTOLLVM_PASSES_TD
