//===- MicroKernelPortable.cpp - Contractions in plain vector operations --===//
//
// Nothing here names an instruction. The operations are arranged so that LLVM finds one where there
// is one: a sum of neighbouring products of sign-extended bytes is x86's pmaddwd.
//
//===----------------------------------------------------------------------===//
#include "Kernels/RegisterTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// An accumulator has two i32 for each of four channels: the products of bytes 0 and 1, and of
/// bytes 2 and 3.
class PortableMicroKernel : public RegisterTile {
public:
  StringRef name() const override { return "portable"; }

protected:
  int64_t lanes() const override { return 4; }
  // Of 16 registers of 16 bytes, 8 hold accumulators.
  int64_t maxAccumulators() const override { return 4; }
  ArrayRef<int64_t> channelGroups() const override {
    static constexpr int64_t groups[] = {2, 4};
    return groups;
  }
  double stepCost(int64_t pixels, int64_t groups) const override {
    return double(groups * 2 + pixels * 3 + pixels * groups * 4);
  }

  Value zero(KernelBuilder &b) const override {
    return b.splat(b.vectorType(8, b.getI32Type()), 0);
  }

  Value prepareWeights(KernelBuilder &b, Value weights) const override { return widen(b, weights); }
  Value prepareActivations(KernelBuilder &b, Value activations) const override {
    return widen(b, activations);
  }

  Value dot(KernelBuilder &b, Value acc, Value activations, Value weights) const override {
    Value products = arith::MulIOp::create(b, activations, weights);
    return arith::AddIOp::create(b, acc, addNeighbours(b, products));
  }

  Value finish(KernelBuilder &b, Value acc) const override { return addNeighbours(b, acc); }

private:
  static Value widen(KernelBuilder &b, Value bytes) {
    return arith::ExtSIOp::create(b, b.vectorType(16, b.getI32Type()), bytes);
  }

  /// Elements 0 + 1, 2 + 3, ...
  static Value addNeighbours(KernelBuilder &b, Value vector) {
    SmallVector<int64_t, 8> even, odd;
    for (int64_t i = 0, n = cast<VectorType>(vector.getType()).getNumElements(); i < n; i += 2) {
      even.push_back(i);
      odd.push_back(i + 1);
    }
    return arith::AddIOp::create(b, vector::ShuffleOp::create(b, vector, vector, even),
                                 vector::ShuffleOp::create(b, vector, vector, odd));
  }
};
} // namespace

const MicroKernel &portableMicroKernel() {
  static const PortableMicroKernel microKernel;
  return microKernel;
}

} // namespace adfc::kernels
