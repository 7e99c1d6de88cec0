//===- Conv2DWide.cpp - conv2d_wide: convolution of int16 activations -----===//
//
// Channels are the lanes of vectors. Products of neighbouring steps are added in int32 as long as
// they surely fit, these sums in int64: TOSA's int48 is never left by what it defines.
//
//===----------------------------------------------------------------------===//
#include "Kernels/KernelFamily.h"
#include "Kernels/Target.h"
#include "Kernels/Wide.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// Output pixels of a row that share each load of weights.
constexpr int64_t pixelsAtOnce = 4;

/// One convolution. Activations [ih][iw][ic] hold their zero padding already; they are int16 with
/// `wide_input`, the result with `wide_output`, else int8. The configuration counts channels in
/// bytes, the members in elements. A block of weights is bias i64[oc], multiplier i32[oc], shift
/// i32[oc], then weights i8 [kh][kw][ic][oc]. With `accumulate` sums i64 [oh][ow][oc] are kept.
class Conv2DWide : public Kernel {
public:
  explicit Conv2DWide(ConfigReader &config)
      : inBytes(config.flag("wide_input") ? 2 : 1), outBytes(config.flag("wide_output") ? 2 : 1),
        clamp(Clamp::read(config, "clamp", outBytes == 2)), accumulate(config.flag("accumulate")) {
    auto in = config.integers("in", 3, 1, 1 << 16);
    auto kernel = config.integers("kernel", 2, 1, 1 << 10);
    auto stride = config.integers("stride", 2, 1, 1 << 10);
    auto dilation = config.integers("dilation", 2, 1, 1 << 10);
    auto out = config.integers("out", 3, 1, 1 << 16);
    ih = in[0], iw = in[1], ic = in[2] / inBytes;
    kh = kernel[0], kw = kernel[1];
    strideY = stride[0], strideX = stride[1];
    dilationY = dilation[0], dilationX = dilation[1];
    oh = out[0], ow = out[1], oc = out[2] / outBytes;
    config.require(inBytes + outBytes > 2, "'wide_input' or 'wide_output' must be set");
    config.require(in[2] % 4 == 0, "the channels of 'in' must be whole words; pad them");
    config.require(out[2] % 8 == 0, "the channels of 'out' must be a multiple of 8; pad them");
    config.require(ih >= (oh - 1) * strideY + (kh - 1) * dilationY + 1,
                   "'in' must have (out - 1) * stride + (kernel - 1) * dilation + 1 rows");
    config.require(iw >= (ow - 1) * strideX + (kw - 1) * dilationX + 1,
                   "'in' must have (out - 1) * stride + (kernel - 1) * dilation + 1 columns");
    auto fits = [](int64_t a, int64_t b, int64_t c) { return a * b <= (1 << 20) / c; };
    config.require(fits(ih, iw, in[2]) && fits(oh, ow, out[2]) &&
                       fits(kh * kw, std::max<int64_t>(ic, 1), std::max<int64_t>(oc, 1)),
                   "the window is larger than any tile's memory");
  }

  KernelInterface interface() const override {
    KernelInterface result{{{"act", ih * iw * ic * inBytes},
                            {"weights", (wideParameterBytes + kh * kw * ic) * oc},
                            {"out", oh * ow * oc * outBytes, true}},
                           {}};
    if (accumulate) {
      result.buffers.push_back({"acc", 8 * oh * ow * oc, true});
      result.immediates = {"first", "last"};
    }
    return result;
  }

  void emit(KernelBuilder &b, ValueRange buffers, ValueRange immediates,
            const Target &target) const override {
    WideParameters parameters(b, buffers[1], oc);
    Value act = elements(b, buffers[0], inBytes, ih * iw * ic);
    Value out = elements(b, buffers[2], outBytes, oh * ow * oc);
    Value kept = accumulate ? b.typed(buffers[3], 0, b.getI64Type(), oh * ow * oc) : Value();
    Value first = accumulate ? isSet(b, immediates[0]) : Value();
    Value last = accumulate ? isSet(b, immediates[1]) : Value();
    b.forEachVector(oc, target.vectorBytes / 4, [&](Value channel, int64_t lanes) {
      b.forEach(oh, 1, [&](Value y) {
        b.forEachVector(ow, pixelsAtOnce, [&](Value x, int64_t pixels) {
          auto place = [&](int64_t pixel) {
            return b.add(b.mul(b.add(b.add(b.mul(y, ow), x), pixel), oc), channel);
          };
          KernelBuilder::Values sums = startOf(b, kept, first, place, lanes, pixels);
          sums = contract(b, act, buffers[1], y, x, channel, lanes, sums);
          auto finish = [&] {
            for (auto [pixel, sum] : llvm::enumerate(sums))
              b.store(parameters.finish(b, sum, channel, clamp), out, place(pixel));
          };
          if (!accumulate)
            return finish();
          for (auto [pixel, sum] : llvm::enumerate(sums))
            b.store(sum, kept, place(pixel));
          auto branch = scf::IfOp::create(b, last, /*withElseRegion=*/false);
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPointToStart(branch.thenBlock());
          finish();
        });
      });
    });
  }

private:
  static Value elements(KernelBuilder &b, Value buffer, int64_t bytes, int64_t count) {
    return bytes == 1 ? buffer : b.typed(buffer, 0, b.getI16Type(), count);
  }

  static Value isSet(KernelBuilder &b, Value immediate) {
    Value zero = arith::ConstantIntOp::create(b, b.getI32Type(), 0);
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, immediate, zero);
  }

  /// Zeros, or what was kept where this is not the first call.
  KernelBuilder::Values startOf(KernelBuilder &b, Value kept, Value first,
                                function_ref<Value(int64_t)> place, int64_t lanes,
                                int64_t pixels) const {
    Value zeros = b.splat(b.vectorType(lanes, b.getI64Type()), 0);
    KernelBuilder::Values sums;
    for (int64_t pixel = 0; pixel < pixels; ++pixel) {
      // What an earlier kernel left there is read, but not used.
      sums.push_back(accumulate ? Value(arith::SelectOp::create(b, first, zeros,
                                                                b.load(lanes, kept, place(pixel))))
                                : zeros);
    }
    return sums;
  }

  /// Adds all products of pixels from (y, x) and `lanes` output channels to `sums`.
  KernelBuilder::Values contract(KernelBuilder &b, Value act, Value weights, Value y, Value x,
                                 Value channel, int64_t lanes, KernelBuilder::Values sums) const {
    return b.reduce(kh, sums, [&](Value ky, ValueRange row) {
      return b.reduce(kw, row, [&](Value kx, ValueRange carried) {
        Value tap = b.add(b.mul(ky, kw), kx);
        Value inRow = b.add(b.mul(y, strideY), b.mul(ky, dilationY));
        Value inCol = b.add(b.mul(x, strideX), b.mul(kx, dilationX));
        Value pixel = b.mul(b.add(b.mul(inRow, iw), inCol), ic);
        Value weight = b.add(b.add(b.mul(tap, ic * oc), wideParameterBytes * oc), channel);
        KernelBuilder::Values next(carried);
        int64_t whole = ic / safeProducts * safeProducts;
        if (whole > 0)
          next = b.reduce(whole / safeProducts, next, [&](Value part, ValueRange wide) {
            return addPart(b, act, weights, b.add(pixel, b.mul(part, safeProducts)),
                           b.add(weight, b.mul(part, safeProducts * oc)), safeProducts, lanes,
                           wide);
          });
        if (whole < ic)
          next = addPart(b, act, weights, b.add(pixel, whole), b.add(weight, whole * oc),
                         ic - whole, lanes, next);
        return next;
      });
    });
  }

  /// Adds `count` products, which fit int32 together, to the int64 sums.
  KernelBuilder::Values addPart(KernelBuilder &b, Value act, Value weights, Value fromAct,
                                Value fromWeight, int64_t count, int64_t lanes,
                                ValueRange sums) const {
    auto narrow = b.vectorType(lanes, b.getI32Type());
    auto wide = b.vectorType(lanes, b.getI64Type());
    KernelBuilder::Values parts(sums.size(), b.splat(narrow, 0));
    parts = b.reduce(count, parts, [&](Value c, ValueRange carried) {
      Value row = b.load(lanes, weights, b.add(fromWeight, b.mul(c, oc)));
      Value weight = emitExtend(b, row, b.getI32Type());
      KernelBuilder::Values next;
      for (auto [pixel, sum] : llvm::enumerate(carried)) {
        Value at = b.add(b.add(fromAct, c), static_cast<int64_t>(pixel) * strideX * ic);
        Value one = emitExtend(b, b.load(1, act, at), b.getI32Type());
        Value level =
            vector::BroadcastOp::create(b, narrow, vector::ExtractOp::create(b, one, int64_t(0)));
        next.push_back(arith::AddIOp::create(b, sum, arith::MulIOp::create(b, level, weight)));
      }
      return next;
    });
    KernelBuilder::Values result;
    for (auto [sum, part] : llvm::zip_equal(sums, parts))
      result.push_back(arith::AddIOp::create(b, sum, arith::ExtSIOp::create(b, wide, part)));
    return result;
  }

  int64_t inBytes, outBytes;
  int64_t ih, iw, ic, kh, kw, strideY, strideX, dilationY, dilationX, oh, ow, oc;
  Clamp clamp;
  bool accumulate;
};
} // namespace

std::unique_ptr<Kernel> makeConv2DWide(ConfigReader &config) {
  return std::make_unique<Conv2DWide>(config);
}

} // namespace adfc::kernels
