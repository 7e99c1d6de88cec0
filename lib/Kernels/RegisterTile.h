//===- RegisterTile.h - Contractions in vector registers ------------------===//
#ifndef ADFC_KERNELS_REGISTERTILE_H
#define ADFC_KERNELS_REGISTERTILE_H

#include "Kernels/MicroKernel.h"

namespace adfc::kernels {

/// A micro-kernel that keeps the whole tile's accumulators in vector registers, broadcasts one word
/// (four bytes) of a pixel's activations at a time and multiplies it with the weights of `lanes()`
/// channels. Subclasses say how one such step is done and how many accumulators there is room for.
class RegisterTile : public MicroKernel {
public:
  std::optional<TileShape> chooseTile(const ContractionShape &whole) const override;
  void lower(KernelBuilder &b, const Contraction &contraction) const override;
  bool takesPacked() const override { return true; }

protected:
  /// Channels of one accumulator.
  virtual int64_t lanes() const = 0;
  /// Most accumulators of a tile.
  virtual int64_t maxAccumulators() const = 0;
  /// Channels of a tile to choose from, in multiples of `lanes()`, widest first.
  virtual llvm::ArrayRef<int64_t> channelGroups() const = 0;
  /// Estimated cycles of one step of a tile of `pixels` x `groups` accumulators.
  virtual double stepCost(int64_t pixels, int64_t groups) const = 0;

  /// The accumulator's initial value; the sum in memory is added by `finish`.
  virtual mlir::Value zero(KernelBuilder &b) const = 0;
  /// Prepares the weights of `lanes()` channels (vector of 4 * lanes() i8) for `dot`.
  virtual mlir::Value prepareWeights(KernelBuilder &b, mlir::Value weights) const {
    return weights;
  }
  /// Prepares a broadcast activation word (vector of 4 * lanes() i8) for `dot`.
  virtual mlir::Value prepareActivations(KernelBuilder &b, mlir::Value activations) const {
    return activations;
  }
  virtual mlir::Value dot(KernelBuilder &b, mlir::Value acc, mlir::Value activations,
                          mlir::Value weights) const = 0;
  /// The accumulator as `lanes()` sums of i32.
  virtual mlir::Value finish(KernelBuilder &b, mlir::Value acc) const { return acc; }
};

} // namespace adfc::kernels

#endif // ADFC_KERNELS_REGISTERTILE_H
