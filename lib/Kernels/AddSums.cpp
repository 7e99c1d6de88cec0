//===- AddSums.cpp - add_sums: sums of another core, to a core's own ------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// sums[i] += in[i], of 32 bits.
class AddSums : public Kernel {
public:
  explicit AddSums(ConfigReader &config) : count(config.integer("count", 4, 1 << 20)) {
    config.require(count % 4 == 0, "sums must have four bytes each");
  }

  KernelInterface interface() const override {
    return {{{"in", count}, {"sums", count, true}}, {}};
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &target) const override {
    int64_t sums = count / 4;
    Value in = b.typed(buffers[0], 0, b.getI32Type(), sums);
    Value own = b.typed(buffers[1], 0, b.getI32Type(), sums);
    b.forEachVector(sums, target.vectorBytes / 4, [&](Value i, int64_t lanes) {
      Value sum = arith::AddIOp::create(b, b.load(lanes, in, i), b.load(lanes, own, i));
      b.store(sum, own, i);
    });
  }

private:
  int64_t count;
};
} // namespace

std::unique_ptr<Kernel> makeAddSums(ConfigReader &config) {
  return std::make_unique<AddSums>(config);
}

} // namespace adfc::kernels
