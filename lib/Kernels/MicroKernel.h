//===- MicroKernel.h - How an instruction set does a contraction ----------===//
//
// A micro-kernel lowers one contraction (Contraction.h) whose accumulators fit the registers. A new
// instruction set is a new subclass in its own file, and its line in Target.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_KERNELS_MICROKERNEL_H
#define ADFC_KERNELS_MICROKERNEL_H

#include "Kernels/Contraction.h"

#include "llvm/Support/Error.h"

namespace adfc::kernels {

struct Target;

/// Most accumulators (i32) of a tile of any micro-kernel: four AMX tiles.
constexpr int64_t maxTileAccumulators = 1024;

/// Output pixels and channels that one contraction covers.
struct TileShape {
  int64_t rows = 1, cols = 1, channels = 16;
};

class MicroKernel {
public:
  virtual ~MicroKernel() = default;

  virtual llvm::StringRef name() const = 0;

  /// What the instructions add to each activation: 128 where they take unsigned bytes, else 0.
  virtual int64_t activationOffset() const { return 0; }

  /// Adds the four bytes of each channel's weights (vector of 4n i8) to `sums` (vector of n i32);
  /// n is the micro-kernel's number of lanes. Asked only of one with an activation offset.
  virtual mlir::Value sumWeights(KernelBuilder &b, mlir::Value sums, mlir::Value weights) const;

  /// Whether it can unpack weights of four bits.
  virtual bool takesPacked() const { return false; }

  /// Whether all its tiles in one function must have as many columns.
  virtual bool hasFixedColumns() const { return false; }

  /// The tile to cut `whole` into; nothing where this micro-kernel would not pay. No extent exceeds
  /// that of `whole`; its channels are 8 or a multiple of 16.
  virtual std::optional<TileShape> chooseTile(const ContractionShape &whole) const = 0;

  /// Builds what replaces `contraction`, whose extents are those of a chosen tile.
  virtual void lower(KernelBuilder &b, const Contraction &contraction) const = 0;
};

const MicroKernel &portableMicroKernel();
const MicroKernel &vnniMicroKernel();
const MicroKernel &halfVnniMicroKernel();
const MicroKernel &amxMicroKernel();

/// Micro-kernels in order of preference; the last takes every contraction.
using MicroKernels = llvm::ArrayRef<const MicroKernel *>;

/// The first of `candidates` that takes `whole`, and the tile it wants.
std::pair<const MicroKernel *, TileShape> chooseMicroKernel(MicroKernels candidates,
                                                            const ContractionShape &whole);

/// Replaces every contraction below `root` by what its micro-kernel builds.
llvm::Error lowerContractions(mlir::Operation *root, const Target &target);

} // namespace adfc::kernels

#endif // ADFC_KERNELS_MICROKERNEL_H
