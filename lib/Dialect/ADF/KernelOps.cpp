//===- KernelOps.cpp - KernelOpInterface of each kernel operation ---------===//
#include "KernelConfig.h"

using namespace mlir;
using namespace adfc::adf;

//===- conv2d
//-------------------------------------------------------------------------------------===//

/// Input positions that `kernel` taps, `dilation` apart, span.
static int64_t spanOf(int64_t kernel, int64_t dilation) { return (kernel - 1) * dilation + 1; }

static ArrayRef<int64_t> kernelShape(Conv2DOp op) {
  return cast<RankedTensorType>(op.getWeights().getType()).getShape().slice(1, 2);
}

/// Bytes of an element, int8 or int16.
static int64_t bytesOf(bool wide) { return wide ? 2 : 1; }

ElementBytes Conv2DOp::getElementBytes() {
  return {bytesOf(getWideInput()), bytesOf(getWideOutput())};
}
StringRef Conv2DOp::getKind() { return getElementBytes().wide() ? "conv2d_wide" : "conv2d"; }
int64_t Conv2DOp::getWeightBits() { return getPacked() ? 4 : 8; }
bool Conv2DOp::isChannelwise() { return false; }

AxisMap Conv2DOp::getRowMap() {
  return {getInputExtent().rows, getStride()[0], spanOf(kernelShape(*this)[0], getDilation()[0]),
          getPad()[0]};
}
AxisMap Conv2DOp::getColumnMap() {
  return {getInputExtent().cols, getStride()[1], spanOf(kernelShape(*this)[1], getDilation()[1]),
          getPad()[2]};
}

int64_t Conv2DOp::getMacs() {
  Extent out = getOutputExtent();
  return out.rows * out.cols * cast<RankedTensorType>(getWeights().getType()).getNumElements();
}

/// Bytes of bias, multiplier and shift of one output channel: int32 each, with int16 activations
/// the bias is int64.
static int64_t parameterBytes(ElementBytes bytes) { return bytes.wide() ? 16 : 12; }

int64_t Conv2DOp::getWeightBytes() {
  ElementBytes bytes = getElementBytes();
  int64_t weights = cast<RankedTensorType>(getWeights().getType()).getNumElements();
  return ceilDiv(weights * getWeightBits(), 8) +
         getOutputExtent().channels / bytes.output * parameterBytes(bytes);
}

std::optional<PixelGroups> Conv2DOp::getPixelGroups() {
  if (!getSchedule() || !getSchedule()->getUnpadded() || getElementBytes().wide() || getPacked() ||
      getDilation()[1] != 1)
    return std::nullopt;
  return PixelGroups::of(getInputExtent().channels, getColumnMap());
}

int64_t Conv2DOp::getWeightsBlockBytes(KernelTile tile) {
  ArrayRef<int64_t> kernel = kernelShape(*this);
  ElementBytes bytes = getElementBytes();
  if (std::optional<PixelGroups> groups = getPixelGroups())
    return tile.outChannels *
           (parameterBytes(bytes) + kernel[0] * groups->phases() * 4 * groups->run);
  int64_t weights = kernel[0] * kernel[1] * (tile.inChannels / bytes.input) * getWeightBits() / 8;
  return tile.outChannels / bytes.output * (parameterBytes(bytes) + weights);
}

/// Sums are int32, with int16 activations int64.
int64_t Conv2DOp::getAccumulatorBytes(KernelTile tile) {
  ElementBytes bytes = getElementBytes();
  bool partial = tile.accumulates(paddedChannels(getInputExtent().channels));
  int64_t sums = tile.rows * tile.cols * (tile.outChannels / bytes.output);
  return partial ? (bytes.wide() ? 8 : 4) * sums : 0;
}

DictionaryAttr Conv2DOp::getKernelConfig(KernelTile tile) {
  int64_t rows = getRowMap().windowSize(tile.rows);
  if (std::optional<PixelGroups> groups = getPixelGroups()) {
    // In words, of four channels each.
    PixelGroups::Window window = groups->window(tile.firstCol, tile.cols);
    return ConfigBuilder(getContext())
        .numbers("in", {rows, window.words, 4})
        .numbers("kernel", {kernelShape(*this)[0], groups->run})
        .numbers("stride", {getRowMap().windowStride(), groups->step})
        .numbers("dilation", {getDilation()[0], 1})
        .numbers("out", {tile.rows, tile.cols, tile.outChannels})
        .numbers("clamp", getClamp())
        .flag("accumulate", false)
        .numbers("phases", groups->offsets)
        .number("first_phase", window.firstPhase)
        .get();
  }
  return ConfigBuilder(getContext())
      .numbers("in", {rows, getColumnMap().windowSize(tile.cols), tile.inChannels})
      .numbers("kernel", kernelShape(*this))
      .numbers("stride", {getRowMap().windowStride(), getColumnMap().windowStride()})
      .numbers("dilation", getDilation())
      .numbers("out", {tile.rows, tile.cols, tile.outChannels})
      .numbers("clamp", getClamp())
      .flag("accumulate", tile.accumulates(paddedChannels(getInputExtent().channels)))
      .setFlag("wide_input", getWideInput())
      .setFlag("wide_output", getWideOutput())
      .setFlag("packed", getPacked())
      .get();
}

//===- depthwise_conv2d
//---------------------------------------------------------------------------===//

static ArrayRef<int64_t> kernelShape(DepthwiseConv2DOp op) {
  return cast<RankedTensorType>(op.getWeights().getType()).getShape().take_front(2);
}

ElementBytes DepthwiseConv2DOp::getElementBytes() {
  return {bytesOf(getWide()), bytesOf(getWide())};
}
StringRef DepthwiseConv2DOp::getKind() {
  return getWide() ? "depthwise_conv2d_wide" : "depthwise_conv2d";
}

AxisMap DepthwiseConv2DOp::getRowMap() {
  return {getInputExtent().rows, getStride()[0], spanOf(kernelShape(*this)[0], getDilation()[0]),
          getPad()[0]};
}
AxisMap DepthwiseConv2DOp::getColumnMap() {
  return {getInputExtent().cols, getStride()[1], spanOf(kernelShape(*this)[1], getDilation()[1]),
          getPad()[2]};
}

int64_t DepthwiseConv2DOp::getMacs() {
  Extent out = getOutputExtent();
  return out.rows * out.cols * cast<RankedTensorType>(getWeights().getType()).getNumElements();
}

int64_t DepthwiseConv2DOp::getWeightBytes() {
  return cast<RankedTensorType>(getWeights().getType()).getNumElements() +
         getOutputExtent().channels / getElementBytes().output * parameterBytes(getElementBytes());
}

int64_t DepthwiseConv2DOp::getWeightsBlockBytes(KernelTile tile) {
  ArrayRef<int64_t> kernel = kernelShape(*this);
  ElementBytes bytes = getElementBytes();
  // A word holds four int8 channels, but two of int16: each has weights in pairs.
  int64_t weights = roundUp(kernel[0] * kernel[1], bytes.output);
  return tile.outChannels / bytes.output * (parameterBytes(bytes) + weights);
}

DictionaryAttr DepthwiseConv2DOp::getKernelConfig(KernelTile tile) {
  return ConfigBuilder(getContext())
      .numbers("in", {getRowMap().windowSize(tile.rows), getColumnMap().windowSize(tile.cols),
                      tile.outChannels})
      .numbers("kernel", kernelShape(*this))
      .numbers("stride", {getRowMap().windowStride(), getColumnMap().windowStride()})
      .numbers("dilation", getDilation())
      .numbers("out", {tile.rows, tile.cols, tile.outChannels})
      .numbers("clamp", getClamp())
      .get();
}

//===- add, sub, mul
//------------------------------------------------------------------------------===//

template <typename BinaryOp> static std::optional<unsigned> streamedPixel(BinaryOp op) {
  return broadcastsPixel(op) ? std::optional<unsigned>(1) : std::nullopt;
}
template <typename BinaryOp> static int64_t pixelBytes(BinaryOp op, KernelTile tile) {
  return broadcastsPixel(op) ? tile.outChannels : 0;
}

template <typename SumOp> static DictionaryAttr sumConfig(SumOp op, KernelTile tile) {
  return binaryConfig(op, tile)
      .rescale("a", op.getLhsRescale())
      .rescale("b", op.getRhsRescale())
      .rescale("out", op.getOutRescale())
      .numbers("clamp", op.getClamp())
      .setFlag("wide", op.getWide())
      .get();
}

ElementBytes AddOp::getElementBytes() { return {bytesOf(getWide()), bytesOf(getWide())}; }
StringRef AddOp::getKind() { return "add"; }
unsigned AddOp::getNumActivations() { return broadcastsPixel(*this) ? 1 : 2; }
std::optional<unsigned> AddOp::getStreamedOperand() { return streamedPixel(*this); }
int64_t AddOp::getWeightsBlockBytes(KernelTile tile) { return pixelBytes(*this, tile); }
AxisMap AddOp::getRowMap() { return identityMap(getOutputExtent().rows); }
AxisMap AddOp::getColumnMap() { return identityMap(getOutputExtent().cols); }
DictionaryAttr AddOp::getKernelConfig(KernelTile tile) { return sumConfig(*this, tile); }

ElementBytes SubOp::getElementBytes() { return {bytesOf(getWide()), bytesOf(getWide())}; }
StringRef SubOp::getKind() { return "sub"; }
unsigned SubOp::getNumActivations() { return broadcastsPixel(*this) ? 1 : 2; }
std::optional<unsigned> SubOp::getStreamedOperand() { return streamedPixel(*this); }
int64_t SubOp::getWeightsBlockBytes(KernelTile tile) { return pixelBytes(*this, tile); }
AxisMap SubOp::getRowMap() { return identityMap(getOutputExtent().rows); }
AxisMap SubOp::getColumnMap() { return identityMap(getOutputExtent().cols); }
DictionaryAttr SubOp::getKernelConfig(KernelTile tile) { return sumConfig(*this, tile); }

StringRef MulOp::getKind() { return "mul"; }
unsigned MulOp::getNumActivations() { return broadcastsPixel(*this) ? 1 : 2; }
std::optional<unsigned> MulOp::getStreamedOperand() { return streamedPixel(*this); }
int64_t MulOp::getWeightsBlockBytes(KernelTile tile) { return pixelBytes(*this, tile); }
AxisMap MulOp::getRowMap() { return identityMap(getOutputExtent().rows); }
AxisMap MulOp::getColumnMap() { return identityMap(getOutputExtent().cols); }
DictionaryAttr MulOp::getKernelConfig(KernelTile tile) {
  return binaryConfig(*this, tile)
      .rescale("rescale", getRescale())
      .numbers("clamp", getClamp())
      .get();
}

//===- rescale
//------------------------------------------------------------------------------------===//

StringRef RescaleOp::getKind() { return "rescale"; }
// An element's bytes move to other channels.
bool RescaleOp::isChannelwise() { return false; }
bool RescaleOp::takesAllChannels() { return true; }
ElementBytes RescaleOp::getElementBytes() {
  return {bytesOf(getWideInput()), bytesOf(getWideOutput())};
}
AxisMap RescaleOp::getRowMap() { return identityMap(getOutputExtent().rows); }
AxisMap RescaleOp::getColumnMap() { return identityMap(getOutputExtent().cols); }
DictionaryAttr RescaleOp::getKernelConfig(KernelTile tile) {
  return ConfigBuilder(getContext())
      .numbers("in", {tile.rows * tile.cols, tile.inChannels})
      .numbers("out", {tile.rows * tile.cols, tile.outChannels})
      .rescale("rescale", getRescale())
      .numbers("clamp", getClamp())
      .setFlag("wide_input", getWideInput())
      .setFlag("wide_output", getWideOutput())
      .get();
}

//===- argmax
//-------------------------------------------------------------------------------------===//

StringRef ArgmaxOp::getKind() { return "argmax"; }
bool ArgmaxOp::isChannelwise() { return false; }
bool ArgmaxOp::takesAllChannels() { return true; }
AxisMap ArgmaxOp::getRowMap() { return identityMap(getOutputExtent().rows); }
AxisMap ArgmaxOp::getColumnMap() { return identityMap(getOutputExtent().cols); }
DictionaryAttr ArgmaxOp::getKernelConfig(KernelTile tile) {
  return ConfigBuilder(getContext())
      .numbers("in", {tile.rows * tile.cols, tile.inChannels, getInputExtent().channels})
      .number("out", tile.outChannels)
      .get();
}

//===- table
//--------------------------------------------------------------------------------------===//

StringRef TableOp::getKind() { return "table"; }
AxisMap TableOp::getRowMap() { return identityMap(getOutputExtent().rows); }
AxisMap TableOp::getColumnMap() { return identityMap(getOutputExtent().cols); }
int64_t TableOp::getWeightBytes() { return 256; }
int64_t TableOp::getWeightsBlockBytes(KernelTile) { return 256; }
DictionaryAttr TableOp::getKernelConfig(KernelTile tile) {
  return ConfigBuilder(getContext())
      .number("count", tile.rows * tile.cols * tile.outChannels)
      .get();
}

//===- max_pool2d
//---------------------------------------------------------------------------------===//

StringRef MaxPool2DOp::getKind() { return "max_pool2d"; }
bool MaxPool2DOp::hasPadImmediates() { return true; }
AxisMap MaxPool2DOp::getRowMap() {
  return {getInputExtent().rows, getStride()[0], getKernel()[0], getPad()[0]};
}
AxisMap MaxPool2DOp::getColumnMap() {
  return {getInputExtent().cols, getStride()[1], getKernel()[1], getPad()[2]};
}
DictionaryAttr MaxPool2DOp::getKernelConfig(KernelTile tile) {
  return getConfigWithout(0, 0, tile);
}
DictionaryAttr MaxPool2DOp::getConfigWithout(int64_t left, int64_t right, KernelTile tile) {
  int64_t columns = getColumnMap().windowSize(tile.cols) - left - right;
  ConfigBuilder config(getContext());
  config.numbers("in", {getRowMap().windowSize(tile.rows), columns, tile.outChannels})
      .numbers("kernel", getKernel())
      .numbers("stride", {getRowMap().windowStride(), getColumnMap().windowStride()})
      .numbers("out", {tile.rows, tile.cols, tile.outChannels});
  if (left || right)
    config.numbers("absent", {left, right});
  return config.get();
}

//===- mean2d
//-------------------------------------------------------------------------------------===//

StringRef Mean2DOp::getKind() { return "mean2d"; }
// The one output row reads every input row.
AxisMap Mean2DOp::getRowMap() {
  int64_t rows = getInputExtent().rows;
  return {rows, rows, rows, /*padBefore=*/0};
}
AxisMap Mean2DOp::getColumnMap() {
  int64_t cols = getInputExtent().cols;
  return {cols, cols, cols, /*padBefore=*/0};
}
DictionaryAttr Mean2DOp::getKernelConfig(KernelTile tile) {
  return ConfigBuilder(getContext())
      .numbers("in", {getInputExtent().rows, getInputExtent().cols, tile.outChannels})
      .rescale("rescale", getRescale())
      .numbers("clamp", getClamp())
      .get();
}
