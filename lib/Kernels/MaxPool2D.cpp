//===- MaxPool2D.cpp - max_pool2d: maximum over a sliding window ----------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// out[y][x][c] = max of act[y*sh + ky][x*sw + kx][c] over the taps that are no padding. How many
/// rows and columns of the window are padding differs from call to call, so they are immediates. A
/// position all of whose taps are padding gives -128. Of 'absent' [left, right], so many columns of
/// the window are padding in all calls, and 'in' does not have them.
class MaxPool2D : public Kernel {
public:
  explicit MaxPool2D(ConfigReader &config) {
    auto in = config.integers("in", 3, 1, 1 << 16);
    auto kernel = config.integers("kernel", 2, 1, 1 << 10);
    auto stride = config.integers("stride", 2, 1, 1 << 10);
    auto out = config.integers("out", 3, 1, 1 << 16);
    rows = {in[0], kernel[0], stride[0], out[0]};
    cols = {in[1], kernel[1], stride[1], out[1]};
    if (config.has("absent")) {
      auto absent = config.integers("absent", 2, 0, 1 << 10);
      cols.before = absent[0];
      cols.after = absent[1];
    }
    channels = in[2];
    config.require(out[2] == channels, "'out' must have the channels of 'in'");
    config.require(rows.fits() && cols.fits(),
                   "'in' must cover (out - 1) * stride + kernel rows and columns");
    config.require(in[0] * in[1] <= (1 << 20) / channels, "'in' is larger than any tile's memory");
  }

  KernelInterface interface() const override {
    return {{{"act", rows.in * cols.in * channels}, {"out", rows.out * cols.out * channels, true}},
            {"pad_top", "pad_bottom", "pad_left", "pad_right"}};
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange immediates,
            const Target &target) const override {
    b.forEach(rows.out, 1, [&](Value y) {
      auto [rowLow, rowHigh] = rows.taps(b, y, immediates[0], immediates[1]);
      b.forEach(cols.out, 1, [&, rowLow = rowLow, rowHigh = rowHigh](Value x) {
        auto [colLow, colHigh] = cols.taps(b, x, immediates[2], immediates[3]);
        Value pixel = b.mul(b.add(b.mul(y, cols.out), x), channels);
        b.forEachVector(
            channels, target.vectorBytes,
            [&, colLow = colLow, colHigh = colHigh](Value c, int64_t lanes) {
              Value lowest = b.splat(b.vectorType(lanes, b.getI8Type()), -128);
              auto row = [&](Value ky, ValueRange carried) {
                return b.reduce(
                    colLow, colHigh, carried,
                    [&](Value kx, ValueRange best) -> KernelBuilder::Values {
                      Value place = b.add(b.mul(b.add(b.mul(ky, cols.in), kx), channels), c);
                      return {arith::MaxSIOp::create(b, best[0], b.load(lanes, buffers[0], place))};
                    });
              };
              b.store(b.reduce(rowLow, rowHigh, lowest, row)[0], buffers[1], b.add(pixel, c));
            });
      });
    });
  }

private:
  /// One of the two dimensions of the window.
  struct Axis {
    int64_t in = 0, kernel = 0, stride = 0, out = 0;
    int64_t before = 0, after = 0; ///< positions of the window that are not in memory

    bool fits() const { return (out - 1) * stride + kernel <= before + in + after; }

    /// First and past-the-end input position of the taps of output position `o` that are no
    /// padding.
    std::pair<Value, Value> taps(KernelBuilder &b, Value o, Value padLow, Value padHigh) const {
      auto toIndex = [&](Value v) -> Value {
        return arith::IndexCastOp::create(b, b.getIndexType(), v);
      };
      Value first = arith::SubIOp::create(b, b.mul(o, stride), b.index(before));
      Value end = b.add(first, kernel);
      // Whatever the immediates are, nothing is read that is not in memory.
      if (before)
        first = arith::MaxSIOp::create(b, first, b.index(0));
      if (after)
        end = arith::MinSIOp::create(b, end, b.index(in));
      Value valid = arith::SubIOp::create(b, b.index(in), toIndex(padHigh));
      return {arith::MaxSIOp::create(b, first, toIndex(padLow)),
              arith::MinSIOp::create(b, end, valid)};
    }
  };

  Axis rows, cols;
  int64_t channels = 0;
};
} // namespace

std::unique_ptr<Kernel> makeMaxPool2D(ConfigReader &config) {
  return std::make_unique<MaxPool2D>(config);
}

} // namespace adfc::kernels
