//===- Matchers.h - the shapes of TOSA that one kernel can do -------------===//
//
// Each matcher looks at the operation that ends a kernel and gives its parts, or says why it is
// none. The patterns rewrite by them, and the diagnosis of what was left asks them again.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_CONVERSION_TOSATOADF_MATCHERS_H
#define ADFC_CONVERSION_TOSATOADF_MATCHERS_H

#include "ADF/ADFOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"

namespace adfc {

/// Why something did not match: a clause that completes "cannot be converted: ...".
using Reason = std::string;

/// A rescale with 16-bit multipliers, SINGLE_ROUND, zero points 0, signed.
struct RescaleMatch {
  mlir::ElementsAttr multiplier, shift; ///< one element, or one for each channel
  bool perChannel;
};
mlir::FailureOr<RescaleMatch> matchRescale(mlir::tosa::RescaleOp op, Reason &why);
/// The same where there is but one multiplier.
mlir::FailureOr<adf::RescaleAttr> matchScalarRescale(mlir::tosa::RescaleOp op, Reason &why);

/// A convolution -> (reshape ->) rescale. `ConvOp` is tosa::Conv2DOp, tosa::DepthwiseConv2DOp or
/// tosa::TransposeConv2DOp.
template <typename ConvOp> struct ConvMatch {
  ConvOp conv;
  mlir::ElementsAttr weights, bias;
  RescaleMatch rescale;
};
template <typename ConvOp>
mlir::FailureOr<ConvMatch<ConvOp>> matchConv(mlir::tosa::RescaleOp op, Reason &why);

/// rescale, rescale -> sum -> rescale. `SumOp` is tosa::AddOp or tosa::SubOp.
template <typename SumOp> struct SumMatch {
  SumOp sum;
  mlir::Value lhs, rhs;
  adf::RescaleAttr lhsRescale, rhsRescale, outRescale;
};
template <typename SumOp>
mlir::FailureOr<SumMatch<SumOp>> matchSum(mlir::tosa::RescaleOp op, Reason &why);

/// cast, cast -> maximum or minimum -> rescale by 1.
template <typename TosaOp> struct ExtremumMatch {
  TosaOp op;
  mlir::Value lhs, rhs;
};
template <typename TosaOp>
mlir::FailureOr<ExtremumMatch<TosaOp>> matchExtremum(mlir::tosa::RescaleOp op, Reason &why);

/// mul of int8 to int32 -> rescale.
struct MulMatch {
  mlir::tosa::MulOp mul;
  adf::RescaleAttr rescale;
};
mlir::FailureOr<MulMatch> matchMul(mlir::tosa::RescaleOp op, Reason &why);

/// cast -> reduce_sum -> reduce_sum -> rescale.
struct MeanMatch {
  mlir::tosa::ReduceSumOp sum;
  mlir::Value input;
  adf::RescaleAttr rescale;
};
mlir::FailureOr<MeanMatch> matchMean(mlir::tosa::RescaleOp op, Reason &why);

/// resize (bilinear) -> rescale.
struct ResizeMatch {
  mlir::tosa::ResizeOp resize;
  adf::RescaleAttr rescale;
};
mlir::FailureOr<ResizeMatch> matchResize(mlir::tosa::RescaleOp op, Reason &why);

/// A rescale of an int8 activation to int8, with one multiplier.
mlir::FailureOr<adf::RescaleAttr> matchLevelRescale(mlir::tosa::RescaleOp op, Reason &why);

/// A rescale between int8 and int16, or of int16, with one multiplier.
mlir::FailureOr<adf::RescaleAttr> matchWideRescale(mlir::tosa::RescaleOp op, Reason &why);

/// The 256 int8 values of a table that is constant.
mlir::FailureOr<mlir::ElementsAttr> matchTable(mlir::tosa::TableOp op, Reason &why);

/// Whether `op` keeps the beginning of every axis.
bool isLeadingSlice(mlir::tosa::SliceOp op);

} // namespace adfc

#endif // ADFC_CONVERSION_TOSATOADF_MATCHERS_H
