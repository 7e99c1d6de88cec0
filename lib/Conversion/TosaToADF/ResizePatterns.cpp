//===- ResizePatterns.cpp - tosa.resize -----------------------------------===//
#include "Conversion/TosaToADF/KernelPatterns.h"
#include "Conversion/TosaToADF/LayerNames.h"
#include "Conversion/TosaToADF/Matchers.h"
#include "Conversion/TosaToADF/PatternSupport.h"

using namespace mlir;
using namespace adfc;

namespace {

LogicalResult convert(tosa::ResizeOp resize, Operation *last, adf::RescaleAttr rescale,
                      PatternRewriter &rewriter) {
  auto scale = constantShape(resize.getScale()), offset = constantShape(resize.getOffset());
  auto from = cast<RankedTensorType>(resize.getInput().getType());
  auto type = cast<RankedTensorType>(last->getResult(0).getType());
  if (!scale || !offset || !from.hasStaticShape() || from.getDimSize(0) != 1 ||
      !from.getElementType().isSignlessInteger(8))
    return rewriter.notifyMatchFailure(resize, "not int8 with static shape and batch 1");
  bool bilinear = resize.getMode() == tosa::ResizeMode::BILINEAR;
  Value output =
      adf::ResizeOp::create(rewriter, resize.getLoc(), type, layerName(resize), resize.getInput(),
                            bilinear, *scale, *offset, rescale, kFullRange, adf::ScheduleAttr());
  rewriter.replaceOp(last, output);
  return success();
}

struct ConvertNearest : OpRewritePattern<tosa::ResizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::ResizeOp op, PatternRewriter &rewriter) const override {
    if (op.getMode() != tosa::ResizeMode::NEAREST_NEIGHBOR)
      return rewriter.notifyMatchFailure(op, "bilinear: the rescale behind it is converted");
    return convert(op, op, unitRescale(op.getContext()), rewriter);
  }
};

/// resize (bilinear) + rescale.
struct FuseBilinear : OpRewritePattern<tosa::RescaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::RescaleOp op, PatternRewriter &rewriter) const override {
    Reason why;
    FailureOr<ResizeMatch> match = matchResize(op, why);
    if (failed(match))
      return rewriter.notifyMatchFailure(op, why);
    return convert(match->resize, op, match->rescale, rewriter);
  }
};

} // namespace

void adfc::populateResizePatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertNearest, FuseBilinear>(patterns.getContext());
}
