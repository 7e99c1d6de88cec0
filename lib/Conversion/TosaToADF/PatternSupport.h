//===- PatternSupport.h - what the conversion's patterns share ------------===//
#ifndef ADFC_CONVERSION_TOSATOADF_PATTERNSUPPORT_H
#define ADFC_CONVERSION_TOSATOADF_PATTERNSUPPORT_H

#include "ADF/ADFOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/PatternMatch.h"

namespace adfc {

inline constexpr int64_t kFullRange[2] = {-128, 127};

/// `value` under another shape.
mlir::Value reshapeTo(mlir::PatternRewriter &rewriter, mlir::Location loc, mlir::Value value,
                      llvm::ArrayRef<int64_t> shape);

/// The shape of an activation with batch 1 and rank 4: a batch of pixels becomes rows.
llvm::SmallVector<int64_t> imageShape(llvm::ArrayRef<int64_t> shape);

/// The integers of a tosa.const_shape; none where `value` is no constant.
std::optional<llvm::SmallVector<int64_t>> constantShape(mlir::Value value);

/// The reverse: a tosa.const_shape of `values`.
mlir::Value createConstShape(mlir::PatternRewriter &rewriter, mlir::Location loc,
                             llvm::ArrayRef<int64_t> values);

/// `attr` with one element for each of `channels`.
mlir::ElementsAttr perChannel(mlir::ElementsAttr attr, int64_t channels);

/// A rescale that changes nothing: 2^14 / 2^14.
adf::RescaleAttr unitRescale(mlir::MLIRContext *context);

/// Channels of the image `value`, in the order of `sources`; -1 stands for the constant `fill`. The
/// matrix unit does it: a 1x1 convolution with weights 0 and 1.
mlir::Value selectChannels(mlir::PatternRewriter &rewriter, mlir::Location loc,
                           mlir::StringAttr layer, mlir::Value value,
                           llvm::ArrayRef<int64_t> sources, int8_t fill = 0);

/// The image `value` with `pad` (top, bottom, left, right) more rows and columns of `fill`.
mlir::Value padImage(mlir::PatternRewriter &rewriter, mlir::Location loc, mlir::StringAttr layer,
                     mlir::Value value, llvm::ArrayRef<int64_t> pad, int8_t fill);

/// The operands of an elementwise kernel, as images.
struct Operands {
  mlir::Value lhs, rhs;
  bool swapped; ///< `lhs` is the second one
};
/// Operands of `op` whose result has `shape`: broadcast, but for one pixel that holds for all,
/// which is the second operand (or the first one, where they may be swapped). Constants become
/// adf.constant. Fails for a batch that is broadcast.
mlir::FailureOr<Operands> makeOperands(mlir::PatternRewriter &rewriter, mlir::Operation *op,
                                       mlir::Value lhs, mlir::Value rhs,
                                       llvm::ArrayRef<int64_t> shape, bool commutes);

} // namespace adfc

#endif // ADFC_CONVERSION_TOSATOADF_PATTERNSUPPORT_H
