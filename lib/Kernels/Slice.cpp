//===- Slice.cpp - slice: copies some channels of each pixel --------------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// out[pixel][to + i] = act[pixel][from + i] for i < count; `from` and `to` are immediates. Takes a
/// core's own channels out of a window that it shares with others, and joins tiles of channels.
class Slice : public Kernel {
public:
  explicit Slice(ConfigReader &config)
      : pixels(config.integer("pixels", 1, 1 << 20)),
        channels(config.integer("channels", 1, 1 << 16)),
        outChannels(config.integer("out_channels", 1, 1 << 16)),
        count(config.integer("count", 1, 1 << 16)) {
    config.require(count <= channels && count <= outChannels,
                   "'count' must be at most 'channels' and 'out_channels'");
    config.require(pixels <= (1 << 20) / std::max(channels, outChannels),
                   "the window is larger than any tile's memory");
  }

  KernelInterface interface() const override {
    return {{{"act", pixels * channels}, {"out", pixels * outChannels, true}}, {"from", "to"}};
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange immediates,
            const Target &target) const override {
    // Whatever the immediates say, nothing outside of the buffers is touched.
    auto within = [&](Value immediate, int64_t most) -> Value {
      Value limit = arith::ConstantIntOp::create(b, b.getI32Type(), most);
      Value cut = arith::MinUIOp::create(b, immediate, limit);
      return arith::IndexCastUIOp::create(b, b.getIndexType(), cut);
    };
    Value first = within(immediates[0], channels - count);
    Value place = within(immediates[1], outChannels - count);
    b.forEach(pixels, 1, [&](Value pixel) {
      Value from = b.add(b.mul(pixel, channels), first);
      Value to = b.add(b.mul(pixel, outChannels), place);
      b.forEachVector(count, target.vectorBytes, [&](Value i, int64_t lanes) {
        b.store(b.load(lanes, buffers[0], b.add(from, i)), buffers[1], b.add(to, i));
      });
    });
  }

private:
  int64_t pixels, channels, outChannels, count;
};
} // namespace

std::unique_ptr<Kernel> makeSlice(ConfigReader &config) { return std::make_unique<Slice>(config); }

} // namespace adfc::kernels
