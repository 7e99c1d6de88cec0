//===- MicroKernel.cpp - How an instruction set does a contraction --------===//
#include "Kernels/MicroKernel.h"
#include "Kernels/Target.h"

using namespace mlir;

namespace adfc::kernels {

Value MicroKernel::sumWeights(KernelBuilder &, Value, Value) const {
  llvm_unreachable("only a micro-kernel with an activation offset sums weights");
}

std::pair<const MicroKernel *, TileShape> chooseMicroKernel(MicroKernels candidates,
                                                            const ContractionShape &whole) {
  for (const MicroKernel *microKernel : candidates)
    if (std::optional<TileShape> tile = microKernel->chooseTile(whole))
      return {microKernel, *tile};
  llvm_unreachable("the last micro-kernel of a target takes every contraction");
}

llvm::Error lowerContractions(Operation *root, const Target &target) {
  SmallVector<linalg::GenericOp> ops;
  root->walk([&](linalg::GenericOp op) { ops.push_back(op); });
  for (linalg::GenericOp op : ops) {
    auto match = matchContraction(op);
    if (!match)
      return llvm::createStringError("a linalg.generic among the kernels is no contraction");
    const auto *microKernel = llvm::find_if(
        target.microKernels, [&](const MicroKernel *m) { return m->name() == match->second; });
    if (microKernel == target.microKernels.end())
      return llvm::createStringError("target " + target.name + " has no micro-kernel '" +
                                     match->second + "'");
    KernelBuilder b(op.getLoc(), op);
    (*microKernel)->lower(b, match->first);
    op.erase();
  }
  return llvm::Error::success();
}

} // namespace adfc::kernels
