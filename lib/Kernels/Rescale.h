//===- Rescale.h - TOSA rescale, saturation and clamp ---------------------===//
#ifndef ADFC_KERNELS_RESCALE_H
#define ADFC_KERNELS_RESCALE_H

#include "Kernels/Config.h"
#include "Kernels/KernelBuilder.h"

namespace adfc::kernels {

/// A rescale whose factor multiplier / 2^shift is known when the kernel is compiled.
/// TOSA 1.0 RESCALE with scale32 = false, SINGLE_ROUND: multiplier 0..32767, shift 2..62.
struct FixedRescale {
  int64_t multiplier = 0;
  int64_t shift = 2;

  static FixedRescale read(ConfigReader &config, llvm::StringRef key);

  /// Largest magnitude of the result for operands of at most `magnitude`.
  int64_t bound(int64_t magnitude) const;

  /// Rescales a vector of i32 whose elements are at most `magnitude` in size. The result has i32
  /// elements where 32-bit arithmetic is exact for such operands, else i64 ones.
  mlir::Value emit(KernelBuilder &b, mlir::Value value, int64_t magnitude) const;
};

/// Limits of an int8 or int16 result.
struct Clamp {
  int64_t low = -128;
  int64_t high = 127;
  unsigned bits = 8;

  static Clamp read(ConfigReader &config, llvm::StringRef key, bool wide = false);

  /// Limits a vector of i32 or i64, and narrows it to `bits`. Saturation is part of it, for the
  /// limits lie within.
  mlir::Value emit(KernelBuilder &b, mlir::Value value) const;
};

/// Rescales a vector of i32, or of i64 below 2^47 in size, by a multiplier and a shift of its own
/// for each element (vectors of i32); gives i64.
mlir::Value emitRescale(KernelBuilder &b, mlir::Value value, mlir::Value multiplier,
                        mlir::Value shift);

/// Sign-extends a vector's elements to `element`; the vector itself where they have that type.
mlir::Value emitExtend(KernelBuilder &b, mlir::Value vector, mlir::Type element);

} // namespace adfc::kernels

#endif // ADFC_KERNELS_RESCALE_H
