//===- SequenceOps.cpp - matmul, gather, rowwise: verifiers and KernelOpInterface -===//
#include "KernelConfig.h"
#include "llvm/Support/Endian.h"

using namespace mlir;
using namespace adfc::adf;

/// Element `index` of a dense attribute of integers of 8, 16 or 32 bits; a splat has one for all.
static int32_t element(ElementsAttr attr, int64_t index) {
  using llvm::support::endian::read;
  ArrayRef<char> bytes = *getRawBytes(attr);
  int64_t width = attr.getElementType().getIntOrFloatBitWidth() / 8;
  const char *place =
      bytes.data() + (static_cast<int64_t>(bytes.size()) == width ? 0 : index * width);
  if (width == 1)
    return static_cast<int8_t>(*place);
  return width == 2 ? read<int16_t, llvm::endianness::little>(place)
                    : read<int32_t, llvm::endianness::little>(place);
}

//===- matmul -------------------------------------------------------------===//

LogicalResult MatmulOp::verify() {
  for (Type type : {getLhs().getType(), getRhs().getType(), getOutput().getType()})
    if (failed(verifyActivation(*this, type)))
      return failure();
  ArrayRef<int64_t> clamp = getClamp();
  if (clamp.size() != 2 || clamp[0] < -128 || clamp[1] > 127 || clamp[0] > clamp[1])
    return emitOpError("'clamp' must be [low, high] with -128 <= low <= high <= 127");
  Extent lhs = getExtent(getLhs().getType()), rhs = getExtent(getRhs().getType()),
         out = getOutputExtent();
  Extent wanted = getTransposed() ? Extent{out.channels, out.cols, lhs.channels}
                                  : Extent{lhs.channels, out.cols, out.channels};
  if (lhs.rows != out.rows || lhs.cols != out.cols)
    return emitOpError("result must have the rows and columns of 'lhs'");
  if (rhs.rows != wanted.rows || rhs.cols != wanted.cols || rhs.channels != wanted.channels)
    return emitOpError("'rhs' must be 1x") << wanted.rows << "x" << wanted.cols << "x"
                                           << wanted.channels << ", not " << getRhs().getType();
  return success();
}

StringRef MatmulOp::getKind() { return "matmul"; }
bool MatmulOp::isChannelwise() { return false; }
AxisMap MatmulOp::getRowMap() { return identityMap(getOutputExtent().rows); }
AxisMap MatmulOp::getColumnMap() { return identityMap(getOutputExtent().cols); }
int64_t MatmulOp::getMacs() {
  Extent out = getOutputExtent();
  return out.rows * out.cols * out.channels * getInputExtent().channels;
}
std::optional<unsigned> MatmulOp::getStreamedOperand() { return 1; }
bool MatmulOp::hasColumnWeights() { return true; }
bool MatmulOp::takesAllChannels() { return true; }
/// One column of `rhs`, as it lies in DDR.
int64_t MatmulOp::getWeightsBlockBytes(KernelTile) {
  Extent rhs = getExtent(getRhs().getType());
  return rhs.rows * paddedChannels(rhs.channels);
}
DictionaryAttr MatmulOp::getKernelConfig(KernelTile tile) {
  return ConfigBuilder(getContext())
      .numbers("in", {tile.rows, getInputExtent().channels})
      .numbers("out", {getOutputExtent().channels, tile.outChannels})
      .flag("transposed", getTransposed())
      .rescale("rescale", getRescale())
      .numbers("clamp", getClamp())
      .get();
}

//===- gather -------------------------------------------------------------===//

LogicalResult GatherOp::verify() {
  for (Type type : {getIndices().getType(), getOutput().getType()})
    if (failed(verifyActivation(*this, type)))
      return failure();
  Extent in = getInputExtent(), out = getOutputExtent();
  if (in.channels != 4 || in.rows != out.rows || in.cols != out.cols)
    return emitOpError("'indices' must have the result's rows and columns, and 4 channels: the "
                       "bytes of an int32");
  ShapedType table = getTable().getShapedType();
  if (table.getRank() != 2 || table.getDimSize(1) != out.channels ||
      !table.getElementType().isInteger(8) || !getRawBytes(getTable()))
    return emitOpError("'table' must be tensor<Nx") << out.channels << "xi8>, not " << table;
  return success();
}

StringRef GatherOp::getKind() { return "gather"; }
bool GatherOp::isChannelwise() { return false; }
AxisMap GatherOp::getRowMap() { return identityMap(getOutputExtent().rows); }
AxisMap GatherOp::getColumnMap() { return identityMap(getOutputExtent().cols); }
int64_t GatherOp::getWeightBytes() { return getTable().getNumElements(); }
int64_t GatherOp::getWeightsBlockBytes(KernelTile tile) {
  return getTable().getShapedType().getDimSize(0) * tile.outChannels;
}
void GatherOp::packWeightsBlock(KernelTile tile, int64_t oc0, int64_t,
                                MutableArrayRef<char> block) {
  ArrayRef<int64_t> shape = getTable().getShapedType().getShape();
  int64_t channels = std::min(tile.outChannels, shape[1] - oc0);
  for (int64_t row = 0; row < shape[0]; ++row)
    for (int64_t oc = 0; oc < channels; ++oc)
      block[row * tile.outChannels + oc] =
          static_cast<char>(element(getTable(), row * shape[1] + oc0 + oc));
}
DictionaryAttr GatherOp::getKernelConfig(KernelTile tile) {
  return ConfigBuilder(getContext())
      .number("count", tile.rows * tile.cols)
      .numbers("table", {getTable().getShapedType().getDimSize(0), tile.outChannels})
      .get();
}

//===- rowwise ------------------------------------------------------------===//

namespace {

/// How many operands and numbers a step has.
struct StepForm {
  size_t operands, numbers;
};

StepForm formOf(StepKind kind) {
  switch (kind) {
  case StepKind::Input:
  case StepKind::Literal:
  case StepKind::Channel:
    return {0, 1};
  case StepKind::Mul:
  case StepKind::ShiftRight:
    return {2, 1};
  case StepKind::Add:
  case StepKind::Sub:
  case StepKind::Maximum:
  case StepKind::Minimum:
  case StepKind::Divide:
  case StepKind::ShiftLeft:
  case StepKind::ShiftRightLogical:
  case StepKind::And:
  case StepKind::Or:
  case StepKind::Xor:
    return {2, 0};
  case StepKind::Clamp:
    return {1, 2};
  case StepKind::Rescale:
  case StepKind::RescaleEach:
    return {1, 3};
  case StepKind::Table8:
  case StepKind::Table16:
    return {1, 1};
  case StepKind::Abs:
  case StepKind::Negate:
  case StepKind::Clz:
  case StepKind::ReduceSum:
  case StepKind::ReduceMax:
  case StepKind::ReduceMin:
    return {1, 0};
  }
  llvm_unreachable("all kinds are listed");
}

bool isReduction(StepAttr step) { return static_cast<uint32_t>(step.getKind()) >= 100; }

LogicalResult verifyStep(RowwiseOp op, StepAttr step, int64_t index) {
  StepForm form = formOf(step.getKind());
  if (step.getOperands().size() != static_cast<int64_t>(form.operands) ||
      step.getNumbers().size() != static_cast<int64_t>(form.numbers))
    return op.emitOpError("step ") << index << " must have " << form.operands << " operands and "
                                   << form.numbers << " numbers";
  for (int64_t operand : step.getOperands().asArrayRef())
    if (operand < 0 || operand >= index)
      return op.emitOpError("step ")
             << index << " reads step " << operand << ", which is no earlier one";
  auto inRange = [&](int64_t number, size_t count, StringRef what) -> LogicalResult {
    if (number >= 0 && number < static_cast<int64_t>(count))
      return success();
    return op.emitOpError("step ")
           << index << " names " << what << " " << number << " of " << count;
  };
  ArrayRef<int64_t> numbers = step.getNumbers().asArrayRef();
  switch (step.getKind()) {
  case StepKind::Input:
    return inRange(numbers[0], op.getInputs().size(), "input");
  case StepKind::RescaleEach:
    if (failed(inRange(numbers[1], op.getConstants().size(), "constant")))
      return failure();
    [[fallthrough]];
  case StepKind::Channel:
  case StepKind::Table8:
  case StepKind::Table16:
    return inRange(numbers[0], op.getConstants().size(), "constant");
  default:
    return success();
  }
}

/// Elements of the table that a step looks up; 0: it has none.
int64_t tableSize(StepKind kind) {
  if (kind == StepKind::Table8)
    return 256;
  return kind == StepKind::Table16 ? 513 : 0;
}

} // namespace

bool RowwiseOp::reduces() { return llvm::any_of(getSteps().getAsRange<StepAttr>(), isReduction); }

bool RowwiseOp::isChannelVector(unsigned index) {
  return llvm::none_of(getSteps().getAsRange<StepAttr>(), [&](StepAttr step) {
    return tableSize(step.getKind()) && step.getNumbers()[0] == index;
  });
}

LogicalResult RowwiseOp::verify() {
  if (getInputs().empty() || getSteps().empty())
    return emitOpError("needs an input and a step");
  for (Type type : getInputs().getTypes())
    if (type != getOutput().getType())
      return emitOpError("inputs and result must have one shape");
  if (failed(verifyActivation(*this, getOutput().getType())))
    return failure();
  for (auto [index, step] : llvm::enumerate(getSteps().getAsRange<StepAttr>()))
    if (failed(verifyStep(*this, step, index)))
      return failure();
  for (auto [index, constant] : llvm::enumerate(getConstants().getAsRange<ElementsAttr>())) {
    if (!getRawBytes(constant) || !constant.getElementType().isSignlessInteger() ||
        constant.getElementType().getIntOrFloatBitWidth() > 32)
      return emitOpError("constant ") << index << " must hold integers of 8, 16 or 32 bits";
    int64_t wanted = getOutputExtent().channels;
    for (StepAttr step : getSteps().getAsRange<StepAttr>())
      if (int64_t size = tableSize(step.getKind()))
        if (step.getNumbers()[0] == static_cast<int64_t>(index))
          wanted = size;
    if (constant.getNumElements() != wanted)
      return emitOpError("constant ")
             << index << " must have " << wanted << " elements, not " << constant.getNumElements();
  }
  return success();
}

StringRef RowwiseOp::getKind() { return "rowwise"; }
unsigned RowwiseOp::getNumActivations() { return getInputs().size(); }
AxisMap RowwiseOp::getRowMap() { return identityMap(getOutputExtent().rows); }
AxisMap RowwiseOp::getColumnMap() { return identityMap(getOutputExtent().cols); }
bool RowwiseOp::takesAllChannels() { return reduces(); }
int64_t RowwiseOp::getPasses() { return getSteps().size(); }

int64_t RowwiseOp::getWeightBytes() {
  return getWeightsBlockBytes({1, 1, getOutputExtent().channels, getOutputExtent().channels});
}
int64_t RowwiseOp::getWeightsBlockBytes(KernelTile tile) {
  int64_t words = 0;
  for (auto [index, constant] : llvm::enumerate(getConstants().getAsRange<ElementsAttr>()))
    words += isChannelVector(index) ? tile.outChannels : constant.getNumElements();
  return 4 * words;
}

void RowwiseOp::packWeightsBlock(KernelTile tile, int64_t oc0, int64_t,
                                 MutableArrayRef<char> block) {
  char *place = block.data();
  for (auto [index, constant] : llvm::enumerate(getConstants().getAsRange<ElementsAttr>())) {
    bool vector = isChannelVector(index);
    int64_t first = vector ? oc0 : 0, room = vector ? tile.outChannels : constant.getNumElements();
    int64_t count = std::min(room, constant.getNumElements() - first);
    for (int64_t i = 0; i < count; ++i)
      llvm::support::endian::write32le(place + 4 * i, element(constant, first + i));
    place += 4 * room;
  }
}

DictionaryAttr RowwiseOp::getKernelConfig(KernelTile tile) {
  SmallVector<int64_t> steps, constants;
  for (StepAttr step : getSteps().getAsRange<StepAttr>()) {
    steps.push_back(static_cast<int64_t>(step.getKind()));
    for (ArrayRef<int64_t> part :
         {step.getOperands().asArrayRef(), step.getNumbers().asArrayRef()}) {
      steps.push_back(part.size());
      steps.append(part.begin(), part.end());
    }
  }
  for (auto [index, constant] : llvm::enumerate(getConstants().getAsRange<ElementsAttr>()))
    constants.push_back(isChannelVector(index) ? tile.outChannels : constant.getNumElements());
  int64_t valid = reduces() ? getOutputExtent().channels : tile.outChannels;
  return ConfigBuilder(getContext())
      .number("inputs", getInputs().size())
      .numbers("out", {tile.rows * tile.cols, valid, tile.outChannels})
      .numbers("steps", steps)
      .numbers("constants", constants)
      .get();
}
