//===- Mean2D.cpp - mean2d: average over height and width -----------------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Rescale.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// out[c] = clamp(rescale(sum of act[y][x][c])): the division is part of the rescale.
class Mean2D : public Kernel {
public:
  explicit Mean2D(ConfigReader &config)
      : rescale(FixedRescale::read(config, "rescale")), clamp(Clamp::read(config, "clamp")) {
    auto in = config.integers("in", 3, 1, 1 << 16);
    pixels = in[0] * in[1];
    channels = in[2];
    config.require(pixels * channels <= 1 << 20, "'in' is larger than any tile's memory");
  }

  KernelInterface interface() const override {
    return {{{"act", pixels * channels}, {"out", channels, true}}, {}};
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &target) const override {
    b.forEachVector(channels, target.vectorBytes, [&](Value channel, int64_t lanes) {
      Value zero = b.splat(b.vectorType(lanes, b.getI32Type()), 0);
      Value sum =
          b.reduce(pixels, zero, [&](Value pixel, ValueRange carried) -> KernelBuilder::Values {
            Value vector = b.load(lanes, buffers[0], b.add(b.mul(pixel, channels), channel));
            return {arith::AddIOp::create(b, carried[0], emitExtend(b, vector, b.getI32Type()))};
          })[0];
      b.store(clamp.emit(b, rescale.emit(b, sum, pixels * 128)), buffers[1], channel);
    });
  }

private:
  int64_t pixels = 0, channels = 0;
  FixedRescale rescale;
  Clamp clamp;
};
} // namespace

std::unique_ptr<Kernel> makeMean2D(ConfigReader &config) {
  return std::make_unique<Mean2D>(config);
}

} // namespace adfc::kernels
