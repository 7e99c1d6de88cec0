//===- Extremum.cpp - maximum, minimum of two int8 tensors ----------------===//
#include "Kernels/Elementwise.h"
#include "Kernels/KernelFamily.h"
#include "Kernels/Rescale.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// out[i] = clamp(max(a[i], b[i])), or min.
class Extremum : public Kernel {
public:
  Extremum(ConfigReader &config, bool largest)
      : largest(largest), elements(Elements::read(config)), clamp(Clamp::read(config, "clamp")) {}

  KernelInterface interface() const override { return elements.interface(); }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &target) const override {
    elements.forEach(b, target.vectorBytes, [&](Value i, Value j, int64_t lanes) {
      Value left = b.load(lanes, buffers[0], i), right = b.load(lanes, buffers[1], j);
      Value best = largest ? Value(arith::MaxSIOp::create(b, left, right))
                           : Value(arith::MinSIOp::create(b, left, right));
      auto type = cast<VectorType>(best.getType());
      best = arith::MaxSIOp::create(b, best, b.splat(type, clamp.low));
      b.store(arith::MinSIOp::create(b, best, b.splat(type, clamp.high)), buffers[2], i);
    });
  }

private:
  bool largest;
  Elements elements;
  Clamp clamp;
};
} // namespace

std::unique_ptr<Kernel> makeMaximum(ConfigReader &config) {
  return std::make_unique<Extremum>(config, /*largest=*/true);
}
std::unique_ptr<Kernel> makeMinimum(ConfigReader &config) {
  return std::make_unique<Extremum>(config, /*largest=*/false);
}

} // namespace adfc::kernels
