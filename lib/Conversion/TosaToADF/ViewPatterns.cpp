//===- ViewPatterns.cpp - concatenation, slices, padding, transposition ---===//
#include "Conversion/TosaToADF/KernelPatterns.h"
#include "Conversion/TosaToADF/LayerNames.h"
#include "Conversion/TosaToADF/Matchers.h"
#include "Conversion/TosaToADF/PatternSupport.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace adfc;

namespace {

/// A tensor as an image in which one of its axes is rows, columns or channels. Other axes are
/// multiplied together, so positions of the axis count `inner` times.
struct AxisImage {
  SmallVector<int64_t> shape;
  unsigned axis;
  int64_t inner;
};

AxisImage imageOf(ArrayRef<int64_t> shape, unsigned axis) {
  auto product = [](ArrayRef<int64_t> sizes) {
    int64_t result = 1;
    for (int64_t size : sizes)
      result *= size;
    return result;
  };
  if (shape.size() == 4 && shape[0] == 1 && axis > 0)
    return {SmallVector<int64_t>(shape), axis, 1};
  if (axis + 1 == shape.size())
    return {imageShape(shape), 3, 1};
  int64_t outer = product(shape.take_front(axis));
  int64_t inner = product(shape.slice(axis + 1).drop_back());
  if (outer == 1)
    return {{1, shape[axis] * inner, 1, shape.back()}, 1, inner};
  return {{1, outer, shape[axis] * inner, shape.back()}, 2, inner};
}

bool isStaticInt8(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getElementType().isSignlessInteger(8) && type.hasStaticShape() && type.getRank() > 0;
}

Value operandOf(PatternRewriter &rewriter, Value value) {
  ElementsAttr constant;
  if (matchPattern(value, m_Constant(&constant)))
    return adf::ConstantOp::create(rewriter, value.getLoc(), value.getType(), constant);
  return value;
}

struct ConvertConcat : OpRewritePattern<tosa::ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::ConcatOp op, PatternRewriter &rewriter) const override {
    if (!isStaticInt8(op.getOutput()))
      return rewriter.notifyMatchFailure(op, "not int8 of static shape");
    auto type = cast<RankedTensorType>(op.getType());
    AxisImage whole = imageOf(type.getShape(), op.getAxis());
    SmallVector<Value> parts;
    SmallVector<int64_t> places, sources;
    int64_t at = 0;
    bool aligned = true;
    for (Value value : op.getInput1()) {
      int64_t size = cast<RankedTensorType>(value.getType()).getDimSize(op.getAxis()) * whole.inner;
      SmallVector<int64_t> shape = whole.shape;
      shape[whole.axis] = size;
      parts.push_back(reshapeTo(rewriter, op.getLoc(), operandOf(rewriter, value), shape));
      SmallVector<int64_t> place{0, 0, 0, 1, 1};
      place[whole.axis - 1] = at;
      places.append(place);
      aligned &= static_cast<int64_t>(sources.size()) == at || whole.axis != 3;
      for (int64_t i = 0; whole.axis == 3 && i < size; ++i)
        sources.push_back(at + i);
      at += whole.axis == 3 ? adf::paddedChannels(size) : size;
    }
    SmallVector<int64_t> stored = whole.shape;
    if (!aligned)
      stored[3] = at;
    Value output = adf::AssembleOp::create(rewriter, op.getLoc(), type.clone(stored), layerName(op),
                                           parts, places);
    // Parts begin at whole words: what lies in between is dropped.
    if (!aligned)
      output = selectChannels(rewriter, op.getLoc(), layerName(op), output, sources);
    rewriter.replaceOp(op, reshapeTo(rewriter, op.getLoc(), output, type.getShape()));
    return success();
  }
};

struct ConvertSlice : OpRewritePattern<tosa::SliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::SliceOp op, PatternRewriter &rewriter) const override {
    auto start = constantShape(op.getStart());
    if (!isStaticInt8(op.getInput1()) || !isStaticInt8(op.getOutput()) || !start)
      return rewriter.notifyMatchFailure(op, "not int8 of static shape");
    Value value = op.getInput1();
    auto type = cast<RankedTensorType>(op.getType());
    // One axis after the other; an image has all in one view.
    for (unsigned axis = 0, rank = type.getRank(); axis < rank; ++axis) {
      auto from = cast<RankedTensorType>(value.getType());
      if (from.getDimSize(axis) == type.getDimSize(axis))
        continue;
      value = cut(rewriter, op, value, axis, (*start)[axis], type.getDimSize(axis));
    }
    rewriter.replaceOp(op, value);
    return success();
  }

private:
  static Value cut(PatternRewriter &rewriter, tosa::SliceOp op, Value value, unsigned axis,
                   int64_t first, int64_t size) {
    auto type = cast<RankedTensorType>(value.getType());
    AxisImage image = imageOf(type.getShape(), axis);
    Value whole = reshapeTo(rewriter, op.getLoc(), value, image.shape);
    first *= image.inner;
    SmallVector<int64_t> shape = image.shape, result(type.getShape());
    shape[image.axis] = size * image.inner;
    result[axis] = size;
    if (image.axis == 3 && first % 4 != 0) {
      SmallVector<int64_t> sources;
      for (int64_t i = 0; i < size; ++i)
        sources.push_back(first + i);
      whole = selectChannels(rewriter, op.getLoc(), layerName(op), whole, sources);
    } else {
      SmallVector<int64_t> offset{0, 0, 0};
      offset[image.axis - 1] = first;
      whole = adf::SliceOp::create(rewriter, op.getLoc(), type.clone(shape), whole, offset,
                                   ArrayRef<int64_t>{1, 1}, /*transposed=*/false);
    }
    return reshapeTo(rewriter, op.getLoc(), whole, result);
  }
};

/// The padding and the value of a tosa.pad; none where they are not constant.
struct PadMatch {
  SmallVector<int64_t> padding;
  int8_t fill;
};
std::optional<PadMatch> matchPad(tosa::PadOp op) {
  auto padding = constantShape(op.getPadding());
  ElementsAttr fill;
  if (!padding || !isStaticInt8(op.getOutput()) ||
      !matchPattern(op.getPadConst(), m_Constant(&fill)) || !adf::getRawBytes(fill))
    return std::nullopt;
  return PadMatch{*padding, static_cast<int8_t>((*adf::getRawBytes(fill))[0])};
}

/// The value behind reshapes that only add or drop leading axes of size 1.
Value withoutUnitAxes(Value value) {
  auto trimmed = [](Value v) {
    return cast<RankedTensorType>(v.getType()).getShape().drop_while([](int64_t size) {
      return size == 1;
    });
  };
  while (isa_and_nonnull<tosa::ReshapeOp, adf::ReshapeOp>(value.getDefiningOp())) {
    Value source = value.getDefiningOp()->getOperand(0);
    if (trimmed(source) != trimmed(value))
      break;
    value = source;
  }
  return value;
}

/// Zeros around a convolution's image are its own padding.
template <typename KernelOp> struct FoldPad : OpRewritePattern<KernelOp> {
  using OpRewritePattern<KernelOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(KernelOp op, PatternRewriter &rewriter) const override {
    auto pad = withoutUnitAxes(op.getInput()).template getDefiningOp<tosa::PadOp>();
    std::optional<PadMatch> match = pad ? matchPad(pad) : std::nullopt;
    if (!match || match->fill != 0 || match->padding.size() < 6)
      return rewriter.notifyMatchFailure(op, "no zeros around an image");
    // The last three axes are rows, columns and channels.
    ArrayRef<int64_t> more = ArrayRef(match->padding).take_back(6);
    bool others =
        llvm::any_of(ArrayRef(match->padding).drop_back(6), [](int64_t size) { return size != 0; });
    if (others || more[4] || more[5])
      return rewriter.notifyMatchFailure(op, "channels are padded");
    SmallVector<int64_t> sum(op.getPad());
    for (unsigned i = 0; i < 4; ++i)
      sum[i] += more[i];
    auto from = cast<RankedTensorType>(pad.getInput1().getType());
    SmallVector<int64_t> shape{1};
    llvm::append_range(shape, from.getShape().take_back(3));
    Value image = withoutUnitAxes(pad.getInput1());
    if (cast<RankedTensorType>(image.getType()).getShape() != ArrayRef(shape))
      image = reshapeTo(rewriter, op.getLoc(), pad.getInput1(), shape);
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(image);
      op.setPad(sum);
    });
    return success();
  }
};

struct ConvertPad : OpRewritePattern<tosa::PadOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::PadOp op, PatternRewriter &rewriter) const override {
    std::optional<PadMatch> match = matchPad(op);
    if (!match)
      return rewriter.notifyMatchFailure(op, "not int8 of static shape by a constant");
    Value value = op.getInput1();
    auto type = cast<RankedTensorType>(op.getType());
    if (type.getRank() == 3) {
      rewriter.replaceOp(op, padThreeAxes(rewriter, op, *match));
      return success();
    }
    for (unsigned axis = 0, rank = type.getRank(); axis < rank; ++axis) {
      int64_t before = match->padding[2 * axis], after = match->padding[2 * axis + 1];
      if (before || after)
        value = widen(rewriter, op, value, axis, before, after, match->fill);
    }
    rewriter.replaceOp(op, value);
    return success();
  }

private:
  /// Rows, columns and channels of an image without its batch.
  static Value padThreeAxes(PatternRewriter &rewriter, tosa::PadOp op, const PadMatch &match) {
    SmallVector<int64_t> shape{1};
    llvm::append_range(shape, cast<RankedTensorType>(op.getInput1().getType()).getShape());
    Value image = withoutUnitAxes(op.getInput1());
    if (cast<RankedTensorType>(image.getType()).getShape() != ArrayRef(shape))
      image = reshapeTo(rewriter, op.getLoc(), op.getInput1(), shape);
    ArrayRef<int64_t> pad = match.padding;
    if (pad[4] || pad[5])
      image = widen(rewriter, op, image, 3, pad[4], pad[5], match.fill);
    if (pad[0] || pad[1] || pad[2] || pad[3])
      image = padImage(rewriter, op.getLoc(), layerName(op), image, pad.take_front(4), match.fill);
    return reshapeTo(rewriter, op.getLoc(), image, cast<RankedTensorType>(op.getType()).getShape());
  }

  static Value widen(PatternRewriter &rewriter, tosa::PadOp op, Value value, unsigned axis,
                     int64_t before, int64_t after, int8_t fill) {
    auto type = cast<RankedTensorType>(value.getType());
    AxisImage image = imageOf(type.getShape(), axis);
    Value whole = reshapeTo(rewriter, op.getLoc(), value, image.shape);
    StringAttr layer = layerName(op);
    if (image.axis == 3) {
      SmallVector<int64_t> sources(before, -1);
      for (int64_t i = 0; i < image.shape[3]; ++i)
        sources.push_back(i);
      sources.append(after, -1);
      whole = selectChannels(rewriter, op.getLoc(), layer, whole, sources, fill);
    } else {
      SmallVector<int64_t> pad(4, 0);
      pad[2 * (image.axis - 1)] = before * image.inner;
      pad[2 * (image.axis - 1) + 1] = after * image.inner;
      whole = padImage(rewriter, op.getLoc(), layer, whole, pad, fill);
    }
    SmallVector<int64_t> result(type.getShape());
    result[axis] += before + after;
    return reshapeTo(rewriter, op.getLoc(), whole, result);
  }
};

/// Padding that the fields of a memory tile's descriptors do not hold (AM025: 4 bits of rows, 5
/// bits of columns), or in which an output would see nothing else.
constexpr int64_t kMostPadRows = 15, kMostPadColumns = 31;

template <typename KernelOp> struct SplitPad : OpRewritePattern<KernelOp> {
  using OpRewritePattern<KernelOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(KernelOp op, PatternRewriter &rewriter) const override {
    SmallVector<int64_t> pad(op.getPad()), around(4, 0);
    adf::AxisMap maps[2] = {op.getRowMap(), op.getColumnMap()};
    for (unsigned axis = 0; axis < 2; ++axis) {
      int64_t most = std::min(axis == 0 ? kMostPadRows : kMostPadColumns, maps[axis].span - 1);
      if (std::max(pad[2 * axis], pad[2 * axis + 1]) <= most)
        continue;
      std::swap(pad[2 * axis], around[2 * axis]);
      std::swap(pad[2 * axis + 1], around[2 * axis + 1]);
    }
    if (llvm::all_of(around, [](int64_t size) { return size == 0; }))
      return rewriter.notifyMatchFailure(op, "its padding fits");
    Value padded = padImage(rewriter, op.getLoc(), op.getLayerAttr(), op.getInput(), around, 0);
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(padded);
      op.setPad(pad);
    });
    return success();
  }
};

} // namespace

void adfc::populateShapePatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertConcat, FoldPad<adf::Conv2DOp>, FoldPad<adf::DepthwiseConv2DOp>>(
      patterns.getContext());
  populateResizePatterns(patterns);
  populateTransposeConvPatterns(patterns);
}

void adfc::populateViewPatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertSlice, ConvertPad, SplitPad<adf::Conv2DOp>, SplitPad<adf::DepthwiseConv2DOp>>(
      patterns.getContext());
  populateMovePatterns(patterns);
}
