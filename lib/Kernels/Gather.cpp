//===- Gather.cpp - gather: rows of a table by int32 indices --------------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// out[p] = table[indices[p]], or zeros where there is no such row.
class Gather : public Kernel {
public:
  explicit Gather(ConfigReader &config) : count(config.integer("count", 1, 1 << 18)) {
    auto table = config.integers("table", 2, 1, 1 << 20);
    rows = table[0];
    channels = table[1];
    config.require(rows <= (1 << 20) / channels && count <= (1 << 20) / channels,
                   "'table' or the result is larger than any tile's memory");
  }

  KernelInterface interface() const override {
    return {{{"indices", 4 * count}, {"table", rows * channels}, {"out", count * channels, true}},
            {}};
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &target) const override {
    Value indices = b.typed(buffers[0], 0, b.getI32Type(), count);
    Value size = arith::ConstantIntOp::create(b, b.getI32Type(), rows);
    Value first = arith::ConstantIntOp::create(b, b.getI32Type(), 0);
    b.forEach(count, 1, [&](Value pixel) {
      Value index = memref::LoadOp::create(b, indices, pixel);
      // As unsigned numbers, negative indices are too large as well.
      Value found = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, index, size);
      Value row = arith::IndexCastUIOp::create(
          b, b.getIndexType(), Value(arith::SelectOp::create(b, found, index, first)));
      b.forEachVector(channels, target.vectorBytes, [&](Value channel, int64_t lanes) {
        VectorType type = b.vectorType(lanes, b.getI8Type());
        Value values = b.load(lanes, buffers[1], b.add(b.mul(row, channels), channel));
        Value kept = arith::SelectOp::create(b, found, values, b.splat(type, 0));
        b.store(kept, buffers[2], b.add(b.mul(pixel, channels), channel));
      });
    });
  }

private:
  int64_t count, rows = 1, channels = 1;
};
} // namespace

std::unique_ptr<Kernel> makeGather(ConfigReader &config) {
  return std::make_unique<Gather>(config);
}

} // namespace adfc::kernels
