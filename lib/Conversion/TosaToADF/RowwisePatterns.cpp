//===- RowwisePatterns.cpp - chains of integer operations into adf.rowwise ===//
#include "Conversion/TosaToADF/LayerNames.h"
#include "Conversion/TosaToADF/SequencePatterns.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Endian.h"

using namespace mlir;
using namespace adfc;
using adf::StepKind;

namespace {

/// More than any sensible chain has; a core's memory holds the windows of so many inputs.
constexpr size_t kMaxSteps = 128, kMaxInputs = 4;

unsigned bitsOf(Value value) {
  auto element = dyn_cast<IntegerType>(getElementTypeOrSelf(value.getType()));
  return element ? element.getWidth() : 0;
}

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// Element `index` of integers of 8, 16 or 32 bits; a splat has one for all.
int64_t element(ElementsAttr attr, int64_t index) {
  using llvm::support::endian::read;
  ArrayRef<char> bytes = *adf::getRawBytes(attr);
  int64_t width = attr.getElementType().getIntOrFloatBitWidth() / 8;
  const char *place =
      bytes.data() + (static_cast<int64_t>(bytes.size()) == width ? 0 : index * width);
  if (width == 1)
    return static_cast<int8_t>(*place);
  return width == 2 ? int64_t(read<int16_t, llvm::endianness::little>(place))
                    : read<int32_t, llvm::endianness::little>(place);
}

/// The one integer that a constant holds, however many elements it has.
std::optional<int64_t> uniform(ElementsAttr attr) {
  int64_t first = element(attr, 0);
  for (int64_t i = 1, e = attr.getNumElements(); i < e; ++i)
    if (element(attr, i) != first)
      return std::nullopt;
  return first;
}

/// Walks a chain from its end to the activations it reads.
class ChainReader {
public:
  ChainReader(tosa::RescaleOp root, Reason &why)
      : shape(shapeOf(root.getOutput())), context(root.getContext()), why(why) {}

  FailureOr<RowwiseMatch> read(tosa::RescaleOp root) {
    if (failed(rescale(root)))
      return failure();
    if (match.inputs.empty())
      return refuse("it depends on no int8 activation");
    return std::move(match);
  }

private:
  LogicalResult refuse(const Twine &text) {
    why = text.str();
    return failure();
  }

  int64_t channels() const { return shape.back(); }

  FailureOr<int64_t> add(StepKind kind, ArrayRef<int64_t> operands, ArrayRef<int64_t> numbers) {
    if (match.steps.size() == kMaxSteps)
      return refuse("it ends a chain of more than " + Twine(kMaxSteps) + " operations");
    match.steps.push_back(adf::StepAttr::get(context, kind,
                                             DenseI64ArrayAttr::get(context, operands),
                                             DenseI64ArrayAttr::get(context, numbers)));
    return static_cast<int64_t>(match.steps.size()) - 1;
  }

  int64_t addConstant(ElementsAttr attr) {
    match.constants.push_back(attr);
    return static_cast<int64_t>(match.constants.size()) - 1;
  }

  /// The step that computes `value`.
  FailureOr<int64_t> stepOf(Value value) {
    auto known = steps.find(value);
    if (known != steps.end())
      return known->second;
    FailureOr<int64_t> step = make(value);
    if (succeeded(step))
      steps[value] = *step;
    return step;
  }

  FailureOr<int64_t> make(Value value) {
    ElementsAttr attr;
    if (matchPattern(value, m_Constant(&attr)) && adf::getRawBytes(attr))
      return constant(value, attr);
    if (!isa<RankedTensorType>(value.getType()) || !bitsOf(value))
      return refuse("it ends a chain with values that are no integers");
    bool reduced = shapeOf(value).back() == 1 && channels() != 1;
    if (bitsOf(value) == 8 && !reduced)
      return input(value);
    Operation *op = value.getDefiningOp();
    if (!op)
      return refuse("it ends a chain that begins with an int32 input");
    return operation(op);
  }

  FailureOr<int64_t> constant(Value value, ElementsAttr attr) {
    if (std::optional<int64_t> number = uniform(attr))
      return add(StepKind::Literal, {}, {*number});
    ArrayRef<int64_t> size = shapeOf(value);
    if (size.back() == channels() && attr.getNumElements() == channels())
      return add(StepKind::Channel, {}, {addConstant(attr)});
    if (bitsOf(value) == 8)
      return input(value);
    return refuse("it ends a chain with a constant that is neither one number nor one for each "
                  "channel");
  }

  FailureOr<int64_t> input(Value value) {
    if (shapeOf(value) != shape)
      return refuse("it ends a chain that broadcasts an activation");
    const auto *place = llvm::find(match.inputs, value);
    int64_t index = place - match.inputs.begin();
    if (place == match.inputs.end())
      match.inputs.push_back(value);
    if (match.inputs.size() > kMaxInputs)
      return refuse("it ends a chain of more than " + Twine(kMaxInputs) + " activations");
    return add(StepKind::Input, {}, {index});
  }

  FailureOr<int64_t> operation(Operation *op) {
    return TypeSwitch<Operation *, FailureOr<int64_t>>(op)
        .Case([&](tosa::CastOp cast) -> FailureOr<int64_t> {
          if (!bitsOf(cast.getInput()) || bitsOf(cast.getInput()) > bitsOf(cast.getOutput()))
            return refuse("it ends a chain with a cast that cuts values");
          return stepOf(cast.getInput());
        })
        .Case([&](tosa::RescaleOp rescaled) { return rescale(rescaled); })
        .Case([&](tosa::AddOp) { return binary(op, StepKind::Add); })
        .Case([&](tosa::SubOp) { return binary(op, StepKind::Sub); })
        .Case([&](tosa::MaximumOp) { return binary(op, StepKind::Maximum); })
        .Case([&](tosa::MinimumOp) { return binary(op, StepKind::Minimum); })
        .Case([&](tosa::IntDivOp) { return binary(op, StepKind::Divide); })
        .Case([&](tosa::LogicalLeftShiftOp) { return binary(op, StepKind::ShiftLeft); })
        .Case([&](tosa::LogicalRightShiftOp) { return binary(op, StepKind::ShiftRightLogical); })
        .Case([&](tosa::BitwiseAndOp) { return binary(op, StepKind::And); })
        .Case([&](tosa::BitwiseOrOp) { return binary(op, StepKind::Or); })
        .Case([&](tosa::BitwiseXorOp) { return binary(op, StepKind::Xor); })
        .Case([&](tosa::ArithmeticRightShiftOp shift) {
          return binary(op, StepKind::ShiftRight, {shift.getRound()});
        })
        .Case([&](tosa::MulOp mul) -> FailureOr<int64_t> {
          ElementsAttr shift;
          if (!matchPattern(mul.getShift(), m_Constant(&shift)))
            return refuse("it ends a chain with a product whose shift is not constant");
          return binary(op, StepKind::Mul, {element(shift, 0)});
        })
        .Case([&](tosa::AbsOp) { return unary(op, StepKind::Abs); })
        .Case([&](tosa::ClzOp) { return unary(op, StepKind::Clz); })
        .Case([&](tosa::ClampOp clamp) -> FailureOr<int64_t> {
          auto low = dyn_cast<IntegerAttr>(clamp.getMinVal()),
               high = dyn_cast<IntegerAttr>(clamp.getMaxVal());
          if (!low || !high)
            return refuse("it ends a chain with a clamp to numbers that are no integers");
          return unary(op, StepKind::Clamp, {low.getInt(), high.getInt()});
        })
        .Case([&](tosa::TableOp table) { return lookUp(table); })
        .Case([&](tosa::ReduceSumOp sum) { return reduce(op, sum.getAxis(), StepKind::ReduceSum); })
        .Case([&](tosa::ReduceMaxOp max) { return reduce(op, max.getAxis(), StepKind::ReduceMax); })
        .Case([&](tosa::ReduceMinOp min) { return reduce(op, min.getAxis(), StepKind::ReduceMin); })
        .Default([&](Operation *other) -> FailureOr<int64_t> {
          return refuse("it ends a chain with " + other->getName().getStringRef() +
                        ", which no kernel has on int32 values");
        });
  }

  FailureOr<int64_t> unary(Operation *op, StepKind kind, ArrayRef<int64_t> numbers = {}) {
    FailureOr<int64_t> operand = stepOf(op->getOperand(0));
    if (failed(operand))
      return failure();
    return add(kind, {*operand}, numbers);
  }

  FailureOr<int64_t> binary(Operation *op, StepKind kind, ArrayRef<int64_t> numbers = {}) {
    FailureOr<int64_t> lhs = stepOf(op->getOperand(0));
    if (failed(lhs))
      return failure();
    FailureOr<int64_t> rhs = stepOf(op->getOperand(1));
    if (failed(rhs))
      return failure();
    return add(kind, {*lhs, *rhs}, numbers);
  }

  FailureOr<int64_t> reduce(Operation *op, int64_t axis, StepKind kind) {
    ArrayRef<int64_t> reduced = shapeOf(op->getOperand(0));
    if (axis != static_cast<int64_t>(reduced.size()) - 1)
      return refuse("it ends a chain with a reduction over axis " + Twine(axis) +
                    ", which is not the last one");
    // Nothing is left to reduce.
    if (reduced.back() == 1)
      return stepOf(op->getOperand(0));
    return unary(op, kind);
  }

  FailureOr<int64_t> lookUp(tosa::TableOp op) {
    ElementsAttr table;
    bool wide = bitsOf(op.getInput1()) == 16;
    if (!matchPattern(op.getTable(), m_Constant(&table)) || !adf::getRawBytes(table) ||
        (!wide && bitsOf(op.getInput1()) != 8))
      return refuse("it ends a chain with a table that is not constant");
    // A splat would need all its elements.
    if (table.isSplat())
      return add(StepKind::Literal, {}, {element(table, 0) * (wide ? 128 : 1)});
    FailureOr<int64_t> operand = stepOf(op.getInput1());
    if (failed(operand))
      return failure();
    return add(wide ? StepKind::Table16 : StepKind::Table8, {*operand}, {addConstant(table)});
  }

  FailureOr<int64_t> rescale(tosa::RescaleOp op) {
    ElementsAttr multiplier, shift;
    if (op.getRoundingMode() != tosa::RoundingMode::SINGLE_ROUND)
      return refuse("its rounding mode is not SINGLE_ROUND");
    if (!matchPattern(op.getInputZp(), m_Zero()) || !matchPattern(op.getOutputZp(), m_Zero()) ||
        op.getInputUnsigned() || op.getOutputUnsigned())
      return refuse("it has a zero point or is unsigned; quantize symmetrically");
    if (!matchPattern(op.getMultiplier(), m_Constant(&multiplier)) ||
        !matchPattern(op.getShift(), m_Constant(&shift)) || !adf::getRawBytes(multiplier) ||
        !adf::getRawBytes(shift))
      return refuse("its multiplier and shift are not constant");
    if (bitsOf(op.getInput()) > 32 || bitsOf(op.getOutput()) > 32)
      return refuse("its values have more than 32 bits");
    int64_t bits = bitsOf(op.getOutput());
    FailureOr<int64_t> operand = stepOf(op.getInput());
    if (failed(operand))
      return failure();
    if (multiplier.getNumElements() == 1)
      return add(StepKind::Rescale, {*operand}, {element(multiplier, 0), element(shift, 0), bits});
    if (multiplier.getNumElements() != channels())
      return refuse("it has a multiplier for each channel, but of other channels");
    return add(StepKind::RescaleEach, {*operand},
               {addConstant(multiplier), addConstant(shift), bits});
  }

  ArrayRef<int64_t> shape;
  MLIRContext *context;
  Reason &why;
  RowwiseMatch match;
  llvm::DenseMap<Value, int64_t> steps;
};

struct FuseRowwise : OpRewritePattern<tosa::RescaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::RescaleOp op, PatternRewriter &rewriter) const override {
    Reason why;
    FailureOr<RowwiseMatch> match = matchRowwise(op, why);
    if (failed(match))
      return rewriter.notifyMatchFailure(op, why);
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<int64_t> image = {1, type.getNumElements() / type.getShape().back(), 1,
                                  type.getShape().back()};
    if (type.getRank() == 4 && type.getDimSize(0) == 1)
      image.assign(type.getShape().begin(), type.getShape().end());
    auto reshape = [&](Value value, ArrayRef<int64_t> shape) -> Value {
      if (shapeOf(value) == shape)
        return value;
      return adf::ReshapeOp::create(rewriter, loc, type.clone(shape), value);
    };
    SmallVector<Value> inputs;
    for (Value input : match->inputs) {
      ElementsAttr attr;
      if (matchPattern(input, m_Constant(&attr)))
        input = adf::ConstantOp::create(rewriter, loc, attr.getShapedType(), attr);
      inputs.push_back(reshape(input, image));
    }
    Value output =
        adf::RowwiseOp::create(rewriter, loc, type.clone(image), layerName(op), inputs,
                               rewriter.getArrayAttr(match->steps),
                               rewriter.getArrayAttr(match->constants), adf::ScheduleAttr());
    rewriter.replaceOp(op, reshape(output, type.getShape()));
    return success();
  }
};

} // namespace

FailureOr<RowwiseMatch> adfc::matchRowwise(tosa::RescaleOp op, Reason &why) {
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (!type || !type.hasStaticShape() || type.getRank() == 0 || bitsOf(op.getOutput()) != 8) {
    why = "it does not end in int8 of static shape";
    return failure();
  }
  return ChainReader(op, why).read(op);
}

void adfc::populateRowwisePatterns(RewritePatternSet &patterns) {
  patterns.add<FuseRowwise>(patterns.getContext());
}
