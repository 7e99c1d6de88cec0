//===- Table.cpp - table: any function of one int8 value ------------------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
constexpr int64_t entries = 256;

/// out[i] = table[act[i] + 128].
class Table : public Kernel {
public:
  explicit Table(ConfigReader &config) : count(config.integer("count", 1, 1 << 20)) {}

  KernelInterface interface() const override {
    return {{{"act", count}, {"table", entries}, {"out", count, true}}, {}};
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &) const override {
    // No instruction of the baselines looks bytes up in as large a table: one after the other, four
    // in flight.
    b.forEachVector(count, 4, [&](Value first, int64_t values) {
      for (int64_t i = 0; i < values; ++i) {
        Value place = b.add(first, i);
        Value value = memref::LoadOp::create(b, buffers[0], place);
        // The sign bit flipped, an int8 is its number in the table.
        Value flipped =
            arith::XOrIOp::create(b, value, arith::ConstantIntOp::create(b, b.getI8Type(), -128));
        Value index = arith::IndexCastUIOp::create(b, b.getIndexType(), flipped);
        memref::StoreOp::create(b, Value(memref::LoadOp::create(b, buffers[1], index)), buffers[2],
                                place);
      }
    });
  }

private:
  int64_t count;
};
} // namespace

std::unique_ptr<Kernel> makeTable(ConfigReader &config) { return std::make_unique<Table>(config); }

} // namespace adfc::kernels
