//===- TransposeConvPatterns.cpp - tosa.transpose_conv2d ------------------===//
//
// With stride s, output rows p, p + s, p + 2 s, ... read neighbouring input rows by every s-th row
// of the kernel: a convolution of its own, with stride 1. So do columns. The stride^2 results are
// written in between each other.
//
//===----------------------------------------------------------------------===//
#include "Conversion/TosaToADF/KernelPatterns.h"
#include "Conversion/TosaToADF/LayerNames.h"
#include "Conversion/TosaToADF/Matchers.h"
#include "Conversion/TosaToADF/PatternSupport.h"

using namespace mlir;
using namespace adfc;

namespace {

/// One axis of the convolution that makes every s-th output position from `phase`.
struct PhaseAxis {
  int64_t phase, outputs;
  SmallVector<int64_t> taps; ///< kernel positions; -1: a weight of 0
  int64_t cut;               ///< leading input positions that no output reads
  int64_t before, after;     ///< padding

  static PhaseAxis of(int64_t phase, int64_t stride, int64_t kernel, int64_t pad, int64_t inputs,
                      int64_t size) {
    PhaseAxis axis{phase, size > phase ? adf::ceilDiv(size - phase, stride) : 0, {}, 0, 0, 0};
    // Output phase + stride * j is reached by kernel position first + stride * m from input
    // position j - m + shift.
    int64_t first = ((phase - pad) % stride + stride) % stride;
    int64_t shift = adf::floorDiv(phase - first - pad, stride);
    for (int64_t tap = first; tap < kernel; tap += stride)
      axis.taps.push_back(tap);
    std::reverse(axis.taps.begin(), axis.taps.end());
    if (axis.taps.empty()) {
      axis.taps.push_back(-1);
      shift = 0;
    }
    int64_t start = shift - (static_cast<int64_t>(axis.taps.size()) - 1);
    axis.cut = std::clamp<int64_t>(start, 0, inputs - 1);
    axis.before = std::max<int64_t>(0, -start);
    axis.after = std::max<int64_t>(0, axis.outputs - 1 + shift - (inputs - 1));
    return axis;
  }
};

struct FuseTransposeConv : OpRewritePattern<tosa::RescaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::RescaleOp op, PatternRewriter &rewriter) const override {
    Reason why;
    FailureOr<ConvMatch<tosa::TransposeConv2DOp>> match =
        matchConv<tosa::TransposeConv2DOp>(op, why);
    if (failed(match))
      return rewriter.notifyMatchFailure(op, why);
    tosa::TransposeConv2DOp conv = match->conv;
    auto from = cast<RankedTensorType>(conv.getInput().getType());
    auto to = cast<RankedTensorType>(op.getType());
    if (!from.hasStaticShape() || !to.hasStaticShape() || from.getDimSize(0) != 1 ||
        to.getRank() != 4)
      return rewriter.notifyMatchFailure(op, "batch is not 1");
    ArrayRef<int64_t> kernel = match->weights.getShapedType().getShape(), pad = conv.getOutPad();
    SmallVector<Value> parts;
    SmallVector<int64_t> places;
    ArrayRef<int64_t> stride = conv.getStride();
    for (int64_t y = 0; y < stride[0]; ++y)
      for (int64_t x = 0; x < stride[1]; ++x) {
        auto rows =
            PhaseAxis::of(y, stride[0], kernel[1], pad[0], from.getDimSize(1), to.getDimSize(1));
        auto cols =
            PhaseAxis::of(x, stride[1], kernel[2], pad[2], from.getDimSize(2), to.getDimSize(2));
        if (rows.outputs == 0 || cols.outputs == 0)
          continue;
        parts.push_back(makePhase(*match, rows, cols, rewriter));
        places.append({y, x, 0, stride[0], stride[1]});
      }
    if (parts.size() == 1)
      rewriter.replaceOp(op, parts[0]);
    else
      rewriter.replaceOpWithNewOp<adf::AssembleOp>(op, to, layerName(conv), parts, places);
    return success();
  }

private:
  static ElementsAttr pick(ElementsAttr weights, const PhaseAxis &rows, const PhaseAxis &cols) {
    ArrayRef<int64_t> shape = weights.getShapedType().getShape();
    ArrayRef<char> bytes = *adf::getRawBytes(weights);
    auto type = RankedTensorType::get({shape[0], static_cast<int64_t>(rows.taps.size()),
                                       static_cast<int64_t>(cols.taps.size()), shape[3]},
                                      weights.getElementType());
    SmallVector<char> picked;
    for (int64_t o = 0; o < shape[0]; ++o)
      for (int64_t ky : rows.taps)
        for (int64_t kx : cols.taps)
          for (int64_t i = 0; i < shape[3]; ++i) {
            int64_t source = ((o * shape[1] + ky) * shape[2] + kx) * shape[3] + i;
            picked.push_back(ky < 0 || kx < 0 ? 0 : bytes[bytes.size() == 1 ? 0 : source]);
          }
    return DenseElementsAttr::getFromRawBuffer(type, picked);
  }

  static Value makePhase(const ConvMatch<tosa::TransposeConv2DOp> &match, const PhaseAxis &rows,
                         const PhaseAxis &cols, PatternRewriter &rewriter) {
    tosa::TransposeConv2DOp conv = match.conv;
    Location loc = conv.getLoc();
    Value input = conv.getInput();
    auto from = cast<RankedTensorType>(input.getType());
    if (rows.cut || cols.cut)
      input = adf::SliceOp::create(rewriter, loc,
                                   from.clone({1, from.getDimSize(1) - rows.cut,
                                               from.getDimSize(2) - cols.cut, from.getDimSize(3)}),
                                   input, ArrayRef<int64_t>{rows.cut, cols.cut, 0},
                                   ArrayRef<int64_t>{1, 1}, /*transposed=*/false);
    int64_t channels = match.weights.getShapedType().getDimSize(0);
    ElementsAttr picked = pick(match.weights, rows, cols);
    Value weights = adf::ConstantOp::create(rewriter, conv.getWeight().getLoc(),
                                            picked.getShapedType(), picked);
    Value bias = adf::ConstantOp::create(rewriter, conv.getBias().getLoc(),
                                         RankedTensorType::get({channels}, rewriter.getI32Type()),
                                         perChannel(match.bias, channels));
    return adf::Conv2DOp::create(
        rewriter, loc, from.clone({1, rows.outputs, cols.outputs, channels}), layerName(conv),
        input, weights, bias, ArrayRef<int64_t>{1, 1},
        ArrayRef<int64_t>{rows.before, rows.after, cols.before, cols.after},
        ArrayRef<int64_t>{1, 1}, kFullRange, perChannel(match.rescale.multiplier, channels),
        perChannel(match.rescale.shift, channels), adf::ScheduleAttr());
  }
};

} // namespace

void adfc::populateTransposeConvPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseTransposeConv>(patterns.getContext());
}
