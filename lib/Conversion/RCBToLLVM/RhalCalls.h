//===- RhalCalls.h - Calls of adfc/rhal.h in the LLVM dialect -------------===//
#ifndef ADFC_CONVERSION_RCBTOLLVM_RHALCALLS_H
#define ADFC_CONVERSION_RCBTOLLVM_RHALCALLS_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

namespace adfc {

/// Builds functions that call the runtime hardware abstraction layer. Declares its functions as
/// they are first used.
class RhalCalls {
public:
  RhalCalls(mlir::ModuleOp module, mlir::OpBuilder &builder);

  /// Starts a function `name` that returns i32; what follows is added to it. `parameters` are its
  /// arguments.
  mlir::LLVM::LLVMFuncOp begin(mlir::Location location, llvm::StringRef name, bool isPublic,
                               llvm::ArrayRef<mlir::Type> parameters = {});
  /// Ends it: returns 0.
  void end(mlir::Location location);

  /// Calls `name`, which returns a status; a status other than 0 is returned at once.
  void checked(mlir::Location location, llvm::StringRef name, mlir::ValueRange arguments);
  /// Calls `name` for its effect.
  mlir::Value call(mlir::Location location, llvm::StringRef name, mlir::Type result,
                   mlir::ValueRange arguments);

  mlir::Value word(mlir::Location location, uint32_t value);
  mlir::Value wide(mlir::Location location, uint64_t value);
  /// Stack memory for one value.
  mlir::Value slot(mlir::Location location, mlir::Type type);
  /// Address of a constant array. Equal arrays share one global.
  mlir::Value words(mlir::Location location, llvm::ArrayRef<int32_t> values);
  /// Address of element `index` of the global array `name` of `count` words.
  mlir::Value element(mlir::Location location, llvm::StringRef name, int64_t count, int64_t index);
  /// Adds the global array `name`.
  void addGlobal(mlir::Location location, llvm::StringRef name, llvm::ArrayRef<int32_t> values);

  mlir::Type i32() { return builder.getI32Type(); }
  mlir::Type i64() { return builder.getI64Type(); }
  mlir::Type pointer() { return mlir::LLVM::LLVMPointerType::get(builder.getContext()); }
  mlir::OpBuilder &getBuilder() { return builder; }

private:
  void declare(mlir::Location location, llvm::StringRef name, mlir::Type result,
               mlir::ValueRange arguments);

  mlir::ModuleOp module;
  mlir::OpBuilder &builder;
  /// Where a function returns early: its block argument is the status.
  mlir::Block *failure = nullptr;
  llvm::DenseMap<mlir::Attribute, std::string> globals;
};

} // namespace adfc

#endif // ADFC_CONVERSION_RCBTOLLVM_RHALCALLS_H
