//===- WideTensors.cpp - int16 activations as bytes -----------------------===//
#include "Conversion/TosaToADF/WideTensors.h"
#include "Conversion/TosaToADF/LayerNames.h"
#include "Conversion/TosaToADF/Matchers.h"
#include "Conversion/TosaToADF/PatternSupport.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace adfc;

bool adfc::isWide(Type type) { return getElementTypeOrSelf(type).isSignlessInteger(16); }

RankedTensorType adfc::bytesType(RankedTensorType type) {
  if (type.getElementType().isSignlessInteger(32))
    return RankedTensorType::get({1, type.getNumElements(), 1, 4},
                                 IntegerType::get(type.getContext(), 8));
  if (!isWide(type))
    return type;
  SmallVector<int64_t> shape(type.getShape());
  shape.back() *= 2;
  return RankedTensorType::get(shape, IntegerType::get(type.getContext(), 8));
}

static Value castTo(OpBuilder &builder, Location loc, Value value, Type type) {
  if (value.getType() == type)
    return value;
  return UnrealizedConversionCastOp::create(builder, loc, type, value).getResult(0);
}

Value adfc::toBytes(OpBuilder &builder, Location loc, Value value) {
  return castTo(builder, loc, value, bytesType(cast<RankedTensorType>(value.getType())));
}

Value adfc::fromBytes(OpBuilder &builder, Location loc, Value bytes, Type type) {
  return castTo(builder, loc, bytes, type);
}

Value adfc::widenImage(PatternRewriter &rewriter, Location loc, StringAttr layer, Value image) {
  auto type = cast<RankedTensorType>(image.getType());
  auto wide = type.clone({1, type.getDimSize(1), type.getDimSize(2), 2 * type.getDimSize(3)});
  return adf::RescaleOp::create(rewriter, loc, wide, layer, image,
                                unitRescale(rewriter.getContext()), kFullWideRange,
                                adf::ScheduleAttr(), /*wide_input=*/false, /*wide_output=*/true);
}

Value adfc::narrowImage(PatternRewriter &rewriter, Location loc, StringAttr layer, Value image) {
  auto type = cast<RankedTensorType>(image.getType());
  auto narrow = type.clone({1, type.getDimSize(1), type.getDimSize(2), type.getDimSize(3) / 2});
  return adf::RescaleOp::create(rewriter, loc, narrow, layer, image,
                                unitRescale(rewriter.getContext()), kFullRange, adf::ScheduleAttr(),
                                /*wide_input=*/true, /*wide_output=*/false);
}

namespace {

/// A cast of a cast back.
struct CancelCasts : OpRewritePattern<UnrealizedConversionCastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(UnrealizedConversionCastOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getNumOperands() == 1
                     ? op.getOperand(0).getDefiningOp<UnrealizedConversionCastOp>()
                     : UnrealizedConversionCastOp();
    if (!inner || inner.getNumOperands() != 1 ||
        inner.getOperand(0).getType() != op.getResult(0).getType())
      return rewriter.notifyMatchFailure(op, "not a cast back");
    rewriter.replaceOp(op, inner.getOperand(0));
    return success();
  }
};

/// A reshape of int16: of its bytes.
struct ReshapeBytes : OpRewritePattern<tosa::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::ReshapeOp op, PatternRewriter &rewriter) const override {
    auto to = cast<RankedTensorType>(op.getType());
    auto from = cast<RankedTensorType>(op.getInput1().getType());
    if (!isWide(to) || !to.hasStaticShape() || to.getRank() == 0 || from.getRank() == 0 ||
        !adf::ReshapeOp::keepsBytes(bytesType(from), bytesType(to)))
      return rewriter.notifyMatchFailure(op, "not of int16, or the bytes would have to move");
    Value bytes = adf::ReshapeOp::create(rewriter, op.getLoc(), bytesType(to),
                                         toBytes(rewriter, op.getLoc(), op.getInput1()));
    rewriter.replaceOp(op, fromBytes(rewriter, op.getLoc(), bytes, to));
    return success();
  }
};

/// A slice of int16: of its bytes.
struct SliceBytes : OpRewritePattern<tosa::SliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::SliceOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    auto start = constantShape(op.getStart());
    if (!isWide(type) || !type.hasStaticShape() || !start || start->empty())
      return rewriter.notifyMatchFailure(op, "not of int16 from a constant start");
    Location loc = op.getLoc();
    start->back() *= 2;
    RankedTensorType bytes = bytesType(type);
    Value sliced = tosa::SliceOp::create(
        rewriter, loc, bytes, toBytes(rewriter, loc, op.getInput1()),
        createConstShape(rewriter, loc, *start), createConstShape(rewriter, loc, bytes.getShape()));
    rewriter.replaceOp(op, fromBytes(rewriter, loc, sliced, type));
    return success();
  }
};

/// A concatenation of int16: of the parts' bytes.
struct ConcatBytes : OpRewritePattern<tosa::ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::ConcatOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    if (!isWide(type) || !type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "not of int16 of static shape");
    Location loc = op.getLoc();
    SmallVector<Value> parts;
    for (Value part : op.getInput1())
      parts.push_back(toBytes(rewriter, loc, part));
    Value whole = tosa::ConcatOp::create(rewriter, loc, bytesType(type), parts, op.getAxis());
    rewriter.replaceOp(op, fromBytes(rewriter, loc, whole, type));
    return success();
  }
};

/// Resampling of int16 to the nearest neighbour: of its bytes.
struct NearestBytes : OpRewritePattern<tosa::ResizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::ResizeOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    if (!isWide(type) || !type.hasStaticShape() ||
        op.getMode() != tosa::ResizeMode::NEAREST_NEIGHBOR)
      return rewriter.notifyMatchFailure(op, "not of int16 to the nearest neighbour");
    Location loc = op.getLoc();
    Value image = tosa::ResizeOp::create(rewriter, loc, bytesType(type),
                                         toBytes(rewriter, loc, op.getInput()), op.getScale(),
                                         op.getOffset(), op.getBorder(), op.getMode());
    rewriter.replaceOp(op, fromBytes(rewriter, loc, image, type));
    return success();
  }
};

/// Zeros around int16: around its bytes.
struct PadBytes : OpRewritePattern<tosa::PadOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::PadOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    auto padding = constantShape(op.getPadding());
    if (!isWide(type) || !type.hasStaticShape() || !padding || padding->size() < 2 ||
        !matchPattern(op.getPadConst(), m_Zero()))
      return rewriter.notifyMatchFailure(op, "not of int16 by zeros");
    Location loc = op.getLoc();
    for (int64_t &channels : MutableArrayRef(*padding).take_back(2))
      channels *= 2;
    Value around = createConstShape(rewriter, loc, *padding);
    auto byte = RankedTensorType::get({1}, rewriter.getI8Type());
    Value zero = tosa::ConstOp::create(rewriter, loc, byte,
                                       DenseElementsAttr::get(byte, rewriter.getI8IntegerAttr(0)));
    Value padded = tosa::PadOp::create(rewriter, loc, bytesType(type),
                                       toBytes(rewriter, loc, op.getInput1()), around, zero);
    rewriter.replaceOp(op, fromBytes(rewriter, loc, padded, type));
    return success();
  }
};

/// `value` under an operation on images; the result of the same elements as `type`.
Value rescaleImage(PatternRewriter &rewriter, Operation *op, Value value, RankedTensorType type,
                   adf::RescaleAttr rescale, ArrayRef<int64_t> clamp) {
  Location loc = op->getLoc();
  bool wideInput = isWide(value.getType()), wideOutput = isWide(type);
  Value bytes = toBytes(rewriter, loc, value);
  auto from = cast<RankedTensorType>(bytes.getType());
  RankedTensorType to = bytesType(type);
  Value image = reshapeTo(rewriter, loc, bytes, imageShape(from.getShape()));
  Value result =
      adf::RescaleOp::create(rewriter, loc, to.clone(imageShape(to.getShape())), layerName(op),
                             image, rescale, clamp, adf::ScheduleAttr(), wideInput, wideOutput);
  return fromBytes(rewriter, loc, reshapeTo(rewriter, loc, result, to.getShape()), type);
}

/// A rescale between int8 and int16.
struct ConvertWideRescale : OpRewritePattern<tosa::RescaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::RescaleOp op, PatternRewriter &rewriter) const override {
    if (!isWide(op.getInput().getType()) && !isWide(op.getType()))
      return rewriter.notifyMatchFailure(op, "not of int16");
    Reason why;
    FailureOr<adf::RescaleAttr> rescale = matchWideRescale(op, why);
    if (failed(rescale))
      return rewriter.notifyMatchFailure(op, why);
    auto type = cast<RankedTensorType>(op.getType());
    ArrayRef<int64_t> range = isWide(type) ? kFullWideRange : kFullRange;
    rewriter.replaceOp(op, rescaleImage(rewriter, op, op.getInput(), type, *rescale, range));
    return success();
  }
};

/// A clamp of int16 that no kernel takes in.
struct ClampWide : OpRewritePattern<tosa::ClampOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::ClampOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    auto low = dyn_cast<IntegerAttr>(op.getMinVal()), high = dyn_cast<IntegerAttr>(op.getMaxVal());
    if (!low || !high || !isWide(type) || !type.hasStaticShape() || type.getRank() == 0)
      return rewriter.notifyMatchFailure(op, "not int16 of static shape");
    rewriter.replaceOp(op, rescaleImage(rewriter, op, op.getInput(), type,
                                        unitRescale(rewriter.getContext()),
                                        {low.getInt(), high.getInt()}));
    return success();
  }
};

/// argmax over the last axis of int8; the result is an output, as bytes.
struct ConvertArgmax : OpRewritePattern<tosa::ArgMaxOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::ArgMaxOp op, PatternRewriter &rewriter) const override {
    auto from = cast<RankedTensorType>(op.getInput().getType());
    auto type = cast<RankedTensorType>(op.getType());
    if (!from.getElementType().isSignlessInteger(8) || !from.hasStaticShape() ||
        !type.getElementType().isSignlessInteger(32) || op.getAxis() != from.getRank() - 1)
      return rewriter.notifyMatchFailure(op, "not over the last axis of int8");
    Location loc = op.getLoc();
    Value image = reshapeTo(rewriter, loc, op.getInput(), imageShape(from.getShape()));
    SmallVector<int64_t> shape(cast<RankedTensorType>(image.getType()).getShape());
    shape.back() = 4;
    Value numbers = adf::ArgmaxOp::create(rewriter, loc, from.clone(shape), layerName(op), image,
                                          adf::ScheduleAttr());
    Value bytes = reshapeTo(rewriter, loc, numbers, bytesType(type).getShape());
    rewriter.replaceOp(op, fromBytes(rewriter, loc, bytes, type));
    return success();
  }
};

} // namespace

void adfc::populateWidePatterns(RewritePatternSet &patterns) {
  patterns.add<CancelCasts, ReshapeBytes, SliceBytes, ConcatBytes, NearestBytes, PadBytes,
               ConvertWideRescale, ConvertArgmax>(patterns.getContext());
}

void adfc::populateLateWidePatterns(RewritePatternSet &patterns) {
  patterns.add<CancelCasts, ClampWide>(patterns.getContext());
}
