//===- KernelTable.h - the program's kernels, each once -------------------===//
#ifndef ADFC_TRANSFORMS_TILE_KERNELTABLE_H
#define ADFC_TRANSFORMS_TILE_KERNELTABLE_H

#include "Transforms/Tile/LayerPlan.h"
#include "mlir/IR/Builders.h"

namespace adfc {

/// Makes an adf.kernel for each kind and configuration that a program needs.
class KernelTable {
public:
  /// `builder` stands where the operations shall be.
  explicit KernelTable(mlir::OpBuilder builder) : builder(builder) {}

  /// The symbol of the kernel that the layer calls.
  mlir::StringAttr get(const LayerPlan &plan);
  /// Of the one that the layer chained to it calls; null where there is none.
  mlir::StringAttr getTail(const LayerPlan &plan);
  /// The symbol of a kernel of a kind and configuration; `location` is who calls it first.
  mlir::StringAttr get(mlir::Location location, llvm::StringRef kind, mlir::DictionaryAttr config);

private:
  mlir::OpBuilder builder;
  llvm::DenseMap<std::pair<mlir::StringAttr, mlir::DictionaryAttr>, mlir::StringAttr> kernels;
  llvm::DenseMap<mlir::StringAttr, unsigned> counts;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_TILE_KERNELTABLE_H
