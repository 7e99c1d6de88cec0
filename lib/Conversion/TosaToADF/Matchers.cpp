//===- Matchers.cpp - the shapes of TOSA that one kernel can do -----------===//
#include "Conversion/TosaToADF/Matchers.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/Endian.h"

using namespace mlir;
using namespace adfc;

namespace {

constexpr StringLiteral kNoProducer =
    "its input comes from no convolution, add, sub, mul or sum over height and width";

LogicalResult refuse(Reason &why, const Twine &text) {
  why = text.str();
  return failure();
}

bool isZero(Value value) { return matchPattern(value, m_Zero()); }

bool isElement(Value value, unsigned bits) {
  return cast<ShapedType>(value.getType()).getElementType().isSignlessInteger(bits);
}

/// int8 or int16.
bool isLevels(Value value) { return isElement(value, 8) || isElement(value, 16); }

int64_t element(ElementsAttr attr, int64_t index) {
  ArrayRef<char> bytes = *adf::getRawBytes(attr);
  if (attr.getElementType().isInteger(8))
    return static_cast<int8_t>(bytes[bytes.size() == 1 ? 0 : index]);
  return llvm::support::endian::read16le(bytes.data() + (bytes.size() == 2 ? 0 : 2 * index));
}

} // namespace

FailureOr<RescaleMatch> adfc::matchRescale(tosa::RescaleOp op, Reason &why) {
  if (op.getScale32())
    return refuse(why, "it has 32-bit multipliers; emit it with scale32 = false");
  if (op.getRoundingMode() != tosa::RoundingMode::SINGLE_ROUND)
    return refuse(why, "its rounding mode is not SINGLE_ROUND");
  if (!isZero(op.getInputZp()) || !isZero(op.getOutputZp()))
    return refuse(why, "it has a zero point; quantize symmetrically");
  if (op.getInputUnsigned() || op.getOutputUnsigned())
    return refuse(why, "it is unsigned; quantize to signed int8");
  RescaleMatch match;
  match.perChannel = op.getPerChannel();
  if (!matchPattern(op.getMultiplier(), m_Constant(&match.multiplier)) ||
      !matchPattern(op.getShift(), m_Constant(&match.shift)) ||
      !adf::getRawBytes(match.multiplier) || !adf::getRawBytes(match.shift))
    return refuse(why, "its multiplier and shift are not constant");
  for (int64_t i = 0, e = match.shift.getNumElements(); i < e; ++i)
    if (element(match.shift, i) < 2 || element(match.shift, i) > 62)
      return refuse(why, "its shift " + Twine(element(match.shift, i)) + " is not in 2..62");
  return match;
}

FailureOr<adf::RescaleAttr> adfc::matchScalarRescale(tosa::RescaleOp op, Reason &why) {
  FailureOr<RescaleMatch> match = matchRescale(op, why);
  if (failed(match))
    return failure();
  if (match->multiplier.getNumElements() != 1)
    return refuse(why, "it has a multiplier for each channel where one for the tensor is needed");
  int64_t multiplier = element(match->multiplier, 0);
  if (multiplier > INT16_MAX)
    return refuse(why, "its multiplier is negative");
  return adf::RescaleAttr::get(op.getContext(), multiplier, element(match->shift, 0));
}

template <typename ConvOp>
FailureOr<ConvMatch<ConvOp>> adfc::matchConv(tosa::RescaleOp op, Reason &why) {
  ConvMatch<ConvOp> match;
  Value accumulator = op.getInput();
  if (auto reshape = accumulator.getDefiningOp<tosa::ReshapeOp>())
    accumulator = reshape.getInput1();
  match.conv = accumulator.getDefiningOp<ConvOp>();
  if (!match.conv)
    return refuse(why, kNoProducer);
  bool wideInput = isElement(match.conv.getInput(), 16), wideOutput = isElement(op.getOutput(), 16);
  if (std::is_same_v<ConvOp, tosa::TransposeConv2DOp> && (wideInput || wideOutput))
    return refuse(why, "a transposed convolution has int8 activations only");
  if (!(wideOutput || isElement(op.getOutput(), 8)) ||
      !(wideInput || isElement(match.conv.getInput(), 8)) ||
      !isElement(accumulator, wideInput ? 48 : 32))
    return refuse(why,
                  "it does not take the sums of an int8 or int16 convolution to int8 or int16");
  bool int4 = isElement(match.conv.getWeight(), 4);
  if (!(int4 || isElement(match.conv.getWeight(), 8)))
    return refuse(why, "the convolution's weights are not int8 or int4");
  if (int4 && (wideInput || !std::is_same_v<ConvOp, tosa::Conv2DOp>))
    return refuse(why, "only a conv2d of int8 activations can have int4 weights");
  if (!isZero(match.conv.getInputZp()) || !isZero(match.conv.getWeightZp()))
    return refuse(why, "the convolution has a zero point; quantize symmetrically");
  if (!matchPattern(match.conv.getWeight(), m_Constant(&match.weights)) ||
      !matchPattern(match.conv.getBias(), m_Constant(&match.bias)) ||
      !adf::getRawBytes(match.weights) || !adf::getRawBytes(match.bias))
    return refuse(why, "the convolution's weights or bias are not constant");
  FailureOr<RescaleMatch> rescale = matchRescale(op, why);
  if (failed(rescale))
    return failure();
  match.rescale = *rescale;
  return match;
}

template FailureOr<ConvMatch<tosa::Conv2DOp>> adfc::matchConv(tosa::RescaleOp, Reason &);
template FailureOr<ConvMatch<tosa::DepthwiseConv2DOp>> adfc::matchConv(tosa::RescaleOp, Reason &);
template FailureOr<ConvMatch<tosa::TransposeConv2DOp>> adfc::matchConv(tosa::RescaleOp, Reason &);

template <typename SumOp>
FailureOr<SumMatch<SumOp>> adfc::matchSum(tosa::RescaleOp op, Reason &why) {
  SumMatch<SumOp> match;
  match.sum = op.getInput().getDefiningOp<SumOp>();
  if (!match.sum)
    return refuse(why, kNoProducer);
  auto lhs = match.sum.getInput1().template getDefiningOp<tosa::RescaleOp>();
  auto rhs = match.sum.getInput2().template getDefiningOp<tosa::RescaleOp>();
  if (!lhs || !rhs || !isLevels(lhs.getInput()) || !isLevels(rhs.getInput()) ||
      !isLevels(op.getOutput()))
    return refuse(why, "its operands are not int8 or int16 activations rescaled to int32");
  match.lhs = lhs.getInput();
  match.rhs = rhs.getInput();
  for (auto [rescale, attr] :
       {std::pair{lhs, &match.lhsRescale}, {rhs, &match.rhsRescale}, {op, &match.outRescale}}) {
    FailureOr<adf::RescaleAttr> scalar = matchScalarRescale(rescale, why);
    if (failed(scalar))
      return failure();
    *attr = *scalar;
  }
  return match;
}

template FailureOr<SumMatch<tosa::AddOp>> adfc::matchSum(tosa::RescaleOp, Reason &);
template FailureOr<SumMatch<tosa::SubOp>> adfc::matchSum(tosa::RescaleOp, Reason &);

template <typename TosaOp>
FailureOr<ExtremumMatch<TosaOp>> adfc::matchExtremum(tosa::RescaleOp op, Reason &why) {
  ExtremumMatch<TosaOp> match;
  match.op = op.getInput().getDefiningOp<TosaOp>();
  if (!match.op)
    return refuse(why, kNoProducer);
  auto lhs = match.op.getInput1().template getDefiningOp<tosa::CastOp>();
  auto rhs = match.op.getInput2().template getDefiningOp<tosa::CastOp>();
  if (!lhs || !rhs || !isElement(lhs.getInput(), 8) || !isElement(rhs.getInput(), 8) ||
      !isElement(op.getOutput(), 8))
    return refuse(why, "its operands are not int8 activations cast to int32");
  FailureOr<adf::RescaleAttr> rescale = matchScalarRescale(op, why);
  if (failed(rescale))
    return failure();
  if (rescale->getMultiplier() != int64_t(1) << rescale->getShift())
    return refuse(why, "it rescales by another factor than 1; rescale the result's reader");
  match.lhs = lhs.getInput();
  match.rhs = rhs.getInput();
  return match;
}

template FailureOr<ExtremumMatch<tosa::MaximumOp>> adfc::matchExtremum(tosa::RescaleOp, Reason &);
template FailureOr<ExtremumMatch<tosa::MinimumOp>> adfc::matchExtremum(tosa::RescaleOp, Reason &);

FailureOr<MulMatch> adfc::matchMul(tosa::RescaleOp op, Reason &why) {
  MulMatch match;
  match.mul = op.getInput().getDefiningOp<tosa::MulOp>();
  if (!match.mul)
    return refuse(why, kNoProducer);
  if (!isElement(match.mul.getInput1(), 8) || !isElement(match.mul.getInput2(), 8) ||
      !isElement(op.getOutput(), 8))
    return refuse(why, "its operands are not int8 activations");
  if (!isZero(match.mul.getShift()))
    return refuse(why, "the product is shifted; leave that to the rescale");
  FailureOr<adf::RescaleAttr> rescale = matchScalarRescale(op, why);
  if (failed(rescale))
    return failure();
  match.rescale = *rescale;
  return match;
}

FailureOr<MeanMatch> adfc::matchMean(tosa::RescaleOp op, Reason &why) {
  MeanMatch match;
  match.sum = op.getInput().getDefiningOp<tosa::ReduceSumOp>();
  if (!match.sum)
    return refuse(why, kNoProducer);
  auto inner = match.sum.getInput().getDefiningOp<tosa::ReduceSumOp>();
  bool spatial = inner && std::min(inner.getAxis(), match.sum.getAxis()) == 1 &&
                 std::max(inner.getAxis(), match.sum.getAxis()) == 2;
  auto cast = inner ? inner.getInput().getDefiningOp<tosa::CastOp>() : nullptr;
  if (!spatial || !cast || !isElement(cast.getInput(), 8) || !isElement(op.getOutput(), 8))
    return refuse(why, "its sum is not one over height and width of an int8 activation");
  match.input = cast.getInput();
  FailureOr<adf::RescaleAttr> rescale = matchScalarRescale(op, why);
  if (failed(rescale))
    return failure();
  match.rescale = *rescale;
  return match;
}

FailureOr<ResizeMatch> adfc::matchResize(tosa::RescaleOp op, Reason &why) {
  ResizeMatch match;
  match.resize = op.getInput().getDefiningOp<tosa::ResizeOp>();
  if (!match.resize)
    return refuse(why, kNoProducer);
  if (!isElement(match.resize.getInput(), 8) || !isElement(op.getOutput(), 8))
    return refuse(why, "it does not resize an int8 activation");
  FailureOr<adf::RescaleAttr> rescale = matchScalarRescale(op, why);
  if (failed(rescale))
    return failure();
  match.rescale = *rescale;
  return match;
}

FailureOr<adf::RescaleAttr> adfc::matchLevelRescale(tosa::RescaleOp op, Reason &why) {
  auto type = cast<RankedTensorType>(op.getType());
  if (!isElement(op.getInput(), 8) || !isElement(op.getOutput(), 8) || !type.hasStaticShape() ||
      type.getRank() == 0)
    return refuse(why, "it does not take an int8 activation of static shape to int8");
  return matchScalarRescale(op, why);
}

FailureOr<adf::RescaleAttr> adfc::matchWideRescale(tosa::RescaleOp op, Reason &why) {
  auto type = cast<RankedTensorType>(op.getType());
  if (!isLevels(op.getInput()) || !isLevels(op.getOutput()) || !type.hasStaticShape() ||
      type.getRank() == 0)
    return refuse(why, "it does not take an activation of static shape between int8 and int16");
  return matchScalarRescale(op, why);
}

FailureOr<ElementsAttr> adfc::matchTable(tosa::TableOp op, Reason &why) {
  auto type = cast<RankedTensorType>(op.getType());
  if (!isElement(op.getInput1(), 8) || !isElement(op.getOutput(), 8))
    return refuse(why, "it is no table of int8 values for int8 values");
  if (!type.hasStaticShape() || type.getRank() == 0)
    return refuse(why, "its shape is not static, or it is a scalar");
  ElementsAttr table;
  if (!matchPattern(op.getTable(), m_Constant(&table)) || !adf::getRawBytes(table))
    return refuse(why, "its table is not constant");
  return table;
}

bool adfc::isLeadingSlice(tosa::SliceOp op) {
  DenseIntElementsAttr start;
  return matchPattern(op.getStart(), m_Constant(&start)) &&
         llvm::all_of(start.getValues<APInt>(), [](const APInt &value) { return value.isZero(); });
}
