//===- TensorTable.h - where the graph's tensors lie in DDR ---------------===//
#ifndef ADFC_TRANSFORMS_TILE_TENSORTABLE_H
#define ADFC_TRANSFORMS_TILE_TENSORTABLE_H

#include "ADF/ADFOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"

namespace adfc {

/// Makes an adf.ddr for each tensor of a graph, and for weights. A reshape lies where its operand
/// does.
class TensorTable {
public:
  /// `builder` stands where the operations shall be.
  explicit TensorTable(mlir::OpBuilder builder) : builder(builder) {}

  /// The graph's inputs and outputs, in order. Fails if an output is an input or is given twice.
  mlir::LogicalResult addBoundary(adf::GraphOp graph);
  /// The result of a kernel operation, unless it is an output.
  void addResult(adf::KernelOpInterface op);
  /// A constant under the name of `op`'s layer and `.weights`.
  mlir::StringAttr addWeights(adf::KernelOpInterface op,
                              llvm::function_ref<mlir::ElementsAttr(llvm::StringRef name)> pack);

  /// A constant of these bytes.
  mlir::StringAttr addConstant(mlir::Location loc, llvm::StringRef name,
                               llvm::ArrayRef<char> bytes);

  mlir::StringAttr lookup(mlir::Value value) const;
  /// Operand `index` of `op`, an activation; a constant one is made here.
  mlir::StringAttr getInput(adf::KernelOpInterface op, unsigned index);
  /// Whether the graph gives `value` as an output.
  bool isOutput(mlir::Value value) const { return outputs.contains(value); }
  /// Bytes of a constant that was added here.
  int64_t bytesOf(mlir::StringAttr constant) const { return constants.lookup(constant); }

  /// `name`, or with a number behind it if something in the program has it.
  mlir::StringAttr unique(llvm::StringRef name);

private:
  mlir::StringAttr addBoundaryTensor(mlir::Location loc, adf::BufferKind buffer,
                                     mlir::DictionaryAttr attrs, llvm::StringRef fallback,
                                     mlir::Type type);

  mlir::OpBuilder builder;
  llvm::StringSet<> names;
  llvm::DenseMap<mlir::Value, mlir::StringAttr> tensors;
  llvm::DenseSet<mlir::Value> outputs;
  llvm::DenseMap<mlir::StringAttr, int64_t> constants;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_TILE_TENSORTABLE_H
