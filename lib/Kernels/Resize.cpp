//===- Resize.cpp - resize: nearest neighbour and bilinear ----------------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Rescale.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// TOSA 1.0 RESIZE of a window. Output o of the window lies at (o * d + offset) / n of the input,
/// counted from the window's first position, floor(offset / n). Positions that are padding (their
/// number differs from call to call: immediates) are the nearest ones of the image.
class Resize : public Kernel {
public:
  explicit Resize(ConfigReader &config) : bilinear(config.flag("bilinear")) {
    auto in = config.integers("in", 3, 1, 1 << 16);
    auto out = config.integers("out", 3, 1, 1 << 16);
    auto scale = config.integers("scale", 4, 0, 1 << 15);
    auto offset = config.integers("offset", 2, -(1 << 15), 1 << 15);
    rows = {in[0], out[0], scale[0], scale[1], offset[0]};
    cols = {in[1], out[1], scale[2], scale[3], offset[1]};
    config.require(rows.n > 0 && cols.n > 0, "'scale' must be [n, d, n, d] with n above 0");
    channels = in[2];
    rescale = FixedRescale::read(config, "rescale");
    clamp = Clamp::read(config, "clamp");
    config.require(out[2] == channels, "'out' must have the channels of 'in'");
    config.require(rows.n > 0 && cols.n > 0 && rows.fits() && cols.fits(),
                   "'in' must cover what 'out' reads");
    auto fits = [&](int64_t a, int64_t b) { return a * b <= (1 << 20) / channels; };
    config.require(fits(rows.in, cols.in) && fits(rows.out, cols.out),
                   "the window is larger than any tile's memory");
    config.require(rows.n * cols.n <= 1 << 22, "'scale' is too fine: sums may leave 32 bits");
  }

  KernelInterface interface() const override {
    return {{{"act", rows.in * cols.in * channels}, {"out", rows.out * cols.out * channels, true}},
            {"pad_top", "pad_bottom", "pad_left", "pad_right"}};
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange immediates,
            const Target &target) const override {
    b.forEach(rows.out, 1, [&](Value y) {
      Neighbours row = rows.neighbours(b, y, immediates[0], immediates[1]);
      b.forEach(cols.out, 1, [&](Value x) {
        Neighbours col = cols.neighbours(b, x, immediates[2], immediates[3]);
        Value out = b.mul(b.add(b.mul(y, cols.out), x), channels);
        b.forEachVector(channels, bilinear ? target.vectorBytes / 4 : target.vectorBytes,
                        [&](Value c, int64_t lanes) {
                          auto tap = [&](Value iy, Value ix) {
                            Value pixel = b.mul(b.add(b.mul(iy, cols.in), ix), channels);
                            return b.load(lanes, buffers[0], b.add(pixel, c));
                          };
                          Value result = bilinear ? mix(b, row, col, tap)
                                                  : tap(rows.nearest(b, row), cols.nearest(b, col));
                          b.store(result, buffers[1], b.add(out, c));
                        });
      });
    });
  }

private:
  /// The two input positions around an output position, and how far behind the first it lies.
  struct Neighbours {
    Value first, second; ///< index
    Value fraction;      ///< index: 0 to n - 1
  };

  struct Axis {
    int64_t in = 0, out = 0, n = 1, d = 1, offset = 0;

    /// The offset from the window's first position: 0 to n - 1.
    int64_t start() const { return (offset % n + n) % n; }
    bool fits() const { return ((out - 1) * d + start()) / n + 2 <= in; }

    Neighbours neighbours(KernelBuilder &b, Value o, Value padLow, Value padHigh) const {
      Value units = b.index(n), place = b.add(b.mul(o, d), start());
      Value whole = arith::DivUIOp::create(b, place, units);
      auto toIndex = [&](Value v) -> Value {
        return arith::IndexCastOp::create(b, b.getIndexType(), v);
      };
      Value low = toIndex(padLow);
      Value high = arith::SubIOp::create(b, b.index(in - 1), toIndex(padHigh));
      auto inside = [&](Value position) -> Value {
        Value valid = arith::MinSIOp::create(b, arith::MaxSIOp::create(b, position, low), high);
        // Whatever the immediates: within the window.
        Value least = arith::MaxSIOp::create(b, valid, b.index(0));
        return arith::MinSIOp::create(b, least, b.index(in - 1));
      };
      return {inside(whole), inside(b.add(whole, 1)), arith::RemUIOp::create(b, place, units)};
    }

    Value nearest(KernelBuilder &b, const Neighbours &at) const {
      Value half = b.index((n + 1) / 2);
      Value up = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, at.fraction, half);
      return arith::SelectOp::create(b, up, at.second, at.first);
    }
  };

  Value mix(KernelBuilder &b, const Neighbours &row, const Neighbours &col,
            function_ref<Value(Value, Value)> tap) const {
    auto between = [&](Value first, Value second, const Neighbours &at, const Axis &axis) -> Value {
      Type type = first.getType(), i32 = b.getI32Type();
      Value far = arith::IndexCastOp::create(b, i32, at.fraction);
      Value near = arith::SubIOp::create(b, arith::ConstantIntOp::create(b, i32, axis.n), far);
      auto weighted = [&](Value value, Value weight) -> Value {
        return arith::MulIOp::create(b, value, vector::BroadcastOp::create(b, type, weight));
      };
      return arith::AddIOp::create(b, weighted(first, near), weighted(second, far));
    };
    auto along = [&](Value iy) {
      auto wide = [&](Value ix) { return emitExtend(b, tap(iy, ix), b.getI32Type()); };
      return between(wide(col.first), wide(col.second), col, cols);
    };
    Value sum = between(along(row.first), along(row.second), row, rows);
    return clamp.emit(b, rescale.emit(b, sum, 128 * rows.n * cols.n));
  }

  bool bilinear;
  Axis rows, cols;
  int64_t channels = 0;
  FixedRescale rescale;
  Clamp clamp;
};
} // namespace

std::unique_ptr<Kernel> makeResize(ConfigReader &config) {
  return std::make_unique<Resize>(config);
}

} // namespace adfc::kernels
