//===- Copy.cpp - copy: the same bytes in another window ------------------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Target.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// out[i] = act[i].
class Copy : public Kernel {
public:
  explicit Copy(ConfigReader &config) : count(config.integer("count", 1, 1 << 20)) {}

  KernelInterface interface() const override {
    return {{{"act", count}, {"out", count, true}}, {}};
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &target) const override {
    b.forEachVector(count, target.vectorBytes, [&](Value i, int64_t lanes) {
      b.store(b.load(lanes, buffers[0], i), buffers[1], i);
    });
  }

private:
  int64_t count;
};
} // namespace

std::unique_ptr<Kernel> makeCopy(ConfigReader &config) { return std::make_unique<Copy>(config); }

} // namespace adfc::kernels
