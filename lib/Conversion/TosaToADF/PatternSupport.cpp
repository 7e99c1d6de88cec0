//===- PatternSupport.cpp - what the conversion's patterns share ----------===//
#include "Conversion/TosaToADF/PatternSupport.h"
#include "Conversion/TosaToADF/LayerNames.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace adfc;

Value adfc::reshapeTo(PatternRewriter &rewriter, Location loc, Value value,
                      ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getShape() == shape)
    return value;
  return adf::ReshapeOp::create(rewriter, loc, type.clone(shape), value);
}

SmallVector<int64_t> adfc::imageShape(ArrayRef<int64_t> shape) {
  if (shape.size() == 4 && shape[0] == 1)
    return SmallVector<int64_t>(shape);
  int64_t rows = 1;
  for (int64_t size : shape.drop_back())
    rows *= size;
  return {1, rows, 1, shape.back()};
}

std::optional<SmallVector<int64_t>> adfc::constantShape(Value value) {
  DenseIntElementsAttr attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return std::nullopt;
  SmallVector<int64_t> values;
  for (const APInt &element : attr.getValues<APInt>())
    values.push_back(element.getSExtValue());
  return values;
}

Value adfc::createConstShape(PatternRewriter &rewriter, Location loc, ArrayRef<int64_t> values) {
  auto type = tosa::shapeType::get(rewriter.getContext(), static_cast<int>(values.size()));
  return tosa::ConstShapeOp::create(rewriter, loc, type, rewriter.getIndexTensorAttr(values));
}

ElementsAttr adfc::perChannel(ElementsAttr attr, int64_t channels) {
  if (attr.getNumElements() == channels)
    return attr;
  auto type = RankedTensorType::get({channels}, attr.getElementType());
  return DenseElementsAttr::getFromRawBuffer(type, *adf::getRawBytes(attr));
}

adf::RescaleAttr adfc::unitRescale(MLIRContext *context) {
  return adf::RescaleAttr::get(context, 1 << 14, 14);
}

static Value int8Constant(PatternRewriter &rewriter, Location loc, ArrayRef<int64_t> shape,
                          ArrayRef<char> bytes) {
  auto type = RankedTensorType::get(shape, rewriter.getI8Type());
  return adf::ConstantOp::create(rewriter, loc, type,
                                 DenseElementsAttr::getFromRawBuffer(type, bytes));
}

Value adfc::selectChannels(PatternRewriter &rewriter, Location loc, StringAttr layer, Value value,
                           ArrayRef<int64_t> sources, int8_t fill) {
  auto type = cast<RankedTensorType>(value.getType());
  int64_t inputs = type.getDimSize(3), outputs = sources.size();
  SmallVector<char> weights(outputs * inputs, 0);
  SmallVector<int32_t> bias(outputs, 0);
  for (auto [o, source] : llvm::enumerate(sources)) {
    if (source < 0)
      bias[o] = fill;
    else
      weights[o * inputs + source] = 1;
  }
  auto biasType = RankedTensorType::get({outputs}, rewriter.getI32Type());
  auto splat = [&](unsigned bits, int64_t element) -> ElementsAttr {
    Type integer = rewriter.getIntegerType(bits);
    return DenseElementsAttr::get(RankedTensorType::get({outputs}, integer),
                                  rewriter.getIntegerAttr(integer, element));
  };
  Value kernel = int8Constant(rewriter, loc, {outputs, 1, 1, inputs}, weights);
  Value offsets = adf::ConstantOp::create(rewriter, loc, biasType,
                                          DenseElementsAttr::get(biasType, ArrayRef(bias)));
  adf::RescaleAttr unit = unitRescale(rewriter.getContext());
  auto result = type.clone({1, type.getDimSize(1), type.getDimSize(2), outputs});
  return adf::Conv2DOp::create(rewriter, loc, result, layer, value, kernel, offsets,
                               ArrayRef<int64_t>{1, 1}, ArrayRef<int64_t>{0, 0, 0, 0},
                               ArrayRef<int64_t>{1, 1}, kFullRange, splat(16, unit.getMultiplier()),
                               splat(8, unit.getShift()), adf::ScheduleAttr());
}

Value adfc::padImage(PatternRewriter &rewriter, Location loc, StringAttr layer, Value value,
                     ArrayRef<int64_t> pad, int8_t fill) {
  auto type = cast<RankedTensorType>(value.getType());
  int64_t rows = type.getDimSize(1), cols = type.getDimSize(2), channels = type.getDimSize(3);
  int64_t allRows = rows + pad[0] + pad[1], allCols = cols + pad[2] + pad[3];
  SmallVector<Value> parts{value};
  SmallVector<int64_t> places{pad[0], pad[2], 0, 1, 1};
  auto frame = [&](int64_t row, int64_t col, int64_t height, int64_t width) {
    if (height == 0 || width == 0)
      return;
    parts.push_back(
        int8Constant(rewriter, loc, {1, height, width, channels}, static_cast<char>(fill)));
    places.append({row, col, 0, 1, 1});
  };
  frame(0, 0, pad[0], allCols);
  frame(pad[0] + rows, 0, pad[1], allCols);
  frame(pad[0], 0, rows, pad[2]);
  frame(pad[0], pad[2] + cols, rows, pad[3]);
  return adf::AssembleOp::create(rewriter, loc, type.clone({1, allRows, allCols, channels}), layer,
                                 parts, places);
}

/// `value` as an image that has `shape`: what has size 1 there is repeated.
static Value broadcastImage(PatternRewriter &rewriter, Location loc, StringAttr layer, Value value,
                            ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getDimSize(3) != shape[3]) {
    value = selectChannels(rewriter, loc, layer, value, SmallVector<int64_t>(shape[3], 0));
    type = cast<RankedTensorType>(value.getType());
  }
  if (type.getShape() == shape)
    return value;
  // A step of 0 broadcasts; an axis of its full size keeps its positions.
  auto step = [&](unsigned axis) -> int64_t { return type.getDimSize(axis) == shape[axis]; };
  return adf::ResizeOp::create(rewriter, loc, type.clone(shape), layer, value, /*bilinear=*/false,
                               ArrayRef<int64_t>{1, step(1), 1, step(2)}, ArrayRef<int64_t>{0, 0},
                               unitRescale(rewriter.getContext()), kFullRange, adf::ScheduleAttr());
}

FailureOr<Operands> adfc::makeOperands(PatternRewriter &rewriter, Operation *op, Value lhs,
                                       Value rhs, ArrayRef<int64_t> shape, bool commutes) {
  Location loc = op->getLoc();
  bool broadcasts = lhs.getType() != rhs.getType();
  // With equal shapes any image will do; else axes must stay apart.
  auto image = [&](ArrayRef<int64_t> from) -> SmallVector<int64_t> {
    if (!broadcasts)
      return imageShape(from);
    SmallVector<int64_t> padded(4 - std::min<size_t>(4, from.size()), 1);
    padded.append(from.begin(), from.end());
    return padded;
  };
  SmallVector<int64_t> target = image(shape);
  if (target.size() != 4 || target[0] != 1)
    return failure();
  auto operand = [&](Value value) -> Value {
    ElementsAttr constant;
    if (matchPattern(value, m_Constant(&constant)))
      value = adf::ConstantOp::create(rewriter, loc, value.getType(), constant);
    return reshapeTo(rewriter, loc, value,
                     image(cast<RankedTensorType>(value.getType()).getShape()));
  };
  auto isPixel = [&](Value value) {
    ArrayRef<int64_t> from = cast<RankedTensorType>(value.getType()).getShape();
    return from[1] == 1 && from[2] == 1 && from[3] == target[3];
  };
  auto isWhole = [&](Value value) {
    return cast<RankedTensorType>(value.getType()).getShape() == ArrayRef(target);
  };
  auto whole = [&](Value value) {
    return isWhole(value) ? value : broadcastImage(rewriter, loc, layerName(op), value, target);
  };
  Operands operands{operand(lhs), operand(rhs), false};
  if (commutes && isPixel(operands.lhs) && !isPixel(operands.rhs)) {
    std::swap(operands.lhs, operands.rhs);
    operands.swapped = true;
  }
  operands.lhs = whole(operands.lhs);
  if (!isPixel(operands.rhs))
    operands.rhs = whole(operands.rhs);
  return operands;
}
