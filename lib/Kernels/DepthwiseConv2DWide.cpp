//===- DepthwiseConv2DWide.cpp - depthwise_conv2d_wide: int16 in and out --===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Target.h"
#include "Kernels/Wide.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// As depthwise_conv2d, of int16 activations: the configuration counts bytes. A block of weights is
/// bias i64[c], multiplier i32[c], shift i32[c], then weights i8 [kh][kw][c], and c bytes that
/// nothing reads where kh * kw is odd: a block is whole words.
class DepthwiseConv2DWide : public Kernel {
public:
  explicit DepthwiseConv2DWide(ConfigReader &config)
      : clamp(Clamp::read(config, "clamp", /*wide=*/true)) {
    in = config.integers("in", 3, 1, 1 << 16);
    kernel = config.integers("kernel", 2, 1, 1 << 10);
    stride = config.integers("stride", 2, 1, 1 << 10);
    dilation = config.integers("dilation", 2, 1, 1 << 10);
    out = config.integers("out", 3, 1, 1 << 16);
    channels = in[2] / 2;
    config.require(out[2] == in[2], "'out' must have the channels of 'in'");
    config.require(in[2] % 4 == 0, "the channels must be whole words; pad them with zeros");
    for (unsigned axis : {0, 1})
      config.require(
          (out[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1 <= in[axis],
          "'in' must have (out - 1) * stride + (kernel - 1) * dilation + 1 rows and columns");
    auto fits = [&](int64_t a, int64_t b) { return a * b <= (1 << 20) / in[2]; };
    config.require(fits(in[0], in[1]) && fits(out[0], out[1]) && fits(kernel[0], kernel[1]),
                   "the window is larger than any tile's memory");
  }

  KernelInterface interface() const override {
    return {{{"act", in[0] * in[1] * in[2]},
             {"weights", (wideParameterBytes + (kernel[0] * kernel[1] + 1) / 2 * 2) * channels},
             {"out", out[0] * out[1] * out[2], true}},
            {}};
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &target) const override {
    WideParameters parameters(b, buffers[1], channels);
    Value act = b.typed(buffers[0], 0, b.getI16Type(), in[0] * in[1] * channels);
    Value result = b.typed(buffers[2], 0, b.getI16Type(), out[0] * out[1] * channels);
    b.forEachVector(channels, target.vectorBytes / 4, [&](Value c, int64_t lanes) {
      b.forEach(out[0], 1, [&](Value y) {
        b.forEach(out[1], 1, [&](Value x) {
          Value sum = sums(b, act, buffers[1], y, x, c, lanes);
          Value place = b.add(b.mul(b.add(b.mul(y, out[1]), x), channels), c);
          b.store(parameters.finish(b, sum, c, clamp), result, place);
        });
      });
    });
  }

private:
  /// The i64 sum, without bias, of the channels from `c` of one pixel.
  Value sums(KernelBuilder &b, Value act, Value weights, Value y, Value x, Value c,
             int64_t lanes) const {
    // A row of the kernel fits int32, and so do all rows of most.
    bool narrow = kernel[0] * kernel[1] <= safeProducts;
    Type type = narrow ? b.getI32Type() : b.getI64Type();
    KernelBuilder::Values zeros{b.splat(b.vectorType(lanes, type), 0)};
    Value total = b.reduce(kernel[0], zeros, [&](Value ky, ValueRange row) {
      return b.reduce(kernel[1], row, [&](Value kx, ValueRange carried) {
        Value tap = b.mul(b.add(b.mul(ky, kernel[1]), kx), channels);
        Value weight = b.load(lanes, weights, b.add(b.add(tap, c), wideParameterBytes * channels));
        Value inRow = b.add(b.mul(y, stride[0]), b.mul(ky, dilation[0]));
        Value inCol = b.add(b.mul(x, stride[1]), b.mul(kx, dilation[1]));
        Value at = b.add(b.mul(b.add(b.mul(inRow, in[1]), inCol), channels), c);
        Value product =
            arith::MulIOp::create(b, emitExtend(b, b.load(lanes, act, at), b.getI32Type()),
                                  emitExtend(b, weight, b.getI32Type()));
        return KernelBuilder::Values{
            arith::AddIOp::create(b, carried[0], emitExtend(b, product, type))};
      });
    })[0];
    return emitExtend(b, total, b.getI64Type());
  }

  SmallVector<int64_t, 4> in, kernel, stride, dilation, out;
  int64_t channels = 0;
  Clamp clamp;
};
} // namespace

std::unique_ptr<Kernel> makeDepthwiseConv2DWide(ConfigReader &config) {
  return std::make_unique<DepthwiseConv2DWide>(config);
}

} // namespace adfc::kernels
