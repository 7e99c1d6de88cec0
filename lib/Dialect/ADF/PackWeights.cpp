//===- PackWeights.cpp - a convolution's weights in the order its kernel reads them -===//
//
// A block is, for a tile's `oc` output and `ic` input channels: bias int32[oc], multiplier
// int32[oc], shift int32[oc], then int8 weights: of conv2d [kh][(kw * ic) / 4][oc][4], where a
// kernel row's index is kx * ic + channel, and where pixels lie without padding as many for each
// phase, with the zeros of its runs; of depthwise_conv2d [kh][kw][oc]. With int16 activations
// the bias is int64, conv2d's weights are [kh][kw][ic][oc], and depthwise_conv2d's end in as many
// zeros as fill the last word.
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

namespace {

/// Bias, multiplier and shift of each output channel.
struct ChannelParameters {
  ArrayRef<char> bias, multiplier, shift;
  bool wide; ///< the bias is int64
};

/// Where a convolution's weights lie in a block: of `oc` output channels, `step` counts rows,
/// columns and input channels of the kernel, row major.
enum class WeightsLayout {
  Words,  ///< i8 [step / 4][oc][4]
  Packed, ///< i4 [step / 4][oc][4], the first of two in the lower bits of their byte
  Steps,  ///< i8 [step][oc]
};

} // namespace

template <typename ConvOp> static ChannelParameters parametersOf(ConvOp op) {
  return {constantBytes(op.getBias()), *getRawBytes(op.getMultiplier()),
          *getRawBytes(op.getShift()), op.getElementBytes().wide()};
}

/// The parameters of `real` output channels from `oc0`, and of as many past the end that there are
/// `channels`; what is behind them in the block.
static char *packParameters(const ChannelParameters &parameters, int64_t oc0, int64_t real,
                            int64_t channels, MutableArrayRef<char> block) {
  using namespace llvm::support::endian;
  char *at = block.data();
  for (int64_t oc = 0; oc < channels; ++oc) {
    bool exists = oc < real;
    if (parameters.wide) {
      write64le(at, exists ? element<int64_t>(parameters.bias, oc0 + oc) : 0);
      at += 8;
    } else {
      write32le(at, exists ? element<int32_t>(parameters.bias, oc0 + oc) : 0);
      at += 4;
    }
  }
  auto parameter = [&](int32_t value) {
    write32le(at, value);
    at += 4;
  };
  for (int64_t oc = 0; oc < channels; ++oc)
    parameter(oc < real ? element<int16_t>(parameters.multiplier, oc0 + oc) : 0);
  // A channel past the end still needs a legal shift.
  for (int64_t oc = 0; oc < channels; ++oc)
    parameter(oc < real ? element<int8_t>(parameters.shift, oc0 + oc) : 2);
  return at;
}

static void placeWeight(char *packed, WeightsLayout layout, int64_t step, int64_t oc,
                        int64_t channels, char weight) {
  switch (layout) {
  case WeightsLayout::Words:
    packed[(step / 4 * channels + oc) * 4 + step % 4] = weight;
    return;
  case WeightsLayout::Steps:
    packed[step * channels + oc] = weight;
    return;
  case WeightsLayout::Packed: {
    char &byte = packed[(step / 4 * channels + oc) * 2 + step % 4 / 2];
    byte = static_cast<char>(step % 2 ? byte | (weight << 4) : byte | (weight & 15));
    return;
  }
  }
}

/// The weights of output channels from `oc0` on, for each phase behind `packed`.
static void packPhases(Conv2DOp op, const PixelGroups &groups, int64_t oc0, int64_t channels,
                       char *packed) {
  ArrayRef<char> weights = constantBytes(op.getWeights());
  ArrayRef<int64_t> shape = cast<RankedTensorType>(op.getWeights().getType()).getShape();
  int64_t kh = shape[1], bytes = shape[2] * shape[3]; // of a row of the kernel
  bool splat = weights.size() == 1;
  for (int64_t shift : groups.shifts) {
    for (int64_t oc = 0, e = std::min(channels, shape[0] - oc0); oc < e; ++oc)
      for (int64_t ky = 0; ky < kh; ++ky)
        for (int64_t byte = 0; byte < bytes; ++byte)
          placeWeight(packed, WeightsLayout::Words, ky * 4 * groups.run + shift + byte, oc,
                      channels, weights[splat ? 0 : ((oc0 + oc) * kh + ky) * bytes + byte]);
    packed += kh * 4 * groups.run * channels;
  }
}

void Conv2DOp::packWeightsBlock(KernelTile tile, int64_t oc0, int64_t ic0,
                                MutableArrayRef<char> block) {
  ArrayRef<char> weights = constantBytes(getWeights());
  ArrayRef<int64_t> shape = cast<RankedTensorType>(getWeights().getType()).getShape();
  ElementBytes bytes = getElementBytes();
  int64_t kh = shape[1], kw = shape[2], inputs = shape[3];
  int64_t channels = tile.outChannels / bytes.output, tileInputs = tile.inChannels / bytes.input;
  oc0 /= bytes.output;
  ic0 /= bytes.input;
  int64_t outs = std::min(channels, shape[0] - oc0), ins = std::min(tileInputs, inputs - ic0);

  char *packed = packParameters(parametersOf(*this), oc0, outs, channels, block);
  if (std::optional<PixelGroups> groups = getPixelGroups())
    return packPhases(*this, *groups, oc0, channels, packed);
  WeightsLayout layout = bytes.wide()  ? WeightsLayout::Steps
                         : getPacked() ? WeightsLayout::Packed
                                       : WeightsLayout::Words;
  bool splat = weights.size() == 1;
  for (int64_t oc = 0; oc < outs; ++oc)
    for (int64_t ky = 0; ky < kh; ++ky)
      for (int64_t kx = 0; kx < kw; ++kx) {
        int64_t source = (((oc0 + oc) * kh + ky) * kw + kx) * inputs + ic0;
        int64_t step = (ky * kw + kx) * tileInputs;
        for (int64_t ic = 0; ic < ins; ++ic)
          placeWeight(packed, layout, step + ic, oc, channels, weights[splat ? 0 : source + ic]);
      }
}

void DepthwiseConv2DOp::packWeightsBlock(KernelTile tile, int64_t oc0, int64_t,
                                         MutableArrayRef<char> block) {
  ArrayRef<char> weights = constantBytes(getWeights());
  ArrayRef<int64_t> shape = cast<RankedTensorType>(getWeights().getType()).getShape();
  int64_t bytes = getElementBytes().output;
  int64_t taps = shape[0] * shape[1], channels = shape[2], tileChannels = tile.outChannels / bytes;
  oc0 /= bytes;
  int64_t outs = std::min(tileChannels, channels - oc0);
  char *packed = packParameters(parametersOf(*this), oc0, outs, tileChannels, block);
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t oc = 0; oc < outs; ++oc)
      packed[tap * tileChannels + oc] = element<int8_t>(weights, tap * channels + oc0 + oc);
}

void TableOp::packWeightsBlock(KernelTile, int64_t, int64_t, MutableArrayRef<char> block) {
  ArrayRef<char> table = *getRawBytes(getTable());
  for (auto [index, value] : llvm::enumerate(block))
    value = element<int8_t>(table, index);
}
