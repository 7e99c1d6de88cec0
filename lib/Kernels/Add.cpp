//===- Add.cpp - add, sub: sum or difference of two int8 tensors ----------===//
#include "Kernels/Elementwise.h"
#include "Kernels/KernelFamily.h"
#include "Kernels/Rescale.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// out[i] = clamp(rescale(rescale(a[i]) + rescale(b[i]))), or with a difference.
class Add : public Kernel {
public:
  Add(ConfigReader &config, bool subtract)
      : subtract(subtract), elements(Elements::read(config)),
        first(FixedRescale::read(config, "a")), second(FixedRescale::read(config, "b")),
        result(FixedRescale::read(config, "out")), clamp(Clamp::read(config, "clamp")) {}

  KernelInterface interface() const override { return elements.interface(); }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &target) const override {
    elements.forEach(b, target.vectorBytes, [&](Value i, Value j, int64_t lanes) {
      Value left = operand(b, b.load(lanes, buffers[0], i), first);
      Value right = operand(b, b.load(lanes, buffers[1], j), second);
      Value sum = subtract ? Value(arith::SubIOp::create(b, left, right))
                           : Value(arith::AddIOp::create(b, left, right));
      Value scaled = result.emit(b, sum, first.bound(128) + second.bound(128));
      b.store(clamp.emit(b, scaled), buffers[2], i);
    });
  }

private:
  /// A rescaled operand as i32: |int8| * multiplier < 2^22, so that it fits whatever the shift.
  static Value operand(KernelBuilder &b, Value vector, const FixedRescale &rescale) {
    Value scaled = rescale.emit(b, emitExtend(b, vector, b.getI32Type()), 128);
    auto type = cast<VectorType>(scaled.getType());
    if (type.getElementType().isInteger(32))
      return scaled;
    return arith::TruncIOp::create(b, VectorType::get(type.getShape(), b.getI32Type()), scaled);
  }

  bool subtract;
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
