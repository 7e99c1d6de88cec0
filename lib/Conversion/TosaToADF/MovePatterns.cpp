//===- MovePatterns.cpp - transpositions, and reshapes that move bytes ----===//
//
// Views move pixels. The matrix unit moves the channels of pixels, by weights 0 and 1: a 1x1
// convolution packs them or sets them apart, a product with an identity makes rows of them.
#include "Conversion/TosaToADF/KernelPatterns.h"
#include "Conversion/TosaToADF/LayerNames.h"
#include "Conversion/TosaToADF/PatternSupport.h"
#include "mlir/IR/Matchers.h"
#include <numeric>

using namespace mlir;
using namespace adfc;

namespace {

/// Up to so many bytes of weights, one convolution moves all pieces of a pixel; else few at a time,
/// which needs a copy where they do not come out even (assumed).
constexpr int64_t kSmallWeights = 1 << 16;

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

int64_t productOf(ArrayRef<int64_t> sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t(1), std::multiplies<>());
}

bool isStaticInt8(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getElementType().isSignlessInteger(8) && type.hasStaticShape() && type.getRank() > 0;
}

/// Builds what moves the bytes of one operation's tensor.
class Mover {
public:
  Mover(PatternRewriter &rewriter, Operation *op)
      : rewriter(rewriter), loc(op->getLoc()), layer(layerName(op)) {}

  Value reshape(Value value, ArrayRef<int64_t> shape) {
    return reshapeTo(rewriter, loc, value, shape);
  }

  /// The same elements under any shape. The last axes of both are made of pieces, as large as their
  /// greatest common divisor: pixels are split into such, and joined from them.
  Value reshaped(Value value, ArrayRef<int64_t> shape) {
    auto type = cast<RankedTensorType>(value.getType());
    if (adf::ReshapeOp::keepsBytes(type, type.clone(shape)))
      return reshape(value, shape);
    int64_t from = type.getShape().back(), to = shape.back(), piece = std::gcd(from, to);
    if (from != piece)
      value = split(reshape(value, {1, type.getNumElements() / from, 1, from}), piece);
    if (to != piece)
      value = join(reshape(value, {1, type.getNumElements() / to, to / piece, piece}));
    return reshape(value, shape);
  }

  /// Axis i of the result is axis order[i] of `value`.
  Value transposed(Value value, ArrayRef<int32_t> order) {
    auto channels = static_cast<int32_t>(order.size()) - 1;
    int32_t last = order.back();
    if (last == channels)
      return pixelsPermuted(value, order);
    // The other axes in their order to come, then the one that becomes the last, then channels.
    SmallVector<int32_t> before;
    for (int32_t axis : order)
      if (axis != channels && axis != last)
        before.push_back(axis);
    SmallVector<int32_t> after{channels};
    llvm::append_range(after, before);
    after.push_back(last);
    before.append({last, channels});
    value = pixelsPermuted(value, before);
    SmallVector<int64_t> shape(shapeOf(value));
    std::rotate(shape.begin(), shape.end() - 1, shape.end());
    value = reshaped(turned(value), shape);
    SmallVector<int32_t> rest;
    for (int32_t axis : order)
      rest.push_back(static_cast<int32_t>(llvm::find(after, axis) - after.begin()));
    return pixelsPermuted(value, rest);
  }

private:
  /// As `transposed`, where the channels stay where they are.
  Value pixelsPermuted(Value value, ArrayRef<int32_t> order) {
    SmallVector<int64_t> shape(shapeOf(value));
    SmallVector<int32_t> axes(order.size() - 1);
    std::iota(axes.begin(), axes.end(), 0);
    int64_t channels = shape.back(), stored = channels;
    auto sizeOf = [&](ArrayRef<int32_t> some) {
      int64_t size = 1;
      for (int32_t axis : some)
        size *= shape[axis];
      return size;
    };
    // From the last axis on: what stands behind it among those that are not in place yet goes in
    // front of all that stands before.
    for (size_t left = axes.size(); left > 0; --left) {
      size_t place = llvm::find(axes, order[left - 1]) - axes.begin() + 1;
      int64_t behind = sizeOf(ArrayRef(axes).drop_front(left));
      if (place == left)
        continue;
      int64_t rows = sizeOf(ArrayRef(axes).take_front(place));
      int64_t cols = sizeOf(ArrayRef(axes).slice(place, left - place));
      if (behind > 1 && stored % 4 != 0) {
        stored = adf::paddedChannels(channels);
        value = widened(reshape(value, {1, rows * cols, behind, channels}), behind, stored);
      }
      value = exchanged(reshape(value, {1, rows, cols, behind * stored}));
      std::rotate(axes.begin(), axes.begin() + place, axes.begin() + left);
    }
    SmallVector<int64_t> result;
    for (int32_t axis : order)
      result.push_back(shape[axis]);
    if (stored != channels) {
      int64_t pixels = productOf(shape) / channels;
      value = narrowed(reshape(value, {1, pixels, 1, stored}), 1, channels);
    }
    return reshape(value, result);
  }

  /// Columns as rows and rows as columns.
  Value exchanged(Value image) {
    ArrayRef<int64_t> shape = shapeOf(image);
    auto type = cast<RankedTensorType>(image.getType());
    return adf::SliceOp::create(rewriter, loc, type.clone({1, shape[2], shape[1], shape[3]}), image,
                                ArrayRef<int64_t>{0, 0, 0}, ArrayRef<int64_t>{1, 1},
                                /*transposed=*/true);
  }

  /// 1 x C x 1 x R of a value with C channels and R pixels: the product of an identity and it.
  Value turned(Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    int64_t channels = type.getShape().back(), pixels = type.getNumElements() / channels;
    auto square = type.clone({1, channels, 1, channels});
    SmallVector<char> ones(channels * channels, 0);
    for (int64_t i = 0; i < channels; ++i)
      ones[i * channels + i] = 1;
    Value identity = adf::ConstantOp::create(rewriter, loc, square,
                                             DenseElementsAttr::getFromRawBuffer(square, ones));
    return adf::MatmulOp::create(rewriter, loc, type.clone({1, channels, 1, pixels}), layer,
                                 identity, reshape(value, {1, pixels, 1, channels}),
                                 /*transposed=*/true, unitRescale(rewriter.getContext()),
                                 kFullRange, adf::ScheduleAttr());
  }

  /// The first `cols` columns and `channels` channels of an image.
  Value narrowed(Value image, int64_t cols, int64_t channels) {
    auto type = cast<RankedTensorType>(image.getType());
    auto part = type.clone({1, type.getDimSize(1), cols, channels});
    if (part == type)
      return image;
    return adf::SliceOp::create(rewriter, loc, part, image, ArrayRef<int64_t>{0, 0, 0},
                                ArrayRef<int64_t>{1, 1}, /*transposed=*/false);
  }

  /// An image with more columns and channels, whose values are anything.
  Value widened(Value image, int64_t cols, int64_t channels) {
    auto type = cast<RankedTensorType>(image.getType());
    auto whole = type.clone({1, type.getDimSize(1), cols, channels});
    if (whole == type)
      return image;
    return adf::AssembleOp::create(rewriter, loc, whole, layer, image,
                                   ArrayRef<int64_t>{0, 0, 0, 1, 1});
  }

  /// How a pixel of pieces is moved: `each` pieces at a time, which are whole words, of `all`, of
  /// which the last ones may be more than there are.
  struct Pieces {
    int64_t each, all;
  };
  static Pieces piecesOf(int64_t pieces, int64_t piece) {
    int64_t words = 4 / std::gcd(piece, int64_t(4));
    if (pieces % words == 0)
      return {words, pieces};
    if (pieces * pieces * piece * adf::paddedChannels(piece) <= kSmallWeights)
      return {pieces, pieces};
    return {words, static_cast<int64_t>(llvm::alignTo(pieces, words))};
  }

  /// 1 x R x C/piece x piece of 1 x R x 1 x C.
  Value split(Value value, int64_t piece) {
    int64_t rows = shapeOf(value)[1], channels = shapeOf(value)[3], pieces = channels / piece;
    auto [each, all] = piecesOf(pieces, piece);
    int64_t stored = adf::paddedChannels(piece);
    SmallVector<int64_t> sources;
    for (int64_t i = 0; i < each; ++i)
      for (int64_t j = 0; j < stored; ++j)
        sources.push_back(j < piece ? i * piece + j : -1);
    value = reshape(widened(value, 1, all * piece), {1, rows * all / each, 1, each * piece});
    value = selectChannels(rewriter, loc, layer, value, sources);
    return narrowed(reshape(value, {1, rows, all, stored}), pieces, piece);
  }

  /// 1 x R x 1 x N*piece of 1 x R x N x piece.
  Value join(Value value) {
    int64_t rows = shapeOf(value)[1], pieces = shapeOf(value)[2], piece = shapeOf(value)[3];
    auto [each, all] = piecesOf(pieces, piece);
    int64_t stored = adf::paddedChannels(piece);
    SmallVector<int64_t> sources;
    for (int64_t i = 0; i < each; ++i)
      for (int64_t j = 0; j < piece; ++j)
        sources.push_back(i * stored + j);
    value = reshape(widened(value, all, stored), {1, rows * all / each, 1, each * stored});
    value = selectChannels(rewriter, loc, layer, value, sources);
    return narrowed(reshape(value, {1, rows, 1, all * piece}), 1, pieces * piece);
  }

  PatternRewriter &rewriter;
  Location loc;
  StringAttr layer;
};

/// The operand as an activation: constants become adf.constant.
Value operandOf(PatternRewriter &rewriter, Value value) {
  ElementsAttr constant;
  if (matchPattern(value, m_Constant(&constant)))
    return adf::ConstantOp::create(rewriter, value.getLoc(), value.getType(), constant);
  return value;
}

struct MoveByReshape : OpRewritePattern<tosa::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::ReshapeOp op, PatternRewriter &rewriter) const override {
    if (!isStaticInt8(op.getInput1()) || !isStaticInt8(op.getOutput()))
      return rewriter.notifyMatchFailure(op, "not int8 of static shape");
    Mover mover(rewriter, op);
    rewriter.replaceOp(op, mover.reshaped(operandOf(rewriter, op.getInput1()),
                                          cast<RankedTensorType>(op.getType()).getShape()));
    return success();
  }
};

struct ConvertTranspose : OpRewritePattern<tosa::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::TransposeOp op, PatternRewriter &rewriter) const override {
    if (!isStaticInt8(op.getInput1()))
      return rewriter.notifyMatchFailure(op, "not int8 of static shape");
    Value value = operandOf(rewriter, op.getInput1());
    // Axes of size 1 may stand anywhere.
    SmallVector<int64_t> from(shapeOf(value)), sizes;
    SmallVector<int32_t> axes, order;
    for (auto [axis, size] : llvm::enumerate(from))
      if (size != 1) {
        axes.push_back(static_cast<int32_t>(axis));
        sizes.push_back(size);
      }
    for (int32_t axis : op.getPerms())
      if (from[axis] != 1)
        order.push_back(static_cast<int32_t>(llvm::find(axes, axis) - axes.begin()));
    Mover mover(rewriter, op);
    if (!llvm::is_sorted(order))
      value = mover.transposed(mover.reshaped(value, sizes), order);
    rewriter.replaceOp(op, mover.reshaped(value, shapeOf(op.getOutput())));
    return success();
  }
};

} // namespace

void adfc::populateMovePatterns(RewritePatternSet &patterns) {
  patterns.add<MoveByReshape, ConvertTranspose>(patterns.getContext());
}
