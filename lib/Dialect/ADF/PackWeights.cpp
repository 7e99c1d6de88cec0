//===- PackWeights.cpp - a convolution's weights in the order its kernel reads them -===//
//
// A block is, for a tile's `oc` output and `ic` input channels: bias int32[oc], multiplier
// int32[oc], shift int32[oc], then int8 weights: of conv2d [kh][(kw * ic) / 4][oc][4], where a
// kernel row's index is kx * ic + channel; of depthwise_conv2d [kh][kw][oc].
//
//===----------------------------------------------------------------------===//
#include "ADF/ADFOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/Endian.h"

using namespace mlir;
using namespace adfc::adf;

/// Reads element `index` of a dense attribute of T; a splat has one element for all.
template <typename T> static T element(ArrayRef<char> bytes, int64_t index) {
  if (bytes.size() == sizeof(T))
    index = 0;
  return llvm::support::endian::read<T, llvm::endianness::little>(bytes.data() + index * sizeof(T));
}

/// The bytes behind a constant operand, found through its defining operation; empty if there are
/// none.
static ArrayRef<char> constantBytes(Value value) {
  ElementsAttr attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return {};
  return getRawBytes(attr).value_or(ArrayRef<char>());
}

/// Bias, multiplier and shift of `real` output channels from `oc0`, and of as many past the end
/// that there are `channels`.
static void packParameters(ArrayRef<char> bias, ArrayRef<char> multiplier, ArrayRef<char> shift,
                           int64_t oc0, int64_t real, int64_t channels,
                           MutableArrayRef<char> block) {
  auto parameter = [&](int64_t which, int64_t channel, int32_t value) {
    llvm::support::endian::write32le(block.data() + 4 * (which * channels + channel), value);
  };
  for (int64_t oc = 0; oc < channels; ++oc) {
    parameter(0, oc, oc < real ? element<int32_t>(bias, oc0 + oc) : 0);
    parameter(1, oc, oc < real ? element<int16_t>(multiplier, oc0 + oc) : 0);
    // A channel past the end still needs a legal shift.
    parameter(2, oc, oc < real ? element<int8_t>(shift, oc0 + oc) : 2);
  }
}

void Conv2DOp::packWeightsBlock(KernelTile tile, int64_t oc0, int64_t ic0,
                                MutableArrayRef<char> block) {
  ArrayRef<char> weights = constantBytes(getWeights()), bias = constantBytes(getBias());
  ArrayRef<char> multiplier = *getRawBytes(getMultiplier()), shift = *getRawBytes(getShift());
  ArrayRef<int64_t> shape = cast<RankedTensorType>(getWeights().getType()).getShape();
  int64_t kh = shape[1], kw = shape[2], inputs = shape[3];
  int64_t outs = std::min(tile.outChannels, shape[0] - oc0),
          ins = std::min(tile.inChannels, inputs - ic0);

  packParameters(bias, multiplier, shift, oc0, outs, tile.outChannels, block);
  char *packed = block.data() + 3 * 4 * tile.outChannels;
  bool splat = weights.size() == 1;
  for (int64_t oc = 0; oc < outs; ++oc)
    for (int64_t ky = 0; ky < kh; ++ky)
      for (int64_t kx = 0; kx < kw; ++kx) {
        int64_t source = (((oc0 + oc) * kh + ky) * kw + kx) * inputs + ic0;
        for (int64_t ic = 0; ic < ins; ++ic) {
          int64_t k = kx * tile.inChannels + ic;
          int64_t group = ky * (kw * tile.inChannels / 4) + k / 4;
          packed[(group * tile.outChannels + oc) * 4 + k % 4] = weights[splat ? 0 : source + ic];
        }
      }
}

void DepthwiseConv2DOp::packWeightsBlock(KernelTile tile, int64_t oc0, int64_t,
                                         MutableArrayRef<char> block) {
  ArrayRef<char> weights = constantBytes(getWeights());
  ArrayRef<int64_t> shape = cast<RankedTensorType>(getWeights().getType()).getShape();
  int64_t taps = shape[0] * shape[1], channels = shape[2];
  int64_t outs = std::min(tile.outChannels, channels - oc0);
  packParameters(constantBytes(getBias()), *getRawBytes(getMultiplier()), *getRawBytes(getShift()),
                 oc0, outs, tile.outChannels, block);
  char *packed = block.data() + 3 * 4 * tile.outChannels;
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t oc = 0; oc < outs; ++oc)
      packed[tap * tile.outChannels + oc] = element<int8_t>(weights, tap * channels + oc0 + oc);
}

void TableOp::packWeightsBlock(KernelTile, int64_t, int64_t, MutableArrayRef<char> block) {
  ArrayRef<char> table = *getRawBytes(getTable());
  for (auto [index, value] : llvm::enumerate(block))
    value = element<int8_t>(table, index);
}
