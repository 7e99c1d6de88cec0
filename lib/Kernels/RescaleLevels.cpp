//===- RescaleLevels.cpp - rescale: between int8 and int16 ----------------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Rescale.h"
#include "Kernels/Target.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// out[i] = clamp(rescale(in[i])). `in` and `out` are [pixels, bytes of a pixel], which may end in
/// padding; elements are int16 with `wide_input` and `wide_output`, else int8.
class RescaleLevels : public Kernel {
public:
  explicit RescaleLevels(ConfigReader &config)
      : inBytes(config.flag("wide_input") ? 2 : 1), outBytes(config.flag("wide_output") ? 2 : 1),
        in(config.integers("in", 2, 1, 1 << 20)), out(config.integers("out", 2, 1, 1 << 20)),
        rescale(FixedRescale::read(config, "rescale")),
        clamp(Clamp::read(config, "clamp", outBytes == 2)) {
    config.require(in[0] == out[0], "'in' and 'out' must have as many pixels");
    config.require(in[1] % 4 == 0 && out[1] % 4 == 0, "pixels must be whole words; pad them");
    config.require(in[0] <= (1 << 20) / in[1] && out[0] <= (1 << 20) / out[1],
                   "the window is larger than any tile's memory");
  }

  KernelInterface interface() const override {
    return {{{"act", in[0] * in[1]}, {"out", out[0] * out[1], true}}, {}};
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &target) const override {
    int64_t read = in[1] / inBytes, written = out[1] / outBytes, both = std::min(read, written);
    auto typed = [&](Value buffer, int64_t bytes, int64_t count) {
      return bytes == 1 ? buffer : b.typed(buffer, 0, b.getI16Type(), count);
    };
    Value source = typed(buffers[0], inBytes, in[0] * read);
    Value result = typed(buffers[1], outBytes, out[0] * written);
    b.forEach(in[0], 1, [&](Value pixel) {
      b.forEachVector(both, target.vectorBytes / 4, [&](Value c, int64_t lanes) {
        Value levels =
            emitExtend(b, b.load(lanes, source, b.add(b.mul(pixel, read), c)), b.getI32Type());
        Value scaled = rescale.emit(b, levels, inBytes == 2 ? 32768 : 128);
        b.store(clamp.emit(b, scaled), result, b.add(b.mul(pixel, written), c));
      });
      // Padding of the result, which nothing reads as values.
      b.forEachVector(written - both, 4, [&](Value c, int64_t lanes) {
        Type element = b.getIntegerType(8 * static_cast<unsigned>(outBytes));
        b.store(b.splat(b.vectorType(lanes, element), 0), result,
                b.add(b.add(b.mul(pixel, written), both), c));
      });
    });
  }

private:
  int64_t inBytes, outBytes;
  SmallVector<int64_t, 4> in, out;
  FixedRescale rescale;
  Clamp clamp;
};
} // namespace

std::unique_ptr<Kernel> makeRescale(ConfigReader &config) {
  return std::make_unique<RescaleLevels>(config);
}

} // namespace adfc::kernels
