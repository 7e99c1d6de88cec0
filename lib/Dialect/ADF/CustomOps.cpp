//===- CustomOps.cpp - custom: verifier and KernelOpInterface -------------===//
#include "KernelConfig.h"

using namespace mlir;
using namespace adfc::adf;

static constexpr StringLiteral kSlots[] = {"mac", "load_a", "load_b", "store", "move"};

static LogicalResult verifyCode(CustomOp op) {
  for (StringRef key : {"language", "source", "entry", "defines"})
    if (!op.getCode().getAs<StringAttr>(key))
      return op.emitOpError("'code' must have a string '") << key << "'";
  return success();
}

static LogicalResult verifyCost(CustomOp op) {
  for (NamedAttribute slot : op.getCost()) {
    auto value = dyn_cast<FloatAttr>(slot.getValue());
    if (!llvm::is_contained(kSlots, slot.getName().getValue()) || !value ||
        !value.getValue().isFinite() || value.getValueAsDouble() < 0)
      return op.emitOpError("'cost' has numbers, none negative, in the slots mac, load_a, load_b, "
                            "store and move; '")
             << slot.getName().getValue() << "' is not such a one";
  }
  return success();
}

/// Rows and columns of the result, from the window.
static LogicalResult verifyWindow(CustomOp op) {
  std::optional<ArrayRef<int64_t>> window = op.getWindow();
  if (window.has_value() != (op.getTiling() == Tiling::Windows))
    return op.emitOpError("needs 'window' where its tiling is windows, and only there");
  Extent in = op.getInputExtent(), out = op.getOutputExtent();
  if (!window) {
    if (in.rows != out.rows || in.cols != out.cols)
      return op.emitOpError("result must have the rows and columns of the inputs");
    return success();
  }
  if (window->size() != 8 || llvm::any_of(window->take_front(4), [](int64_t n) { return n < 1; }) ||
      llvm::any_of(window->drop_front(4), [](int64_t n) { return n < 0; }))
    return op.emitOpError("'window' must be [height, width, stride y, stride x, top, bottom, left, "
                          "right] of natural numbers");
  auto outputs = [&](unsigned axis, int64_t size) {
    int64_t padded = size + (*window)[4 + 2 * axis] + (*window)[5 + 2 * axis];
    return (padded - (*window)[axis]) / (*window)[2 + axis] + 1;
  };
  if (out.rows != outputs(0, in.rows) || out.cols != outputs(1, in.cols))
    return op.emitOpError("result must have ")
           << outputs(0, in.rows) << " rows and " << outputs(1, in.cols) << " columns";
  return success();
}

LogicalResult CustomOp::verify() {
  if (getInputs().empty())
    return emitOpError("needs an input");
  for (Type type : getInputs().getTypes())
    if (type != getInputs().front().getType())
      return emitOpError("inputs must have one shape");
  if (failed(verifyActivation(*this, getInputs().front().getType())) ||
      failed(verifyActivation(*this, getOutput().getType())))
    return failure();
  if (getTiling() != Tiling::Rows && getOutputExtent().channels != getInputExtent().channels)
    return emitOpError("result must have the channels of the inputs, unless its tiling is rows");
  if (static_cast<int64_t>(getScratch()) < 0)
    return emitOpError("'scratch' must not be negative");
  if (std::optional<ElementsAttr> constant = getConstant())
    if (constant->getShapedType().getRank() != 1 || !constant->getElementType().isInteger(8) ||
        !getRawBytes(*constant))
      return emitOpError("'constant' must be dense bytes, tensor<Nxi8>, not ")
             << constant->getShapedType();
  if (failed(verifyWindow(*this)) || failed(verifyCode(*this)))
    return failure();
  return verifyCost(*this);
}

StringRef CustomOp::getKind() { return "custom"; }
unsigned CustomOp::getNumActivations() { return getInputs().size(); }
bool CustomOp::isChannelwise() {
  return paddedChannels(getInputExtent().channels) == paddedChannels(getOutputExtent().channels);
}
bool CustomOp::takesAllChannels() { return getTiling() == Tiling::Rows; }

AxisMap CustomOp::getRowMap() {
  if (std::optional<ArrayRef<int64_t>> window = getWindow())
    return {getInputExtent().rows, (*window)[2], (*window)[0], (*window)[4]};
  return identityMap(getOutputExtent().rows);
}
AxisMap CustomOp::getColumnMap() {
  if (std::optional<ArrayRef<int64_t>> window = getWindow())
    return {getInputExtent().cols, (*window)[3], (*window)[1], (*window)[6]};
  return identityMap(getOutputExtent().cols);
}

int64_t CustomOp::getWeightBytes() { return getConstant() ? getConstant()->getNumElements() : 0; }
int64_t CustomOp::getWeightsBlockBytes(KernelTile) { return roundUp(getWeightBytes(), 4); }
void CustomOp::packWeightsBlock(KernelTile, int64_t, int64_t, MutableArrayRef<char> block) {
  ArrayRef<char> bytes = *getRawBytes(*getConstant());
  for (int64_t i = 0, e = getWeightBytes(); i < e; ++i)
    block[i] = bytes[bytes.size() == 1 ? 0 : i];
}
int64_t CustomOp::getAccumulatorBytes(KernelTile) { return getScratch(); }

DictionaryAttr CustomOp::getKernelConfig(KernelTile tile) {
  Extent in = getInputExtent(), out = getOutputExtent();
  bool rows = getTiling() == Tiling::Rows;
  int64_t inChannels = isChannelwise() ? tile.outChannels : tile.inChannels;
  ConfigBuilder config(getContext());
  // The last number: how many of the channels the tensor has.
  config.numbers("in", {getRowMap().windowSize(tile.rows), getColumnMap().windowSize(tile.cols),
                        inChannels, rows ? in.channels : inChannels});
  config.numbers("out",
                 {tile.rows, tile.cols, tile.outChannels, rows ? out.channels : tile.outChannels});
  config.number("inputs", getInputs().size())
      .number("constant", getWeightsBlockBytes(tile))
      .number("scratch", getScratch());
  if (std::optional<ArrayRef<int64_t>> window = getWindow())
    config.numbers("window", {(*window)[0], (*window)[1], getRowMap().windowStride(),
                              getColumnMap().windowStride()});
  SmallVector<NamedAttribute> all(config.get().getValue());
  Builder builder(getContext());
  all.push_back(builder.getNamedAttr("function", getFunctionAttr()));
  all.push_back(
      builder.getNamedAttr("tiling", builder.getStringAttr(stringifyTiling(getTiling()))));
  all.append(getCode().begin(), getCode().end());
  return builder.getDictionaryAttr(all);
}
