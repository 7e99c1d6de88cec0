//===- KernelPatterns.cpp - rewrites of TOSA into kernel operations -------===//
#include "Conversion/TosaToADF/KernelPatterns.h"
#include "Conversion/TosaToADF/LayerNames.h"
#include "Conversion/TosaToADF/Matchers.h"
#include "Conversion/TosaToADF/PatternSupport.h"
#include "Conversion/TosaToADF/SequencePatterns.h"
#include "Conversion/TosaToADF/WideTensors.h"

using namespace mlir;
using namespace adfc;

namespace {

/// A fully connected layer on many rows: (M, 1, 1, K) by a 1x1 kernel.
bool isPixelBatch(tosa::Conv2DOp conv, RankedTensorType input) {
  auto weights = cast<RankedTensorType>(conv.getWeight().getType());
  return input.getDimSize(1) == 1 && input.getDimSize(2) == 1 && weights.getDimSize(1) == 1 &&
         weights.getDimSize(2) == 1 &&
         llvm::all_of(conv.getPad(), [](int64_t pad) { return pad == 0; });
}
bool isPixelBatch(tosa::DepthwiseConv2DOp, RankedTensorType) { return false; }

/// Weights [kh, kw, c, m] of output channels c * m as OHWI, zero but where input and output channel
/// belong together.
ElementsAttr blockDiagonal(ElementsAttr weights) {
  ArrayRef<int64_t> shape = weights.getShapedType().getShape();
  int64_t taps = shape[0] * shape[1], channels = shape[2], multiple = shape[3];
  auto type = RankedTensorType::get({channels * multiple, shape[0], shape[1], channels},
                                    weights.getElementType());
  ArrayRef<char> bytes = *adf::getRawBytes(weights);
  SmallVector<char> dense(type.getNumElements(), 0);
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t m = 0; m < multiple; ++m) {
        int64_t source = (tap * channels + c) * multiple + m;
        dense[((c * multiple + m) * taps + tap) * channels + c] =
            bytes[bytes.size() == 1 ? 0 : source];
      }
  return DenseElementsAttr::getFromRawBuffer(type, dense);
}

/// The kernel operation of a convolution, and its weights.
struct ConvKernel {
  bool depthwise;
  ElementsAttr weights;
};
ConvKernel kernelOf(const ConvMatch<tosa::Conv2DOp> &match) { return {false, match.weights}; }
/// A channel multiplier needs a dense convolution: there, channels do not stay apart.
ConvKernel kernelOf(const ConvMatch<tosa::DepthwiseConv2DOp> &match) {
  if (match.weights.getShapedType().getDimSize(3) == 1)
    return {true, match.weights};
  return {false, blockDiagonal(match.weights)};
}

/// int4 levels in a byte each.
ElementsAttr asInt8(ElementsAttr weights) {
  auto type = RankedTensorType::get(weights.getShapedType().getShape(),
                                    IntegerType::get(weights.getContext(), 8));
  SmallVector<char> bytes(*adf::getRawBytes(weights));
  for (char &byte : bytes)
    byte = static_cast<char>(static_cast<int8_t>(static_cast<uint8_t>(byte) << 4) >> 4);
  return DenseElementsAttr::getFromRawBuffer(type, bytes);
}

/// Biases of int32 or int48, one for each channel.
ElementsAttr asInt64(ElementsAttr bias, int64_t channels) {
  auto type = RankedTensorType::get({channels}, IntegerType::get(bias.getContext(), 64));
  SmallVector<int64_t> values;
  for (const APInt &value : bias.getValues<APInt>())
    values.push_back(value.getSExtValue());
  values.resize(channels, values.front());
  return DenseElementsAttr::get(type, ArrayRef<int64_t>(values));
}

/// conv2d + rescale, depthwise_conv2d + rescale.
template <typename ConvOp> struct FuseConv : OpRewritePattern<tosa::RescaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::RescaleOp op, PatternRewriter &rewriter) const override {
    Reason why;
    FailureOr<ConvMatch<ConvOp>> match = matchConv<ConvOp>(op, why);
    if (failed(match))
      return rewriter.notifyMatchFailure(op, why);
    ConvOp conv = match->conv;
    auto inputType = cast<RankedTensorType>(conv.getInput().getType());
    auto sumType = cast<RankedTensorType>(conv.getOutput().getType());
    bool image = inputType.hasStaticShape() && sumType.hasStaticShape() &&
                 (inputType.getDimSize(0) == 1 || isPixelBatch(conv, inputType));
    if (!image)
      return rewriter.notifyMatchFailure(op, "batch is not 1");
    ConvKernel kernel = kernelOf(*match);
    auto resultType = cast<RankedTensorType>(op.getType());
    Value output = kernel.depthwise ? createDepthwise(*match, kernel, isWide(resultType), rewriter)
                                    : createDense(*match, kernel, isWide(resultType), rewriter);
    output = reshapeTo(rewriter, conv.getLoc(), output, bytesType(resultType).getShape());
    rewriter.replaceOp(op, fromBytes(rewriter, conv.getLoc(), output, resultType));
    return success();
  }

private:
  using Match = ConvMatch<ConvOp>;

  /// The input as the bytes of an image.
  static Value imageOf(const Match &match, PatternRewriter &rewriter) {
    ConvOp conv = match.conv;
    Value bytes = toBytes(rewriter, conv.getLoc(), conv.getInput());
    auto type = cast<RankedTensorType>(bytes.getType());
    return reshapeTo(rewriter, conv.getLoc(), bytes, imageShape(type.getShape()));
  }

  static RankedTensorType imageType(const Match &match, bool wide, PatternRewriter &rewriter) {
    ConvOp conv = match.conv;
    SmallVector<int64_t> shape =
        imageShape(cast<RankedTensorType>(conv.getOutput().getType()).getShape());
    shape.back() *= wide ? 2 : 1;
    return RankedTensorType::get(shape, rewriter.getI8Type());
  }

  static Value createDense(const Match &match, const ConvKernel &kernel, bool wideOutput,
                           PatternRewriter &rewriter) {
    ConvOp conv = match.conv;
    bool wideInput = isWide(conv.getInput().getType());
    bool int4 = kernel.weights.getElementType().isInteger(4), packed = int4 && !wideOutput;
    ConvKernel stored = kernel;
    if (int4)
      stored.weights = asInt8(kernel.weights);
    Operands operands = operandsOf(match, stored, wideInput || wideOutput, rewriter);
    return adf::Conv2DOp::create(
        rewriter, conv.getLoc(), imageType(match, wideOutput, rewriter), layerName(conv),
        imageOf(match, rewriter), operands.weights, operands.bias, conv.getStride(), conv.getPad(),
        conv.getDilation(), wideOutput ? kFullWideRange : kFullRange, operands.multiplier,
        operands.shift, adf::ScheduleAttr(), wideInput, wideOutput, packed);
  }

  /// Channels stay apart only where input and result are equally wide.
  static Value createDepthwise(const Match &match, const ConvKernel &kernel, bool wideOutput,
                               PatternRewriter &rewriter) {
    ConvOp conv = match.conv;
    Location loc = conv.getLoc();
    bool wideInput = isWide(conv.getInput().getType()), wide = wideInput || wideOutput;
    Value input = imageOf(match, rewriter);
    if (wide && !wideInput)
      input = widenImage(rewriter, loc, layerName(conv), input);
    Operands operands = operandsOf(match, kernel, wide, rewriter);
    Value output = adf::DepthwiseConv2DOp::create(
        rewriter, loc, imageType(match, wide, rewriter), layerName(conv), input, operands.weights,
        operands.bias, conv.getStride(), conv.getPad(), conv.getDilation(),
        wideOutput ? kFullWideRange : kFullRange, operands.multiplier, operands.shift,
        adf::ScheduleAttr(), wide);
    return wide && !wideOutput ? narrowImage(rewriter, loc, layerName(conv), output) : output;
  }

  struct Operands {
    Value weights, bias;
    ElementsAttr multiplier, shift;
  };
  static Operands operandsOf(const Match &match, const ConvKernel &kernel, bool wide,
                             PatternRewriter &rewriter) {
    ConvOp conv = match.conv;
    int64_t channels = cast<RankedTensorType>(conv.getOutput().getType()).getShape().back();
    ElementsAttr bias = perChannel(match.bias, channels);
    if (wide)
      bias = asInt64(match.bias, channels);
    return {adf::ConstantOp::create(rewriter, conv.getWeight().getLoc(),
                                    kernel.weights.getShapedType(), kernel.weights),
            adf::ConstantOp::create(rewriter, conv.getBias().getLoc(), bias.getShapedType(), bias),
            perChannel(match.rescale.multiplier, channels),
            perChannel(match.rescale.shift, channels)};
  }
};

/// rescale + sum + rescale.
template <typename SumOp, typename KernelOp> struct FuseSum : OpRewritePattern<tosa::RescaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::RescaleOp op, PatternRewriter &rewriter) const override {
    Reason why;
    FailureOr<SumMatch<SumOp>> match = matchSum<SumOp>(op, why);
    if (failed(match))
      return rewriter.notifyMatchFailure(op, why);
    Location loc = match->sum.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    bool wide = isWide(match->lhs.getType()) || isWide(match->rhs.getType()) || isWide(type);
    if (wide && (!isWhole(match->lhs, type) || !isWhole(match->rhs, type)))
      return rewriter.notifyMatchFailure(op, "broadcasts int16");
    FailureOr<Operands> operands =
        wide ? wideOperands(rewriter, *match)
             : makeOperands(rewriter, match->sum, match->lhs, match->rhs, type.getShape(),
                            /*commutes=*/std::is_same_v<SumOp, tosa::AddOp>);
    if (failed(operands))
      return rewriter.notifyMatchFailure(op, "broadcasts a batch");
    if (operands->swapped)
      std::swap(match->lhsRescale, match->rhsRescale);
    Value output = KernelOp::create(
        rewriter, loc, operands->lhs.getType(), layerName(match->sum), operands->lhs, operands->rhs,
        match->lhsRescale, match->rhsRescale, match->outRescale,
        isWide(type) ? kFullWideRange : kFullRange, adf::ScheduleAttr(), wide);
    if (wide && !isWide(type))
      output = narrowImage(rewriter, loc, layerName(match->sum), output);
    output = reshapeTo(rewriter, loc, output, bytesType(type).getShape());
    rewriter.replaceOp(op, fromBytes(rewriter, loc, output, type));
    return success();
  }

private:
  /// Both operands as the bytes of int16 images.
  static FailureOr<Operands> wideOperands(PatternRewriter &rewriter, const SumMatch<SumOp> &match) {
    auto image = [&](Value value) {
      SumOp sum = match.sum;
      Location loc = sum.getLoc();
      Value bytes = toBytes(rewriter, loc, value);
      auto type = cast<RankedTensorType>(bytes.getType());
      Value result = reshapeTo(rewriter, loc, bytes, imageShape(type.getShape()));
      return isWide(value.getType()) ? result : widenImage(rewriter, loc, layerName(sum), result);
    };
    return Operands{image(match.lhs), image(match.rhs), /*swapped=*/false};
  }

  /// Whether `value` has the result's shape and is no constant.
  static bool isWhole(Value value, RankedTensorType type) {
    return cast<RankedTensorType>(value.getType()).getShape() == type.getShape() &&
           !matchPattern(value, m_Constant());
  }
};

/// mul + rescale.
struct FuseMul : OpRewritePattern<tosa::RescaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::RescaleOp op, PatternRewriter &rewriter) const override {
    Reason why;
    FailureOr<MulMatch> match = matchMul(op, why);
    if (failed(match))
      return rewriter.notifyMatchFailure(op, why);
    Location loc = match->mul.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    FailureOr<Operands> operands =
        makeOperands(rewriter, match->mul, match->mul.getInput1(), match->mul.getInput2(),
                     type.getShape(), /*commutes=*/true);
    if (failed(operands))
      return rewriter.notifyMatchFailure(op, "broadcasts a batch");
    Value output = adf::MulOp::create(rewriter, loc, operands->lhs.getType(), layerName(match->mul),
                                      operands->lhs, operands->rhs, match->rescale, kFullRange,
                                      adf::ScheduleAttr());
    rewriter.replaceOp(op, reshapeTo(rewriter, loc, output, type.getShape()));
    return success();
  }
};

/// casts + maximum or minimum + rescale that changes nothing.
template <typename TosaOp, typename KernelOp>
struct FuseExtremum : OpRewritePattern<tosa::RescaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::RescaleOp op, PatternRewriter &rewriter) const override {
    Reason why;
    FailureOr<ExtremumMatch<TosaOp>> match = matchExtremum<TosaOp>(op, why);
    if (failed(match))
      return rewriter.notifyMatchFailure(op, why);
    Location loc = match->op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    FailureOr<Operands> operands = makeOperands(rewriter, match->op, match->lhs, match->rhs,
                                                type.getShape(), /*commutes=*/true);
    if (failed(operands))
      return rewriter.notifyMatchFailure(op, "broadcasts a batch");
    Value output = KernelOp::create(rewriter, loc, operands->lhs.getType(), layerName(match->op),
                                    operands->lhs, operands->rhs, kFullRange, adf::ScheduleAttr());
    rewriter.replaceOp(op, reshapeTo(rewriter, loc, output, type.getShape()));
    return success();
  }
};

/// cast + reduce_sum + reduce_sum + rescale.
struct FuseMean : OpRewritePattern<tosa::RescaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::RescaleOp op, PatternRewriter &rewriter) const override {
    Reason why;
    FailureOr<MeanMatch> match = matchMean(op, why);
    if (failed(match))
      return rewriter.notifyMatchFailure(op, why);
    rewriter.replaceOpWithNewOp<adf::Mean2DOp>(
        op, op.getType(), layerName(match->sum), match->input, match->rescale,
        rewriter.getDenseI64ArrayAttr(kFullRange), adf::ScheduleAttr());
    return success();
  }
};

/// Where `value` comes from through operations that clamping may as well precede; null if it is
/// used elsewhere, too.
Value clampedSource(Value value) {
  while (value.hasOneUse()) {
    Operation *op = value.getDefiningOp();
    if (!isa_and_nonnull<adf::ReshapeOp, adf::MaxPool2DOp, UnrealizedConversionCastOp>(op))
      return value;
    value = op->getOperand(0);
  }
  return nullptr;
}

/// A clamp behind a kernel that clamps.
template <typename KernelOp> struct FoldClamp : OpRewritePattern<tosa::ClampOp> {
  using OpRewritePattern<tosa::ClampOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::ClampOp op, PatternRewriter &rewriter) const override {
    Value source = clampedSource(op.getInput());
    auto kernel = source ? source.getDefiningOp<KernelOp>() : KernelOp();
    if (!kernel)
      return rewriter.notifyMatchFailure(op, "not the only use of a kernel that clamps");
    auto low = dyn_cast<IntegerAttr>(op.getMinVal()), high = dyn_cast<IntegerAttr>(op.getMaxVal());
    if (!low || !high)
      return rewriter.notifyMatchFailure(op, "not an integer clamp");
    int64_t bounds[2];
    for (auto [bound, inner] : llvm::zip_equal(bounds, kernel.getClamp()))
      bound = std::clamp(inner, low.getInt(), high.getInt());
    rewriter.modifyOpInPlace(kernel, [&] { kernel.setClamp(bounds); });
    rewriter.replaceOp(op, op.getInput());
    return success();
  }
};

struct ConvertMaxPool : OpRewritePattern<tosa::MaxPool2dOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::MaxPool2dOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    if (!type.getElementType().isSignlessInteger(8) || !type.hasStaticShape() ||
        type.getDimSize(0) != 1)
      return rewriter.notifyMatchFailure(op, "not int8 with static shape and batch 1");
    rewriter.replaceOpWithNewOp<adf::MaxPool2DOp>(op, op.getType(), layerName(op), op.getInput(),
                                                  op.getKernel(), op.getStride(), op.getPad(),
                                                  adf::ScheduleAttr());
    return success();
  }
};

struct ConvertTable : OpRewritePattern<tosa::TableOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::TableOp op, PatternRewriter &rewriter) const override {
    Reason why;
    FailureOr<ElementsAttr> table = matchTable(op, why);
    if (failed(table))
      return rewriter.notifyMatchFailure(op, why);
    auto type = cast<RankedTensorType>(op.getType());
    Value input = reshapeTo(rewriter, op.getLoc(), op.getInput1(), imageShape(type.getShape()));
    Value output = adf::TableOp::create(rewriter, op.getLoc(), input.getType(), layerName(op),
                                        input, *table, adf::ScheduleAttr());
    rewriter.replaceOp(op, reshapeTo(rewriter, op.getLoc(), output, type.getShape()));
    return success();
  }
};

/// The operation that gives `function(x)` for each int8 value x, in place of `op`.
void replaceByTable(Operation *op, Value value, function_ref<int64_t(int64_t)> function,
                    PatternRewriter &rewriter) {
  SmallVector<int8_t> results;
  for (int64_t x = -128; x < 128; ++x)
    results.push_back(std::clamp<int64_t>(function(x), -128, 127));
  auto table = DenseElementsAttr::get(RankedTensorType::get({256}, rewriter.getI8Type()),
                                      ArrayRef<int8_t>(results));
  auto type = cast<RankedTensorType>(value.getType());
  Value input = reshapeTo(rewriter, op->getLoc(), value, imageShape(type.getShape()));
  Value output = adf::TableOp::create(rewriter, op->getLoc(), input.getType(), layerName(op), input,
                                      table, adf::ScheduleAttr());
  rewriter.replaceOp(op, reshapeTo(rewriter, op->getLoc(), output, type.getShape()));
}

/// A clamp that no kernel takes in.
struct ClampByTable : OpRewritePattern<tosa::ClampOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::ClampOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    auto low = dyn_cast<IntegerAttr>(op.getMinVal()), high = dyn_cast<IntegerAttr>(op.getMaxVal());
    if (!low || !high || !type.getElementType().isSignlessInteger(8) || !type.hasStaticShape() ||
        type.getRank() == 0)
      return rewriter.notifyMatchFailure(op, "not int8 of static shape");
    replaceByTable(
        op, op.getInput(),
        [&](int64_t x) { return std::min(std::max(x, low.getInt()), high.getInt()); }, rewriter);
    return success();
  }
};

/// A rescale from int8 to int8.
struct RescaleByTable : OpRewritePattern<tosa::RescaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::RescaleOp op, PatternRewriter &rewriter) const override {
    Reason why;
    FailureOr<adf::RescaleAttr> rescale = matchLevelRescale(op, why);
    if (failed(rescale))
      return rewriter.notifyMatchFailure(op, why);
    int64_t multiplier = rescale->getMultiplier(), shift = rescale->getShift();
    replaceByTable(
        op, op.getInput(),
        [&](int64_t x) { return (x * multiplier + (int64_t(1) << (shift - 1))) >> shift; },
        rewriter);
    return success();
  }
};

bool readsPaddingBehind(const adf::AxisMap &axis, int64_t outputs) {
  return axis.first(0) + axis.extent(outputs) > axis.size;
}

/// A slice in front of a kernel that reads no further than it reaches.
template <typename KernelOp> struct FoldSlice : OpRewritePattern<KernelOp> {
  using OpRewritePattern<KernelOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(KernelOp op, PatternRewriter &rewriter) const override {
    auto slice = op.getInput().template getDefiningOp<tosa::SliceOp>();
    if (!slice || !isLeadingSlice(slice))
      return rewriter.notifyMatchFailure(op, "no slice that keeps the beginning");
    adf::Extent out = op.getOutputExtent(), whole = adf::getExtent(slice.getInput1().getType());
    adf::AxisMap rows = op.getRowMap(), cols = op.getColumnMap();
    bool rowsCut = whole.rows != rows.size, colsCut = whole.cols != cols.size;
    if ((rowsCut && readsPaddingBehind(rows, out.rows)) ||
        (colsCut && readsPaddingBehind(cols, out.cols)) ||
        whole.channels != op.getInputExtent().channels)
      return rewriter.notifyMatchFailure(op, "reads padding behind the slice");
    SmallVector<int64_t> pad(op.getPad());
    if (rowsCut)
      pad[1] = 0; // none of it was read
    if (colsCut)
      pad[3] = 0;
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(slice.getInput1());
      op.setPad(pad);
    });
    return success();
  }
};

struct ConvertReshape : OpRewritePattern<tosa::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::ReshapeOp op, PatternRewriter &rewriter) const override {
    auto from = cast<RankedTensorType>(op.getInput1().getType()),
         to = cast<RankedTensorType>(op.getType());
    if (!from.getElementType().isSignlessInteger(8) || !adf::ReshapeOp::keepsBytes(from, to))
      return rewriter.notifyMatchFailure(op, "the bytes would have to move");
    rewriter.replaceOpWithNewOp<adf::ReshapeOp>(op, to, op.getInput1());
    return success();
  }
};

} // namespace

void adfc::populateTosaToADFPatterns(RewritePatternSet &patterns) {
  populateSequencePatterns(patterns);
  populateCustomPatterns(patterns);
  populateWidePatterns(patterns);
  patterns.add<FuseConv<tosa::Conv2DOp>, FuseConv<tosa::DepthwiseConv2DOp>,
               FuseSum<tosa::AddOp, adf::AddOp>, FuseSum<tosa::SubOp, adf::SubOp>, FuseMul,
               FuseMean, FuseExtremum<tosa::MaximumOp, adf::MaximumOp>,
               FuseExtremum<tosa::MinimumOp, adf::MinimumOp>, ConvertMaxPool, ConvertReshape,
               ConvertTable, FoldClamp<adf::Conv2DOp>, FoldClamp<adf::DepthwiseConv2DOp>,
               FoldClamp<adf::AddOp>, FoldClamp<adf::SubOp>, FoldClamp<adf::MulOp>,
               FoldClamp<adf::MaximumOp>, FoldClamp<adf::MinimumOp>, FoldClamp<adf::ResizeOp>,
               FoldClamp<adf::MatmulOp>, FoldClamp<adf::Mean2DOp>, FoldClamp<adf::RescaleOp>,
               FoldSlice<adf::Conv2DOp>, FoldSlice<adf::DepthwiseConv2DOp>,
               FoldSlice<adf::MaxPool2DOp>>(patterns.getContext());
}

void adfc::populateTablePatterns(RewritePatternSet &patterns) {
  populateLateWidePatterns(patterns);
  patterns.add<ClampByTable, RescaleByTable>(patterns.getContext());
}
