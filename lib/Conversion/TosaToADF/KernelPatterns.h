//===- KernelPatterns.h - rewrites of TOSA into kernel operations ---------===//
#ifndef ADFC_CONVERSION_TOSATOADF_KERNELPATTERNS_H
#define ADFC_CONVERSION_TOSATOADF_KERNELPATTERNS_H

#include "mlir/IR/PatternMatch.h"

namespace adfc {

/// What one kernel computes becomes one operation.
void populateTosaToADFPatterns(mlir::RewritePatternSet &patterns);
/// Padding, resizing and transposed convolutions; concatenation.
void populateShapePatterns(mlir::RewritePatternSet &patterns);
/// Operators of packages.
void populateCustomPatterns(mlir::RewritePatternSet &patterns);
/// Parts of the above, each in a file of its own.
void populateResizePatterns(mlir::RewritePatternSet &patterns);
void populateTransposeConvPatterns(mlir::RewritePatternSet &patterns);
/// What those leave of slices, padding and transpositions becomes views and copies.
void populateViewPatterns(mlir::RewritePatternSet &patterns);
/// Transpositions, and reshapes that move bytes.
void populateMovePatterns(mlir::RewritePatternSet &patterns);
/// What those leave of functions of one int8 value becomes tables.
void populateTablePatterns(mlir::RewritePatternSet &patterns);

} // namespace adfc

#endif // ADFC_CONVERSION_TOSATOADF_KERNELPATTERNS_H
