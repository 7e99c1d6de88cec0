//===- Wide.h - What kernels on int16 activations share -------------------===//
#ifndef ADFC_KERNELS_WIDE_H
#define ADFC_KERNELS_WIDE_H

#include "Kernels/Rescale.h"

namespace adfc::kernels {

/// Bytes of one channel's bias (i64), multiplier and shift (i32) at the start of a weights block.
constexpr int64_t wideParameterBytes = 16;

/// Products of an int16 and an int8 that surely add up within int32: each is at most 2^22.
constexpr int64_t safeProducts = 256;

/// Bias i64, multiplier i32 and shift i32 of each output channel of a convolution.
class WideParameters {
public:
  WideParameters(KernelBuilder &b, mlir::Value weights, int64_t channels)
      : bias(b.typed(weights, 0, b.getI64Type(), channels)),
        multiplier(b.typed(weights, 8 * channels, b.getI32Type(), channels)),
        shift(b.typed(weights, 12 * channels, b.getI32Type(), channels)) {}

  /// What a vector of sums (i64) of the channels from `channel` becomes.
  mlir::Value finish(KernelBuilder &b, mlir::Value sums, mlir::Value channel,
                     const Clamp &clamp) const;

private:
  mlir::Value bias, multiplier, shift;
};

} // namespace adfc::kernels

#endif // ADFC_KERNELS_WIDE_H
