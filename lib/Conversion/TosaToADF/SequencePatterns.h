//===- SequencePatterns.h - TOSA of transformers into kernel operations ---===//
#ifndef ADFC_CONVERSION_TOSATOADF_SEQUENCEPATTERNS_H
#define ADFC_CONVERSION_TOSATOADF_SEQUENCEPATTERNS_H

#include "Conversion/TosaToADF/Matchers.h"
#include "mlir/IR/PatternMatch.h"

namespace adfc {

/// Products of two activations, and rows of constant tables. Transpositions around a product become
/// part of it: to be applied before anything else converts them.
void populateSequencePatterns(mlir::RewritePatternSet &patterns);

/// Whole chains of integer operations on the channels of each pixel, down to a rescale to int8: for
/// what no other kernel takes in.
void populateRowwisePatterns(mlir::RewritePatternSet &patterns);

/// (transpose ->) matmul (-> transpose) -> rescale, where there is one multiplier.
struct MatmulMatch {
  mlir::tosa::MatMulOp matmul;
  adf::RescaleAttr rescale;
  bool swapped; ///< the product's batch and rows are exchanged
};
mlir::FailureOr<MatmulMatch> matchMatmul(mlir::tosa::RescaleOp op, Reason &why);

/// A constant int8 table, and indices that are an input of the program.
mlir::LogicalResult matchGather(mlir::tosa::GatherOp op, mlir::ElementsAttr &table,
                                mlir::Value &indices, Reason &why);

/// What a chain that ends in `op` becomes.
struct RowwiseMatch {
  llvm::SmallVector<mlir::Value> inputs; ///< int8, of the result's shape
  llvm::SmallVector<mlir::Attribute> steps, constants;
};
mlir::FailureOr<RowwiseMatch> matchRowwise(mlir::tosa::RescaleOp op, Reason &why);

} // namespace adfc

#endif // ADFC_CONVERSION_TOSATOADF_SEQUENCEPATTERNS_H
