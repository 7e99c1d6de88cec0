//===- Matmul.cpp - matmul: product of two activations --------------------===//
//
// The second factor lies as it was written, so neither its depth nor its columns come in whole
// words of four products, as weights do: sums are kept in vectors of 16 columns, and values of the
// first factor are broadcast.
//
//===----------------------------------------------------------------------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Rescale.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
constexpr int64_t kLanes = 16, kRows = 8;

/// out[m][n] = clamp(rescale(sum over k of a[m][k] * b[k][n])); `b` is [n][k] where it is
/// transposed. Rows of `a` and `b` are whole words.
class Matmul : public Kernel {
public:
  explicit Matmul(ConfigReader &config)
      : transposed(config.flag("transposed")), rescale(FixedRescale::read(config, "rescale")),
        clamp(Clamp::read(config, "clamp")) {
    auto in = config.integers("in", 2, 1, 1 << 16);
    auto out = config.integers("out", 2, 1, 1 << 16);
    rows = in[0];
    depth = in[1];
    columns = out[0];
    channels = out[1];
    rowBytes = llvm::alignTo(depth, 4);
    config.require(channels >= columns, "'out' must be [columns, channels] with enough channels");
    config.require(rows <= (1 << 20) / rowBytes && rows <= (1 << 20) / channels &&
                       factorBytes() <= 1 << 20,
                   "'in' or 'out' is larger than any tile's memory");
  }

  KernelInterface interface() const override {
    return {{{"a", rows * rowBytes}, {"b", factorBytes()}, {"out", rows * channels, true}}, {}};
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &target) const override {
    b.forEachVector(columns, kLanes, [&](Value n, int64_t lanes) {
      b.forEachVector(rows, kRows,
                      [&](Value m, int64_t count) { block(b, buffers, m, count, n, lanes); });
    });
  }

private:
  int64_t factorBytes() const {
    return transposed ? columns * rowBytes : depth * int64_t(llvm::alignTo(columns, 4));
  }

  /// `count` rows from `m` of `lanes` columns from `n`.
  void block(KernelBuilder &b, ValueRange buffers, Value m, int64_t count, Value n,
             int64_t lanes) const {
    KernelBuilder::Values sums(count, b.splat(b.vectorType(lanes, b.getI32Type()), 0));
    auto add = [&](Value word, ValueRange carried, int64_t steps) {
      KernelBuilder::Values next(carried);
      KernelBuilder::Values factors = factorWord(b, buffers[1], word, steps, n, lanes);
      for (int64_t j = 0; j < steps; ++j)
        for (int64_t row = 0; row < count; ++row) {
          Value place = b.add(b.add(b.mul(b.add(m, row), rowBytes), b.mul(word, 4)), j);
          Value value = arith::ExtSIOp::create(b, b.getI32Type(),
                                               Value(memref::LoadOp::create(b, buffers[0], place)));
          Value all = vector::BroadcastOp::create(b, factors[j].getType(), value);
          next[row] =
              arith::AddIOp::create(b, next[row], Value(arith::MulIOp::create(b, all, factors[j])));
        }
      return next;
    };
    if (depth >= 4)
      sums = b.reduce(depth / 4, sums,
                      [&](Value word, ValueRange carried) { return add(word, carried, 4); });
    if (depth % 4)
      sums = add(b.index(depth / 4), sums, depth % 4);
    for (int64_t row = 0; row < count; ++row) {
      Value scaled = rescale.emit(b, sums[row], depth << 14);
      b.store(clamp.emit(b, scaled), buffers[2], b.add(b.mul(b.add(m, row), channels), n));
    }
  }

  /// Values k = 4 * word ... + steps - 1 of `lanes` columns from `n`: a vector of i32 for each k.
  KernelBuilder::Values factorWord(KernelBuilder &b, Value factor, Value word, int64_t steps,
                                   Value n, int64_t lanes) const {
    Type i32 = b.getI32Type();
    VectorType type = b.vectorType(lanes, i32);
    KernelBuilder::Values values;
    if (!transposed) {
      int64_t stride = llvm::alignTo(columns, 4);
      for (int64_t j = 0; j < steps; ++j) {
        Value place = b.add(b.mul(b.add(b.mul(word, 4), j), stride), n);
        values.push_back(emitExtend(b, b.load(lanes, factor, place), i32));
      }
      return values;
    }
    SmallVector<int32_t> offsets;
    for (int64_t lane = 0; lane < lanes; ++lane)
      offsets.push_back(lane * rowBytes / 4);
    Value words = b.typed(factor, 0, i32, factorBytes() / 4);
    Value start = b.add(b.mul(n, rowBytes / 4), word);
    Value lanesAt = arith::ConstantOp::create(b, b.getI32VectorAttr(offsets));
    Value all = arith::ConstantOp::create(
        b, DenseElementsAttr::get(b.vectorType(lanes, b.getI1Type()), true));
    Value packed =
        vector::GatherOp::create(b, type, words, ValueRange(start), lanesAt, all, b.splat(type, 0));
    for (int64_t j = 0; j < steps; ++j) {
      Value high = arith::ShLIOp::create(b, packed, b.splat(type, 24 - 8 * j));
      values.push_back(arith::ShRSIOp::create(b, high, b.splat(type, 24)));
    }
    return values;
  }

  bool transposed;
  FixedRescale rescale;
  Clamp clamp;
  int64_t rows = 1, depth = 1, columns = 1, channels = 1, rowBytes = 4;
};
} // namespace

std::unique_ptr<Kernel> makeMatmul(ConfigReader &config) {
  return std::make_unique<Matmul>(config);
}

} // namespace adfc::kernels
