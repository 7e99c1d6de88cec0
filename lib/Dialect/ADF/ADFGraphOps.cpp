//===- ADFGraphOps.cpp - graph level: parsing, verifiers, folders ---------===//
#include "KernelConfig.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace adfc::adf;

//===- graph, output
//------------------------------------------------------------------------------===//

void GraphOp::build(OpBuilder &builder, OperationState &state, StringRef name, FunctionType type) {
  state.addAttribute(getSymNameAttrName(state.name), builder.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  state.addRegion();
}

ParseResult GraphOp::parse(OpAsmParser &parser, OperationState &result) {
  auto build = [](Builder &builder, ArrayRef<Type> inputs, ArrayRef<Type> results,
                  function_interface_impl::VariadicFlag,
                  std::string &) { return builder.getFunctionType(inputs, results); };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false, getFunctionTypeAttrName(result.name), build,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void GraphOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(printer, *this, /*isVariadic=*/false,
                                           getFunctionTypeAttrName(), getArgAttrsAttrName(),
                                           getResAttrsAttrName());
}

LogicalResult GraphOp::verifyRegions() {
  llvm::StringSet<> layers;
  for (auto kernel : getBody().getOps<KernelOpInterface>())
    if (!layers.insert(kernel.getLayer()).second)
      return kernel.emitOpError("has the layer name \"")
             << kernel.getLayer()
             << "\" of an earlier operation: layer names are unique in a graph";
  return success();
}

LogicalResult OutputOp::verify() {
  auto graph = cast<GraphOp>((*this)->getParentOp());
  if (getOperandTypes() != TypeRange(graph.getResultTypes()))
    return emitOpError("gives ") << getOperandTypes() << ", but the graph's type promises "
                                 << graph.getResultTypes();
  return success();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

//===- kernel operations
//--------------------------------------------------------------------------===//

LogicalResult adfc::adf::verifyNumbers(Operation *op, StringRef name, ArrayRef<int64_t> values,
                                       size_t count, int64_t least) {
  if (values.size() != count)
    return op->emitOpError() << "'" << name << "' needs " << count << " numbers, not "
                             << values.size();
  for (int64_t value : values)
    if (value < least)
      return op->emitOpError() << "'" << name << "' has " << value << ": the least is " << least;
  return success();
}

LogicalResult adfc::adf::verifyClamp(Operation *op, ArrayRef<int64_t> clamp, int64_t elementBytes) {
  int64_t least = elementBytes == 1 ? INT8_MIN : INT16_MIN, most = -least - 1;
  if (clamp.size() != 2 || clamp[0] < least || clamp[1] > most || clamp[0] > clamp[1])
    return op->emitOpError("'clamp' must be [low, high] with ")
           << least << " <= low <= high <= " << most;
  return success();
}

LogicalResult adfc::adf::verifyElements(Operation *op, ElementBytes bytes) {
  auto check = [&](Type type, int64_t each, StringRef what) -> LogicalResult {
    if (getExtent(type).channels % each == 0)
      return success();
    return op->emitOpError() << what << " " << type
                             << " is wide: it must have two int8 channels for each int16 element";
  };
  if (failed(check(op->getOperand(0).getType(), bytes.input, "input")))
    return failure();
  return check(op->getResult(0).getType(), bytes.output, "result");
}

LogicalResult adfc::adf::verifyActivation(Operation *op, Type type) {
  auto tensor = cast<RankedTensorType>(type);
  if (!tensor.hasStaticShape() || tensor.getDimSize(0) != 1)
    return op->emitOpError() << "activation " << type << " must have a static shape with batch 1";
  return success();
}

/// The output positions must read only input that is there.
static LogicalResult verifyAxis(Operation *op, StringRef axis, const AxisMap &map, int64_t padAfter,
                                int64_t outputs) {
  int64_t needed = map.extent(outputs), given = map.padBefore + map.size + padAfter;
  if (needed > given)
    return op->emitOpError() << outputs << " output " << axis << " read " << needed << " input "
                             << axis << ", but with padding there are " << given;
  return success();
}

/// What every convolution has but its weights: activations, stride, padding, dilation and clamp.
template <typename ConvOp> static LogicalResult verifyWindow(ConvOp op) {
  if (failed(verifyActivation(op, op.getInput().getType())) ||
      failed(verifyActivation(op, op.getOutput().getType())) ||
      failed(verifyNumbers(op, "stride", op.getStride(), 2, 1)) ||
      failed(verifyNumbers(op, "pad", op.getPad(), 4, 0)) ||
      failed(verifyNumbers(op, "dilation", op.getDilation(), 2, 1)))
    return failure();
  ElementBytes bytes = op.getElementBytes();
  if (failed(verifyElements(op, bytes)))
    return failure();
  return verifyClamp(op, op.getClamp(), bytes.output);
}

/// Parameters of each output channel, and reach of the kernel.
template <typename ConvOp> static LogicalResult verifyConvolution(ConvOp op) {
  Extent out = op.getOutputExtent();
  ElementBytes bytes = op.getElementBytes();
  int64_t channels = out.channels / bytes.output;
  auto perChannel = [&](StringRef name, ShapedType type, unsigned bits) -> LogicalResult {
    if (type.getRank() == 1 && type.getDimSize(0) == channels &&
        type.getElementType().isInteger(bits))
      return success();
    return op.emitOpError() << "'" << name << "' must be tensor<" << channels << "xi" << bits
                            << ">: one for each output channel, not " << type;
  };
  if (failed(
          perChannel("bias", cast<ShapedType>(op.getBias().getType()), bytes.wide() ? 64 : 32)) ||
      failed(perChannel("multiplier", op.getMultiplier().getShapedType(), 16)) ||
      failed(perChannel("shift", op.getShift().getShapedType(), 8)) ||
      failed(verifyAxis(op, "rows", op.getRowMap(), op.getPad()[1], out.rows)))
    return failure();
  return verifyAxis(op, "columns", op.getColumnMap(), op.getPad()[3], out.cols);
}

LogicalResult Conv2DOp::verify() {
  if (failed(verifyWindow(*this)))
    return failure();
  auto weights = cast<RankedTensorType>(getWeights().getType());
  if (!weights.hasStaticShape())
    return emitOpError("weights ") << weights << " must have a static shape";
  int64_t ins = getInputExtent().channels / getElementBytes().input,
          outs = getOutputExtent().channels / getElementBytes().output;
  if (weights.getDimSize(3) != ins || weights.getDimSize(0) != outs)
    return emitOpError("weights ") << weights << " must be OHWI with O = " << outs
                                   << " output channels and I = " << ins << " input channels";
  if (getPacked() && getElementBytes().wide())
    return emitOpError("has 'packed' weights, which only int8 activations may have");
  return verifyConvolution(*this);
}

LogicalResult DepthwiseConv2DOp::verify() {
  if (failed(verifyWindow(*this)))
    return failure();
  auto weights = cast<RankedTensorType>(getWeights().getType());
  if (getInputExtent().channels != getOutputExtent().channels)
    return emitOpError("input and output must have the same number of channels");
  int64_t channels = getOutputExtent().channels / getElementBytes().output;
  if (!weights.hasStaticShape() || weights.getDimSize(2) != channels || weights.getDimSize(3) != 1)
    return emitOpError("weights ")
           << weights << " must be [kernel height, kernel width, " << channels << ", 1]";
  return verifyConvolution(*this);
}

LogicalResult AddOp::verify() { return verifyBinary(*this); }
LogicalResult SubOp::verify() { return verifyBinary(*this); }
LogicalResult MulOp::verify() { return verifyBinary(*this); }

LogicalResult RescaleOp::verify() {
  ElementBytes bytes = getElementBytes();
  if (failed(verifyActivation(*this, getInput().getType())) ||
      failed(verifyActivation(*this, getOutput().getType())) ||
      failed(verifyElements(*this, bytes)) || failed(verifyClamp(*this, getClamp(), bytes.output)))
    return failure();
  Extent in = getInputExtent(), out = getOutputExtent();
  if (in.rows != out.rows || in.cols != out.cols ||
      in.channels / bytes.input != out.channels / bytes.output)
    return emitOpError("input and result must have as many elements along each axis");
  return success();
}

LogicalResult ArgmaxOp::verify() {
  if (failed(verifyActivation(*this, getInput().getType())) ||
      failed(verifyActivation(*this, getOutput().getType())))
    return failure();
  Extent in = getInputExtent(), out = getOutputExtent();
  if (in.rows != out.rows || in.cols != out.cols || out.channels != 4)
    return emitOpError("result must be tensor<1x") << in.rows << "x" << in.cols << "x4xi8>";
  return success();
}

LogicalResult TableOp::verify() {
  if (failed(verifyActivation(*this, getOutput().getType())))
    return failure();
  if (getInput().getType() != getOutput().getType())
    return emitOpError("input and result must have one shape");
  ShapedType table = getTable().getShapedType();
  if (table.getRank() != 1 || table.getDimSize(0) != 256 || !table.getElementType().isInteger(8))
    return emitOpError("'table' must be tensor<256xi8>: a value for each input, not ") << table;
  return success();
}

LogicalResult MaxPool2DOp::verify() {
  if (failed(verifyActivation(*this, getInput().getType())) ||
      failed(verifyActivation(*this, getOutput().getType())) ||
      failed(verifyNumbers(*this, "kernel", getKernel(), 2, 1)) ||
      failed(verifyNumbers(*this, "stride", getStride(), 2, 1)) ||
      failed(verifyNumbers(*this, "pad", getPad(), 4, 0)))
    return failure();
  if (getInputExtent().channels != getOutputExtent().channels)
    return emitOpError("input and output must have the same number of channels");
  if (getPad()[0] >= getKernel()[0] || getPad()[1] >= getKernel()[0] ||
      getPad()[2] >= getKernel()[1] || getPad()[3] >= getKernel()[1])
    return emitOpError("'pad' must be smaller than 'kernel', or an output would see only padding");
  if (failed(verifyAxis(*this, "rows", getRowMap(), getPad()[1], getOutputExtent().rows)))
    return failure();
  return verifyAxis(*this, "columns", getColumnMap(), getPad()[3], getOutputExtent().cols);
}

LogicalResult Mean2DOp::verify() {
  if (failed(verifyActivation(*this, getInput().getType())) ||
      failed(verifyClamp(*this, getClamp())))
    return failure();
  Extent in = getInputExtent(), out = getOutputExtent();
  if (out.rows != 1 || out.cols != 1 || out.channels != in.channels)
    return emitOpError("result must be tensor<1x1x1x") << in.channels << "xi8>";
  return success();
}

//===- reshape
//------------------------------------------------------------------------------------===//

bool ReshapeOp::keepsBytes(RankedTensorType from, RankedTensorType to) {
  if (!from.hasStaticShape() || !to.hasStaticShape() || from.getRank() == 0 || to.getRank() == 0 ||
      from.getNumElements() != to.getNumElements())
    return false;
  int64_t before = from.getShape().back(), after = to.getShape().back();
  return before == after || (before % 4 == 0 && after % 4 == 0);
}

LogicalResult ReshapeOp::verify() {
  auto from = cast<RankedTensorType>(getInput().getType());
  auto to = cast<RankedTensorType>(getOutput().getType());
  if (!from.hasStaticShape() || !to.hasStaticShape() ||
      from.getNumElements() != to.getNumElements())
    return emitOpError("needs static shapes with equal numbers of elements");
  if (!keepsBytes(from, to))
    return emitOpError("changes the last dimension: unless both are multiples of 4, the channels' "
                       "padding differs and bytes would have to move");
  return success();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getOutput().getType())
    return getInput();
  // reshape(reshape(x)) -> reshape(x); the verifier's rule holds for the outer shapes, too, where
  // it held twice.
  if (auto inner = getInput().getDefiningOp<ReshapeOp>()) {
    getInputMutable().assign(inner.getInput());
    return getOutput();
  }
  return {};
}
