//===- Argmax.cpp - argmax: which channel of a pixel is the greatest ------===//
#include "Kernels/KernelFamily.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// The first greatest of the `valid` channels of each pixel, as i32. `in` is [pixels, channels,
/// valid]; a pixel of the result has `out` bytes, of which the first four are it.
class Argmax : public Kernel {
public:
  explicit Argmax(ConfigReader &config)
      : in(config.integers("in", 3, 1, 1 << 20)), out(config.integer("out", 4, 1 << 10)) {
    config.require(in[2] <= in[1], "a pixel must have all channels: 'in' is [pixels, channels, "
                                   "valid channels]");
    config.require(out % 4 == 0, "'out' must be whole words");
    config.require(in[0] <= (1 << 20) / in[1] && in[0] <= (1 << 20) / out,
                   "the window is larger than any tile's memory");
  }

  KernelInterface interface() const override {
    return {{{"act", in[0] * in[1]}, {"out", in[0] * out, true}}, {}};
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &) const override {
    auto one = b.vectorType(1, b.getI32Type());
    Value result = b.typed(buffers[1], 0, b.getI32Type(), in[0] * out / 4);
    b.forEach(in[0], 1, [&](Value pixel) {
      Value first = b.mul(pixel, in[1]);
      KernelBuilder::Values start{b.splat(one, -129), b.splat(one, 0)};
      KernelBuilder::Values best = b.reduce(in[2], start, [&](Value c, ValueRange carried) {
        Value level = arith::ExtSIOp::create(b, one, b.load(1, buffers[0], b.add(first, c)));
        Value number =
            vector::BroadcastOp::create(b, one, arith::IndexCastOp::create(b, b.getI32Type(), c));
        Value more = arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, level, carried[0]);
        return KernelBuilder::Values{arith::SelectOp::create(b, more, level, carried[0]),
                                     arith::SelectOp::create(b, more, number, carried[1])};
      });
      Value place = b.mul(pixel, out / 4);
      b.store(best[1], result, place);
      for (int64_t word = 1; word < out / 4; ++word)
        b.store(b.splat(one, 0), result, b.add(place, word));
    });
  }

private:
  SmallVector<int64_t, 4> in;
  int64_t out;
};
} // namespace

std::unique_ptr<Kernel> makeArgmax(ConfigReader &config) {
  return std::make_unique<Argmax>(config);
}

} // namespace adfc::kernels
