//===- Rescale.cpp - TOSA rescale, saturation and clamp -------------------===//
#include "Kernels/Rescale.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

using namespace mlir;

namespace adfc::kernels {

FixedRescale FixedRescale::read(ConfigReader &config, StringRef key) {
  auto values = config.integers(key, 2, 0, 32767);
  config.require(2 <= values[1] && values[1] <= 62,
                 "'" + key + "' must be [multiplier, shift] with a shift from 2 to 62");
  return {values[0], values[1]};
}

int64_t FixedRescale::bound(int64_t magnitude) const {
  return (magnitude * multiplier + (int64_t(1) << (shift - 1))) >> shift;
}

Value FixedRescale::emit(KernelBuilder &b, Value value, int64_t magnitude) const {
  int64_t largest = magnitude * multiplier + (int64_t(1) << (shift - 1));
  Type element = largest <= std::numeric_limits<int32_t>::max() ? b.getI32Type() : b.getI64Type();
  auto type = VectorType::get(cast<VectorType>(value.getType()).getShape(), element);
  Value product =
      arith::MulIOp::create(b, emitExtend(b, value, element), b.splat(type, multiplier));
  Value rounded = arith::AddIOp::create(b, product, b.splat(type, int64_t(1) << (shift - 1)));
  return arith::ShRSIOp::create(b, rounded, b.splat(type, shift));
}

Clamp Clamp::read(ConfigReader &config, StringRef key, bool wide) {
  unsigned bits = wide ? 16 : 8;
  int64_t least = -(int64_t(1) << (bits - 1));
  auto values = config.integers(key, 2, least, -least - 1);
  config.require(values[0] <= values[1], "'" + key + "' must be [low, high] with low <= high");
  return {values[0], values[1], bits};
}

Value Clamp::emit(KernelBuilder &b, Value value) const {
  auto type = cast<VectorType>(value.getType());
  value = arith::MaxSIOp::create(b, value, b.splat(type, low));
  value = arith::MinSIOp::create(b, value, b.splat(type, high));
  return arith::TruncIOp::create(b, VectorType::get(type.getShape(), b.getIntegerType(bits)),
                                 value);
}

Value emitRescale(KernelBuilder &b, Value value, Value multiplier, Value shift) {
  Type i64 = b.getI64Type();
  auto type = VectorType::get(cast<VectorType>(value.getType()).getShape(), i64);
  Value wideShift = arith::ExtUIOp::create(b, type, shift);
  Value one = b.splat(type, 1);
  Value half = arith::ShLIOp::create(b, one, arith::SubIOp::create(b, wideShift, one));
  Value product =
      arith::MulIOp::create(b, emitExtend(b, value, i64), emitExtend(b, multiplier, i64));
  return arith::ShRSIOp::create(b, arith::AddIOp::create(b, product, half), wideShift);
}

Value emitExtend(KernelBuilder &b, Value vector, Type element) {
  auto type = cast<VectorType>(vector.getType());
  if (type.getElementType() == element)
    return vector;
  return arith::ExtSIOp::create(b, VectorType::get(type.getShape(), element), vector);
}

} // namespace adfc::kernels
