//===- SequencePatterns.cpp - products of activations, rows of tables -----===//
#include "Conversion/TosaToADF/SequencePatterns.h"
#include "Conversion/TosaToADF/LayerNames.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace adfc;

namespace {

constexpr int64_t kFullRange[2] = {-128, 127};

LogicalResult refuse(Reason &why, const Twine &text) {
  why = text.str();
  return failure();
}

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

bool isElement(Value value, unsigned bits) {
  return cast<ShapedType>(value.getType()).getElementType().isSignlessInteger(bits);
}

/// What a transposition by `permutation` was applied to; null where there is none.
Value untransposed(Value value, ArrayRef<int32_t> permutation) {
  auto transpose = value.getDefiningOp<tosa::TransposeOp>();
  if (transpose && transpose.getPerms() == permutation)
    return transpose.getInput1();
  return nullptr;
}

constexpr int32_t kSwapBatch[3] = {1, 0, 2}, kSwapRest[3] = {0, 2, 1}, kTurn[3] = {1, 2, 0};

/// Builds the operands and the result of an adf.matmul.
class MatmulBuilder {
public:
  MatmulBuilder(PatternRewriter &rewriter, Location loc) : rewriter(rewriter), loc(loc) {}

  Value reshape(Value value, ArrayRef<int64_t> shape) {
    auto type = cast<RankedTensorType>(value.getType());
    if (type.getShape() == shape)
      return value;
    return adf::ReshapeOp::create(rewriter, loc, type.clone(shape), value);
  }

  /// [a, b, c] of a value that is [b, a, c], as 1 x a x b x c.
  Value swapped(Value value) {
    ArrayRef<int64_t> shape = shapeOf(value);
    SmallVector<int64_t> image = {1, shape[1], shape[0], shape[2]};
    if (shape[0] == 1)
      return reshape(value, image);
    if (Value plain = untransposed(value, kSwapBatch))
      return reshape(plain, image);
    return reshape(transposed(value), image);
  }

  /// The second factor [batch, depth, columns], and whether it is there as [columns, batch, depth].
  std::pair<Value, bool> factor(Value value) {
    if (Value plain = untransposed(value, kTurn)) {
      ArrayRef<int64_t> shape = shapeOf(plain);
      return {reshape(plain, {1, shape[0], shape[1], shape[2]}), true};
    }
    if (Value plain = untransposed(value, kSwapRest))
      return {swapped(plain), true};
    return {swapped(value), false};
  }

  Value transposed(Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    ArrayRef<int64_t> shape = type.getShape();
    return tosa::TransposeOp::create(rewriter, loc, type.clone({shape[1], shape[0], shape[2]}),
                                     value, rewriter.getDenseI32ArrayAttr(kSwapBatch));
  }

private:
  PatternRewriter &rewriter;
  Location loc;
};

struct FuseMatmul : OpRewritePattern<tosa::RescaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::RescaleOp op, PatternRewriter &rewriter) const override {
    Reason why;
    FailureOr<MatmulMatch> match = matchMatmul(op, why);
    if (failed(match))
      return rewriter.notifyMatchFailure(op, why);
    tosa::MatMulOp matmul = match->matmul;
    Location loc = matmul.getLoc();
    MatmulBuilder build(rewriter, loc);
    ArrayRef<int64_t> shape = shapeOf(matmul.getOutput());
    Value lhs = build.swapped(matmul.getA());
    auto [rhs, transposed] = build.factor(matmul.getB());
    auto type = RankedTensorType::get({1, shape[1], shape[0], shape[2]}, rewriter.getI8Type());
    Value output = adf::MatmulOp::create(rewriter, loc, type, layerName(op), lhs, rhs, transposed,
                                         match->rescale, kFullRange, adf::ScheduleAttr());
    if (!match->swapped && shape[0] != 1)
      output = build.transposed(build.reshape(output, {shape[1], shape[0], shape[2]}));
    rewriter.replaceOp(op, build.reshape(output, shapeOf(op.getOutput())));
    return success();
  }
};

struct ConvertGather : OpRewritePattern<tosa::GatherOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::GatherOp op, PatternRewriter &rewriter) const override {
    Reason why;
    ElementsAttr table;
    Value indices;
    if (failed(matchGather(op, table, indices, why)))
      return rewriter.notifyMatchFailure(op, why);
    auto type = cast<RankedTensorType>(op.getType());
    ArrayRef<int64_t> shape = type.getShape();
    ArrayRef<int64_t> rows = table.getShapedType().getShape();
    auto flat = RankedTensorType::get({rows[1], rows[2]}, table.getElementType());
    auto plain = DenseElementsAttr::getFromRawBuffer(flat, *adf::getRawBytes(table));
    MatmulBuilder build(rewriter, op.getLoc());
    Value image = build.reshape(indices, {1, shape[1], 1, 4});
    Value output =
        adf::GatherOp::create(rewriter, op.getLoc(), type.clone({1, shape[1], 1, shape[2]}),
                              layerName(op), image, plain, adf::ScheduleAttr());
    rewriter.replaceOp(op, build.reshape(output, shape));
    return success();
  }
};

/// Two transpositions that cancel each other.
struct CancelTransposes : OpRewritePattern<tosa::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::TransposeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getInput1().getDefiningOp<tosa::TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "one transposition alone");
    for (auto [axis, source] : llvm::enumerate(op.getPerms()))
      if (inner.getPerms()[source] != static_cast<int32_t>(axis))
        return rewriter.notifyMatchFailure(op, "they do not cancel each other");
    rewriter.replaceOp(op, inner.getInput1());
    return success();
  }
};

} // namespace

FailureOr<MatmulMatch> adfc::matchMatmul(tosa::RescaleOp op, Reason &why) {
  MatmulMatch match;
  Value sums = op.getInput();
  if (auto reshape = sums.getDefiningOp<tosa::ReshapeOp>())
    sums = reshape.getInput1();
  Value plain = untransposed(sums, kSwapBatch);
  match.swapped = static_cast<bool>(plain);
  match.matmul = (plain ? plain : sums).getDefiningOp<tosa::MatMulOp>();
  if (!match.matmul)
    return refuse(why, "its input comes from no matmul");
  if (!isElement(match.matmul.getA(), 8) || !isElement(match.matmul.getB(), 8) ||
      !isElement(match.matmul.getOutput(), 32) || !isElement(op.getOutput(), 8))
    return refuse(why, "it does not take a product of int8 activations to int8");
  if (!matchPattern(match.matmul.getAZp(), m_Zero()) ||
      !matchPattern(match.matmul.getBZp(), m_Zero()))
    return refuse(why, "the matmul has a zero point; quantize symmetrically");
  if (!cast<RankedTensorType>(match.matmul.getOutput().getType()).hasStaticShape())
    return refuse(why, "the matmul's shape is not static");
  FailureOr<adf::RescaleAttr> rescale = matchScalarRescale(op, why);
  if (failed(rescale))
    return failure();
  match.rescale = *rescale;
  return match;
}

LogicalResult adfc::matchGather(tosa::GatherOp op, ElementsAttr &table, Value &indices,
                                Reason &why) {
  auto type = cast<RankedTensorType>(op.getType());
  if (!isElement(op.getOutput(), 8) || !type.hasStaticShape() || type.getDimSize(0) != 1)
    return refuse(why, "it is not int8 of static shape with batch 1");
  if (!matchPattern(op.getValues(), m_Constant(&table)) || !adf::getRawBytes(table))
    return refuse(why, "its values are not constant");
  auto cast = op.getIndices().getDefiningOp<UnrealizedConversionCastOp>();
  if (!cast || !isa<BlockArgument>(cast.getOperand(0)))
    return refuse(why, "its indices are no input of the program");
  indices = cast.getOperand(0);
  return success();
}

void adfc::populateSequencePatterns(RewritePatternSet &patterns) {
  patterns.add<FuseMatmul, ConvertGather, CancelTransposes>(patterns.getContext());
}
