//===- WideTensors.h - int16 activations as bytes -------------------------===//
//
// The array's tensors are bytes. An int16 activation becomes one of int8 with two channels for each
// of its own, little-endian; a cast stands between what is converted and what is not yet.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_CONVERSION_TOSATOADF_WIDETENSORS_H
#define ADFC_CONVERSION_TOSATOADF_WIDETENSORS_H

#include "ADF/ADFOps.h"
#include "mlir/IR/PatternMatch.h"

namespace adfc {

/// Limits of an int16 result.
inline constexpr int64_t kFullWideRange[2] = {-32768, 32767};

/// Whether elements are int16.
bool isWide(mlir::Type type);

/// `type` with two int8 channels for each int16 one, or of int32 indices pixels of four; int8 as it
/// is.
mlir::RankedTensorType bytesType(mlir::RankedTensorType type);

/// An activation as bytes.
mlir::Value toBytes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value);

/// Bytes as the activation of `type` that they are.
mlir::Value fromBytes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value bytes,
                      mlir::Type type);

/// An int8 image as an int16 one of the same levels, or the reverse where all fit; both as bytes.
mlir::Value widenImage(mlir::PatternRewriter &rewriter, mlir::Location loc, mlir::StringAttr layer,
                       mlir::Value image);
mlir::Value narrowImage(mlir::PatternRewriter &rewriter, mlir::Location loc, mlir::StringAttr layer,
                        mlir::Value image);

/// Views of int16 tensors, rescales from and to int16.
void populateWidePatterns(mlir::RewritePatternSet &patterns);
/// What those leave: clamps of int16.
void populateLateWidePatterns(mlir::RewritePatternSet &patterns);

} // namespace adfc

#endif // ADFC_CONVERSION_TOSATOADF_WIDETENSORS_H
