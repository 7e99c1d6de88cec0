//===- Mul.cpp - mul: elementwise product of two int8 tensors -------------===//
#include "Kernels/Elementwise.h"
#include "Kernels/KernelFamily.h"
#include "Kernels/Rescale.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// out[i] = clamp(rescale(a[i] * b[i])).
class Mul : public Kernel {
public:
  explicit Mul(ConfigReader &config)
      : elements(Elements::read(config)), rescale(FixedRescale::read(config, "rescale")),
        clamp(Clamp::read(config, "clamp")) {}

  KernelInterface interface() const override { return elements.interface(); }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &target) const override {
    elements.forEach(b, target.vectorBytes, [&](Value i, Value j, int64_t lanes) {
      auto operand = [&](unsigned which, Value place) {
        return emitExtend(b, b.load(lanes, buffers[which], place), b.getI16Type());
      };
      // A product of two bytes fits in 16 bits: at most 2^14.
      Value product = arith::MulIOp::create(b, operand(0, i), operand(1, j));
      Value scaled = rescale.emit(b, emitExtend(b, product, b.getI32Type()), 1 << 14);
      b.store(clamp.emit(b, scaled), buffers[2], i);
    });
  }

private:
  Elements elements;
  FixedRescale rescale;
  Clamp clamp;
};
} // namespace

std::unique_ptr<Kernel> makeMul(ConfigReader &config) { return std::make_unique<Mul>(config); }

} // namespace adfc::kernels
