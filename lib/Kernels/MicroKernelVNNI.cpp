//===- MicroKernelVNNI.cpp - Contractions by vpdpbusd ---------------------===//
//
// vpdpbusd multiplies unsigned by signed bytes and adds groups of four products to 16 i32, or to 8
// in half of a register (Intel SDM). Activations become unsigned by flipping their top bit, which
// adds 128.
//
//===----------------------------------------------------------------------===//
#include "Kernels/RegisterTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
class VnniMicroKernel : public RegisterTile {
public:
  VnniMicroKernel(StringRef name, StringRef intrinsic, int64_t width)
      : text(name), intrinsic(intrinsic), width(width) {}

  StringRef name() const override { return text; }
  int64_t activationOffset() const override { return 128; }

  Value sumWeights(KernelBuilder &b, Value sums, Value weights) const override {
    return dot(b, sums, b.splat(cast<VectorType>(weights.getType()), 1), weights);
  }

protected:
  int64_t lanes() const override { return width; }
  // Of 32 registers, 28 hold accumulators.
  int64_t maxAccumulators() const override { return 28; }
  ArrayRef<int64_t> channelGroups() const override {
    static constexpr int64_t groups[] = {4, 3, 2, 1};
    return groups;
  }
  double stepCost(int64_t pixels, int64_t groups) const override {
    // Two execution ports; a result is ready after 5 cycles (uops.info: VPDPBUSD_ZMM, Ice Lake).
    double ports = 0.5 * double(pixels * groups + pixels);
    return std::max(ports, 5.0) + 1.0;
  }

  Value zero(KernelBuilder &b) const override {
    return b.splat(b.vectorType(width, b.getI32Type()), 0);
  }

  Value prepareActivations(KernelBuilder &b, Value activations) const override {
    return arith::XOrIOp::create(b, activations,
                                 b.splat(cast<VectorType>(activations.getType()), -128));
  }

  Value dot(KernelBuilder &b, Value acc, Value activations, Value weights) const override {
    auto call = LLVM::CallIntrinsicOp::create(b, acc.getType(), b.getStringAttr(intrinsic),
                                              ValueRange{acc, activations, weights});
    return call.getResult(0);
  }

private:
  StringRef text, intrinsic;
  int64_t width;
};
} // namespace

const MicroKernel &vnniMicroKernel() {
  static const VnniMicroKernel microKernel("vnni", "llvm.x86.avx512.vpdpbusd.512", 16);
  return microKernel;
}

const MicroKernel &halfVnniMicroKernel() {
  static const VnniMicroKernel microKernel("vnni_half", "llvm.x86.avx512.vpdpbusd.256", 8);
  return microKernel;
}

} // namespace adfc::kernels
