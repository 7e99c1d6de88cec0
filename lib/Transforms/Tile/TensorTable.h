//===- TensorTable.h - where the graph's tensors lie in DDR ---------------===//
#ifndef ADFC_TRANSFORMS_TILE_TENSORTABLE_H
#define ADFC_TRANSFORMS_TILE_TENSORTABLE_H

#include "ADF/ADFOps.h"
#include "Transforms/LegalizeViews/Views.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"

namespace adfc {

/// Where a tensor lies: the adf.ddr, and in it, in words, what ViewSteps says.
struct TensorPlace {
  mlir::StringAttr ddr;
  ViewSteps steps;
};

/// Makes an adf.ddr for each tensor of a graph, and for weights. A reshape lies where its operand
/// does, a slice in its operand, and what an adf.assemble places lies in its result.
class TensorTable {
public:
  /// `builder` stands where the operations shall be.
  explicit TensorTable(mlir::OpBuilder builder) : builder(builder) {}

  /// The graph's inputs and outputs, in order. Fails if an output is an input or is given twice.
  /// Each is of `batch` images, one behind the other.
  mlir::LogicalResult addBoundary(adf::GraphOp graph, int64_t batch = 1);
  /// The result of a kernel operation, of `batch` images, unless it is an output.
  void addResult(adf::KernelOpInterface op, int64_t batch = 1);
  /// A constant under the name of `op`'s layer and `.weights`.
  mlir::StringAttr addWeights(adf::KernelOpInterface op,
                              llvm::function_ref<mlir::ElementsAttr(llvm::StringRef name)> pack);

  /// A constant of these bytes.
  mlir::StringAttr addConstant(mlir::Location loc, llvm::StringRef name,
                               llvm::ArrayRef<char> bytes);

  /// The adf.ddr of an input of the graph or of a result that was added here, or of a reshape of
  /// it.
  mlir::StringAttr lookup(mlir::Value value) const;
  /// Whether the graph gives `value` as an output.
  bool isOutput(mlir::Value value) const { return outputs.contains(value); }
  /// Bytes of a constant that was added here.
  int64_t bytesOf(mlir::StringAttr constant) const { return constants.lookup(constant); }
  /// Where `value` lies, which a graph's input, a constant or a kernel makes. A constant is named
  /// after the `layer` that reads it first.
  TensorPlace place(mlir::Value value, llvm::StringRef layer);

  /// `name`, or with a number behind it if something in the program has it.
  mlir::StringAttr unique(llvm::StringRef name);

private:
  mlir::StringAttr addBoundaryTensor(mlir::Location loc, adf::BufferKind buffer,
                                     mlir::DictionaryAttr attrs, llvm::StringRef fallback,
                                     llvm::ArrayRef<int64_t> shape, int64_t valid);

  mlir::StringAttr addConstant(adf::ConstantOp constant, llvm::StringRef layer);

  mlir::OpBuilder builder;
  llvm::StringSet<> names;
  llvm::DenseMap<mlir::Value, mlir::StringAttr> tensors;
  llvm::DenseSet<mlir::Value> outputs;
  llvm::DenseMap<mlir::StringAttr, int64_t> constants;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_TILE_TENSORTABLE_H
