//===- Add.cpp - add, sub: sum or difference of two tensors ---------------===//
#include "Kernels/Elementwise.h"
#include "Kernels/KernelFamily.h"
#include "Kernels/Rescale.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// out[i] = clamp(rescale(rescale(a[i]) + rescale(b[i]))), or with a difference; int8, or int16
/// with `wide`.
class Add : public Kernel {
public:
  Add(ConfigReader &config, bool subtract)
      : subtract(subtract), wide(config.flag("wide")), elements(Elements::read(config, wide)),
        first(FixedRescale::read(config, "a")), second(FixedRescale::read(config, "b")),
        result(FixedRescale::read(config, "out")), clamp(Clamp::read(config, "clamp", wide)) {}

  KernelInterface interface() const override { return elements.interface(); }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &target) const override {
    Value lhs = elements.typed(b, buffers[0], elements.count);
    Value rhs = elements.typed(b, buffers[1], elements.channels);
    Value out = elements.typed(b, buffers[2], elements.count);
    int64_t widest = target.vectorBytes / elements.bytes;
    elements.forEach(b, widest, [&](Value i, Value j, int64_t lanes) {
      Value left = operand(b, b.load(lanes, lhs, i), first);
      Value right = operand(b, b.load(lanes, rhs, j), second);
      Value sum = subtract ? Value(arith::SubIOp::create(b, left, right))
                           : Value(arith::AddIOp::create(b, left, right));
      Value scaled = result.emit(b, sum, first.bound(magnitude()) + second.bound(magnitude()));
      b.store(clamp.emit(b, scaled), out, i);
    });
  }

private:
  int64_t magnitude() const { return wide ? 32768 : 128; }

  /// A rescaled operand as i32: |int8| * multiplier < 2^22, |int16| * multiplier / 4 < 2^28, so
  /// that it fits whatever the shift.
  Value operand(KernelBuilder &b, Value vector, const FixedRescale &rescale) const {
    Value scaled = rescale.emit(b, emitExtend(b, vector, b.getI32Type()), magnitude());
    auto type = cast<VectorType>(scaled.getType());
    if (type.getElementType().isInteger(32))
      return scaled;
    return arith::TruncIOp::create(b, VectorType::get(type.getShape(), b.getI32Type()), scaled);
  }

  bool subtract, wide;
  Elements elements;
  FixedRescale first, second, result;
  Clamp clamp;
};
} // namespace

std::unique_ptr<Kernel> makeAdd(ConfigReader &config) {
  return std::make_unique<Add>(config, /*subtract=*/false);
}
std::unique_ptr<Kernel> makeSub(ConfigReader &config) {
  return std::make_unique<Add>(config, /*subtract=*/true);
}

} // namespace adfc::kernels
