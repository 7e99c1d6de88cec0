//===- RowProgram.cpp - the integer operations of a rowwise kernel --------===//
#include "Kernels/RowProgram.h"
#include "Kernels/Rescale.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace adfc::kernels {

using adf::StepKind;

//===- reading ------------------------------------------------------------===//

namespace {
/// Takes numbers off a list; zeros past its end.
struct NumberReader {
  ArrayRef<int64_t> left;
  bool good = true;

  int64_t next() {
    good = good && !left.empty();
    if (!good)
      return 0;
    int64_t number = left.front();
    left = left.drop_front();
    return number;
  }
  SmallVector<int64_t> counted() {
    int64_t count = next();
    good = good && count >= 0 && count <= static_cast<int64_t>(left.size());
    SmallVector<int64_t> numbers(good ? left.take_front(count) : ArrayRef<int64_t>());
    left = left.drop_front(numbers.size());
    return numbers;
  }
};

/// How many numbers of a step name constants.
unsigned constantsOf(StepKind kind) {
  switch (kind) {
  case StepKind::RescaleEach:
    return 2;
  case StepKind::Channel:
  case StepKind::Table8:
  case StepKind::Table16:
    return 1;
  default:
    return 0;
  }
}
} // namespace

/// Whether a step's numbers are within their ranges.
static bool checkStep(const RowProgram &program, const RowStep &step, int64_t index) {
  auto within = [](int64_t number, int64_t count) { return number >= 0 && number < count; };
  for (int64_t operand : step.operands)
    if (!within(operand, index))
      return false;
  auto kind = static_cast<uint32_t>(step.kind);
  size_t operands = kind < 10 ? 0 : kind < 30 ? 2 : 1;
  size_t numbers = llvm::StringSwitch<size_t>(stringifyStepKind(step.kind))
                       .Cases({"input", "literal", "channel", "mul", "arithmetic_right_shift",
                               "table8", "table16"},
                              1)
                       .Case("clamp", 2)
                       .Cases({"rescale", "rescale_each"}, 3)
                       .Default(0);
  if (step.operands.size() != operands || step.numbers.size() != numbers)
    return false;
  for (unsigned i = 0; i < constantsOf(step.kind); ++i)
    if (!within(step.numbers[i], program.constants.size()))
      return false;
  if (step.kind == StepKind::Input)
    return within(step.numbers[0], program.inputs);
  if (step.kind == StepKind::Mul)
    return within(step.numbers[0], 63);
  if (step.kind == StepKind::Rescale && !within(step.numbers[1] - 2, 61))
    return false;
  if (step.kind == StepKind::Rescale || step.kind == StepKind::RescaleEach)
    return llvm::is_contained({8, 16, 32}, step.numbers[2]);
  return true;
}

RowProgram RowProgram::read(ConfigReader &config) {
  RowProgram program;
  program.inputs = config.integer("inputs", 1, 8);
  program.constants = config.list("constants", 1, 1 << 16);
  auto flat = config.list("steps", std::numeric_limits<int32_t>::min(),
                          std::numeric_limits<int32_t>::max());
  NumberReader reader{flat};
  bool good = !flat.empty();
  while (good && !reader.left.empty()) {
    std::optional<StepKind> kind = adf::symbolizeStepKind(static_cast<uint32_t>(reader.next()));
    RowStep step{kind.value_or(StepKind::Input), reader.counted(), reader.counted(), false};
    good = kind && reader.good && checkStep(program, step, program.steps.size());
    step.narrow = step.isReduction() || step.kind == StepKind::Literal ||
                  (!step.operands.empty() && step.kind != StepKind::RescaleEach);
    if (good && !step.isReduction())
      for (int64_t operand : step.operands)
        step.narrow = step.narrow && program.steps[operand].narrow;
    program.steps.push_back(step);
  }
  config.require(good, "'steps' is no list of steps: kind, operands, numbers");
  return program;
}

bool RowProgram::reduces() const {
  return llvm::any_of(steps, [](const RowStep &step) { return step.isReduction(); });
}
bool RowProgram::readsChannels() const {
  return llvm::any_of(steps, [](const RowStep &step) {
    return step.kind == StepKind::Channel || step.kind == StepKind::RescaleEach;
  });
}
int64_t RowProgram::offsetOf(int64_t constant) const {
  int64_t offset = 0;
  for (int64_t elements : ArrayRef(constants).take_front(constant))
    offset += elements;
  return offset;
}

//===- building -----------------------------------------------------------===//

static VectorType typeOf(Value vector) { return cast<VectorType>(vector.getType()); }

void StepEmitter::enterPixel(Value place) {
  pixel = place;
  narrow.clear();
}

Value StepEmitter::evaluate(int64_t step, Value channel, int64_t lanes) {
  wide.clear();
  return value(step, channel, lanes);
}

Value StepEmitter::value(int64_t index, Value channel, int64_t lanes) {
  if (!program.steps[index].narrow) {
    Value known = wide.lookup(index);
    return known ? known : wide[index] = compute(index, channel, lanes);
  }
  Value one = narrow.lookup(index);
  if (lanes == 1)
    return one;
  Value scalar = vector::ExtractOp::create(b, one, ArrayRef<int64_t>{0});
  return vector::BroadcastOp::create(b, b.vectorType(lanes, b.getI32Type()), scalar);
}

Value StepEmitter::compute(int64_t index, Value channel, int64_t lanes) {
  const RowStep &step = program.steps[index];
  VectorType type = b.vectorType(lanes, b.getI32Type());
  switch (step.kind) {
  case StepKind::Input:
    return emitExtend(b, b.load(lanes, inputs[step.numbers[0]], b.add(pixel, channel)),
                      b.getI32Type());
  case StepKind::Literal:
    return b.splat(type, step.numbers[0]);
  case StepKind::Channel:
    return channelVector(step.numbers[0], channel, lanes);
  default:
    break;
  }
  Value first = value(step.operands[0], channel, lanes);
  if (step.operands.size() == 2)
    return binary(step, first, value(step.operands[1], channel, lanes));
  return unary(step, first, channel);
}

Value StepEmitter::binary(const RowStep &step, Value lhs, Value rhs) {
  VectorType type = typeOf(lhs);
  // What TOSA leaves undefined must not be undefined here: tiles beyond the tensor compute, too.
  auto amount = [&] { return Value(arith::AndIOp::create(b, rhs, b.splat(type, 31))); };
  switch (step.kind) {
  case StepKind::Add:
    return arith::AddIOp::create(b, lhs, rhs);
  case StepKind::Sub:
    return arith::SubIOp::create(b, lhs, rhs);
  case StepKind::Mul: {
    if (step.numbers[0] == 0)
      return arith::MulIOp::create(b, lhs, rhs);
    Type i64 = b.getI64Type();
    Value product = arith::MulIOp::create(b, emitExtend(b, lhs, i64), emitExtend(b, rhs, i64));
    Value half = b.splat(typeOf(product), int64_t(1) << (step.numbers[0] - 1));
    Value rounded = arith::AddIOp::create(b, product, half);
    Value shifted = arith::ShRSIOp::create(b, rounded, b.splat(typeOf(product), step.numbers[0]));
    return arith::TruncIOp::create(b, type, shifted);
  }
  case StepKind::Maximum:
    return arith::MaxSIOp::create(b, lhs, rhs);
  case StepKind::Minimum:
    return arith::MinSIOp::create(b, lhs, rhs);
  case StepKind::Divide:
    return divide(lhs, rhs);
  case StepKind::ShiftRight:
    return shiftRight(lhs, amount(), step.numbers[0] != 0);
  case StepKind::ShiftLeft:
    return arith::ShLIOp::create(b, lhs, amount());
  case StepKind::ShiftRightLogical:
    return arith::ShRUIOp::create(b, lhs, amount());
  case StepKind::And:
    return arith::AndIOp::create(b, lhs, rhs);
  case StepKind::Or:
    return arith::OrIOp::create(b, lhs, rhs);
  case StepKind::Xor:
    return arith::XOrIOp::create(b, lhs, rhs);
  default:
    llvm_unreachable("the step was checked");
  }
}

/// The quotient towards zero; of a zero divisor, the dividend.
Value StepEmitter::divide(Value lhs, Value rhs) {
  VectorType type = typeOf(lhs);
  auto equals = [&](int64_t number) {
    return Value(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, rhs, b.splat(type, number)));
  };
  // Processors trap on a zero divisor, and on the one quotient that leaves int32.
  Value minus = equals(-1), unsafe = arith::OrIOp::create(b, equals(0), minus);
  Value divisor = arith::SelectOp::create(b, unsafe, b.splat(type, 1), rhs);
  Value quotient = arith::DivSIOp::create(b, lhs, divisor);
  Value negated = arith::SubIOp::create(b, b.splat(type, 0), lhs);
  return arith::SelectOp::create(b, minus, negated, quotient);
}

Value StepEmitter::shiftRight(Value lhs, Value rhs, bool round) {
  Value shifted = arith::ShRSIOp::create(b, lhs, rhs);
  if (!round)
    return shifted;
  // The highest bit that is lost; none where nothing is shifted.
  VectorType type = typeOf(lhs);
  Value doubled = arith::ShLIOp::create(b, shifted, rhs);
  Value lost = arith::SubIOp::create(b, lhs, doubled);
  Value less = arith::SubIOp::create(b, rhs, b.splat(type, 1));
  Value safe = arith::MaxSIOp::create(b, less, b.splat(type, 0));
  Value bit = arith::ShRUIOp::create(b, lost, safe);
  Value none = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, rhs, b.splat(type, 0));
  return arith::AddIOp::create(b, shifted,
                               Value(arith::SelectOp::create(b, none, b.splat(type, 0), bit)));
}

Value StepEmitter::unary(const RowStep &step, Value operand, Value channel) {
  VectorType type = typeOf(operand);
  Value negated = arith::SubIOp::create(b, b.splat(type, 0), operand);
  switch (step.kind) {
  case StepKind::Abs:
    return arith::MaxSIOp::create(b, operand, negated);
  case StepKind::Negate:
    return negated;
  case StepKind::Clz:
    return LLVM::CountLeadingZerosOp::create(b, type, operand, /*is_zero_poison=*/false);
  case StepKind::Clamp:
    operand = arith::MaxSIOp::create(b, operand, b.splat(type, step.numbers[0]));
    return arith::MinSIOp::create(b, operand, b.splat(type, step.numbers[1]));
  case StepKind::Rescale:
  case StepKind::RescaleEach:
    return rescale(step, operand, channel);
  case StepKind::Table8:
    return table8(operand, step.numbers[0]);
  case StepKind::Table16:
    return table16(operand, step.numbers[0]);
  default:
    llvm_unreachable("the step was checked");
  }
}

Value StepEmitter::saturate(Value wideValue, int64_t bits) {
  VectorType type = typeOf(wideValue);
  int64_t limit = int64_t(1) << (bits - 1);
  wideValue = arith::MaxSIOp::create(b, wideValue, b.splat(type, -limit));
  wideValue = arith::MinSIOp::create(b, wideValue, b.splat(type, limit - 1));
  return arith::TruncIOp::create(b, VectorType::get(type.getShape(), b.getI32Type()), wideValue);
}

Value StepEmitter::rescale(const RowStep &step, Value operand, Value channel) {
  int64_t lanes = typeOf(operand).getNumElements();
  if (step.kind == StepKind::RescaleEach) {
    Value multiplier = channelVector(step.numbers[0], channel, lanes);
    Value shift = channelVector(step.numbers[1], channel, lanes);
    return saturate(emitRescale(b, operand, multiplier, shift), step.numbers[2]);
  }
  Type i64 = b.getI64Type();
  VectorType type = VectorType::get(typeOf(operand).getShape(), i64);
  Value product =
      arith::MulIOp::create(b, emitExtend(b, operand, i64), b.splat(type, step.numbers[0]));
  Value rounded =
      arith::AddIOp::create(b, product, b.splat(type, int64_t(1) << (step.numbers[1] - 1)));
  Value shifted = arith::ShRSIOp::create(b, rounded, b.splat(type, step.numbers[1]));
  return saturate(shifted, step.numbers[2]);
}

/// TOSA TABLE of int8: element x + 128.
Value StepEmitter::table8(Value index, int64_t constant) {
  VectorType type = typeOf(index);
  Value place = arith::AddIOp::create(b, index, b.splat(type, 128));
  return lookUp(arith::AndIOp::create(b, place, b.splat(type, 255)), constant);
}

/// TOSA TABLE of int16: between elements (x + 32768) / 128 and the next, in steps of 1/128.
Value StepEmitter::table16(Value index, int64_t constant) {
  VectorType type = typeOf(index);
  Value place = arith::AddIOp::create(b, index, b.splat(type, 32768));
  Value fraction = arith::AndIOp::create(b, place, b.splat(type, 127));
  Value entry = arith::ShRUIOp::create(b, place, b.splat(type, 7));
  entry = arith::AndIOp::create(b, entry, b.splat(type, 511));
  Value low = lookUp(entry, constant);
  Value high = lookUp(arith::AddIOp::create(b, entry, b.splat(type, 1)), constant);
  Value step = arith::MulIOp::create(b, Value(arith::SubIOp::create(b, high, low)), fraction);
  Value start = arith::ShLIOp::create(b, low, b.splat(type, 7));
  return arith::AddIOp::create(b, start, step);
}

Value StepEmitter::lookUp(Value index, int64_t constant) {
  VectorType type = typeOf(index);
  Value all = arith::ConstantOp::create(
      b, DenseElementsAttr::get(VectorType::get(type.getShape(), b.getI1Type()), true));
  return vector::GatherOp::create(b, type, constants,
                                  ValueRange(b.index(program.offsetOf(constant))), index, all,
                                  b.splat(type, 0));
}

Value StepEmitter::channelVector(int64_t constant, Value channel, int64_t lanes) {
  return b.load(lanes, constants, b.add(channel, program.offsetOf(constant)));
}

} // namespace adfc::kernels
