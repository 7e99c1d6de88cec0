//===- DepthwiseConv2D.cpp - depthwise_conv2d: a kernel for each channel --===//
//
// Channels are the lanes of vectors, and a few neighbouring pixels share each load of weights.
//
//===----------------------------------------------------------------------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Rescale.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// Bytes of one channel's bias, multiplier and shift at the start of a block of weights.
constexpr int64_t parameterBytes = 12;
/// Pixels of one row that are computed together: with two vectors of sums each, half of the
/// registers of a machine that has 16.
constexpr int64_t pixelsAtOnce = 4;

/// One of the two dimensions of the window.
struct Axis {
  int64_t in = 0, kernel = 0, stride = 0, dilation = 0, out = 0;

  bool fits() const { return (out - 1) * stride + (kernel - 1) * dilation + 1 <= in; }
};

/// out[y][x][c] = clamp(rescale(bias[c] + sum of act[y*sh + ky*dh][x*sw + kx*dw][c] *
/// weights[ky][kx][c])). A block of weights is bias i32[c], multiplier i32[c], shift i32[c], then
/// weights i8 [kh][kw][c].
class DepthwiseConv2D : public Kernel {
public:
  explicit DepthwiseConv2D(ConfigReader &config) : clamp(Clamp::read(config, "clamp")) {
    auto in = config.integers("in", 3, 1, 1 << 16);
    auto kernel = config.integers("kernel", 2, 1, 1 << 10);
    auto stride = config.integers("stride", 2, 1, 1 << 10);
    auto dilation = config.integers("dilation", 2, 1, 1 << 10);
    auto out = config.integers("out", 3, 1, 1 << 16);
    rows = {in[0], kernel[0], stride[0], dilation[0], out[0]};
    cols = {in[1], kernel[1], stride[1], dilation[1], out[1]};
    channels = in[2];
    config.require(out[2] == channels, "'out' must have the channels of 'in'");
    config.require(channels % 4 == 0, "the channels must be a multiple of 4; pad them with zeros");
    config.require(rows.fits() && cols.fits(),
                   "'in' must have (out - 1) * stride + (kernel - 1) * dilation + 1 rows and "
                   "columns");
    auto fits = [&](int64_t a, int64_t b) { return a * b <= (1 << 20) / channels; };
    config.require(fits(rows.in, cols.in) && fits(rows.out, cols.out) &&
                       fits(rows.kernel, cols.kernel),
                   "the window is larger than any tile's memory");
  }

  KernelInterface interface() const override {
    return {{{"act", rows.in * cols.in * channels},
             {"weights", (parameterBytes + rows.kernel * cols.kernel) * channels},
             {"out", rows.out * cols.out * channels, true}},
            {}};
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange, const Target &target) const override {
    // Two vectors of 32-bit sums.
    b.forEachVector(channels, target.vectorBytes / 2, [&](Value c, int64_t lanes) {
      b.forEach(rows.out, 1, [&](Value y) {
        b.forEachVector(cols.out, pixelsAtOnce, [&](Value x, int64_t pixels) {
          store(b, buffers, y, x, c, sums(b, buffers, y, x, c, lanes, pixels));
        });
      });
    });
  }

private:
  /// The i32 sums, without bias, of `pixels` pixels from (y, x).
  KernelBuilder::Values sums(KernelBuilder &b, ValueRange buffers, Value y, Value x, Value c,
                             int64_t lanes, int64_t pixels) const {
    KernelBuilder::Values zeros(pixels, b.splat(b.vectorType(lanes, b.getI32Type()), 0));
    return b.reduce(rows.kernel, zeros, [&](Value ky, ValueRange row) {
      return b.reduce(cols.kernel, row, [&](Value kx, ValueRange carried) {
        Value place = b.add(b.mul(b.add(b.mul(ky, cols.kernel), kx), channels),
                            b.add(c, parameterBytes * channels));
        Value weights = load16(b, lanes, buffers[1], place);
        Value inRow = b.add(b.mul(y, rows.stride), b.mul(ky, rows.dilation));
        Value inCol = b.add(b.mul(x, cols.stride), b.mul(kx, cols.dilation));
        Value first = b.add(b.mul(b.add(b.mul(inRow, cols.in), inCol), channels), c);
        KernelBuilder::Values next;
        for (int64_t pixel = 0; pixel < pixels; ++pixel) {
          Value act = load16(b, lanes, buffers[0], b.add(first, pixel * cols.stride * channels));
          // A product of two bytes fits in 16 bits.
          Value product = arith::MulIOp::create(b, act, weights);
          next.push_back(
              arith::AddIOp::create(b, carried[pixel], emitExtend(b, product, b.getI32Type())));
        }
        return next;
      });
    });
  }

  void store(KernelBuilder &b, ValueRange buffers, Value y, Value x, Value c,
             ValueRange sums) const {
    Type i32 = b.getI32Type();
    auto parameter = [&](int64_t which, int64_t lanes) {
      return b.load(lanes, b.typed(buffers[1], 4 * which * channels, i32, channels), c);
    };
    for (auto [pixel, sum] : llvm::enumerate(sums)) {
      int64_t lanes = cast<VectorType>(sum.getType()).getNumElements();
      Value total = arith::AddIOp::create(b, sum, parameter(0, lanes));
      Value scaled = emitRescale(b, total, parameter(1, lanes), parameter(2, lanes));
      Value place = b.add(b.mul(b.add(b.add(b.mul(y, cols.out), x), pixel), channels), c);
      b.store(clamp.emit(b, scaled), buffers[2], place);
    }
  }

  static Value load16(KernelBuilder &b, int64_t lanes, Value memory, Value place) {
    return emitExtend(b, b.load(lanes, memory, place), b.getI16Type());
  }

  Axis rows, cols;
  int64_t channels = 0;
  Clamp clamp;
};
} // namespace

std::unique_ptr<Kernel> makeDepthwiseConv2D(ConfigReader &config) {
  return std::make_unique<DepthwiseConv2D>(config);
}

} // namespace adfc::kernels
