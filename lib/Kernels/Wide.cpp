//===- Wide.cpp - What kernels on int16 activations share -----------------===//
#include "Kernels/Wide.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace adfc::kernels {

Value WideParameters::finish(KernelBuilder &b, Value sums, Value channel,
                             const Clamp &clamp) const {
  int64_t lanes = cast<VectorType>(sums.getType()).getNumElements();
  Value total = arith::AddIOp::create(b, sums, b.load(lanes, bias, channel));
  return clamp.emit(
      b, emitRescale(b, total, b.load(lanes, multiplier, channel), b.load(lanes, shift, channel)));
}

} // namespace adfc::kernels
