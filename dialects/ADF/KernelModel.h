//===- KernelModel.h - sizes that kernel operations and passes share ------===//
#ifndef ADFC_ADF_KERNELMODEL_H
#define ADFC_ADF_KERNELMODEL_H

#include "mlir/IR/Types.h"
#include <cstdint>
#include <numeric>

namespace adfc::adf {

/// Height, width and channels of an NHWC tensor with batch 1.
struct Extent {
  int64_t rows, cols, channels;
};

/// The extent of a ranked tensor type of rank 4 (the verifiers assure rank and batch).
Extent getExtent(mlir::Type type);

/// Bytes of an element of the activations that a kernel reads, and of its result: 2 for int16.
/// Extents and tiles count int8 channels, so an int16 tensor has twice as many.
struct ElementBytes {
  int64_t input = 1, output = 1;
  bool wide() const { return input > 1 || output > 1; }
};

/// What one kernel call computes: `rows` x `cols` x `outChannels`, from `inChannels` input
/// channels. Where pixels lie without padding it counts which column is the first.
struct KernelTile {
  int64_t rows, cols, outChannels, inChannels, firstCol = 0;
  /// Whether the input channels are only a part of `channels`, so that calls accumulate.
  bool accumulates(int64_t channels) const { return inChannels < channels; }
};

/// The quotient rounded down, of a positive divisor.
inline int64_t floorDiv(int64_t value, int64_t by) {
  return value < 0 ? -((-value + by - 1) / by) : value / by;
}

/// How output positions of one axis read input positions: output o reads [first(o), first(o) +
/// span).
struct AxisMap {
  int64_t size;        ///< input positions
  int64_t stride;      ///< input positions from one output to the next, times `upsample`
  int64_t span;        ///< input positions that one output reads: (kernel - 1) * dilation + 1
  int64_t padBefore;   ///< zero positions in front of the input, times `upsample`
  int64_t upsample{1}; ///< stride and padBefore count in this fraction of a position

  int64_t first(int64_t out) const { return floorDiv(out * stride - padBefore, upsample); }
  /// Input positions from the first to the last that `outs` neighbouring outputs read, where the
  /// first one is a multiple of `period()`.
  int64_t extent(int64_t outs) const { return first(outs - 1) - first(0) + span; }
  /// Outputs after which positions repeat: windows begin at multiples of it.
  int64_t period() const { return upsample / std::gcd(stride, upsample); }

  /// A window holds only positions that are read: with a span of 1 every stride-th.
  bool skips() const { return span == 1 && stride > 1 && upsample == 1; }
  int64_t windowStep() const { return skips() ? stride : 1; }
  int64_t windowSize(int64_t outs) const { return skips() ? outs : extent(outs); }
  /// How outputs of `next`, which reads this axis' outputs, read its input; both without
  /// resampling. Positions that lie between are kept.
  AxisMap through(const AxisMap &next) const {
    return {size, stride * next.stride, span + (next.span - 1) * stride,
            padBefore + next.padBefore * stride};
  }
  /// The stride that a kernel sees in such a window.
  int64_t windowStride() const { return skips() ? 1 : stride; }
};

inline int64_t roundUp(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}
inline int64_t ceilDiv(int64_t value, int64_t by) { return (value + by - 1) / by; }

/// Channels of a tensor as they stand in DDR: whole 32-bit words.
inline int64_t paddedChannels(int64_t channels) { return roundUp(channels, 4); }
/// Output channels of a tile are a multiple of this (the kernels' vector width).
constexpr int64_t kOutChannelMultiple = 8;

} // namespace adfc::adf

#endif // ADFC_ADF_KERNELMODEL_H
