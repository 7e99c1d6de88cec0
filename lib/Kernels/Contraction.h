//===- Contraction.h - The structured op at the heart of conv2d -----------===//
//
// A tile of a convolution is one linalg.generic over strided views:
//
//   acc[y][x][n] += sum over ry, rx, k, j of  (act[y][x][ry][rx][4k + j] + offset) *
//   weights[ry][rx][k][n][j]
//
// with act and weights i8, acc i32. (ry, rx) count the runs of bytes that lie contiguous in the
// activations' window: a row of the kernel (kernel width x channels), or one tap where taps are
// dilated apart. j walks the four bytes of a word, the unit that dot-product instructions take. The
// offset is 0, or 128 for instructions that want unsigned activations: whoever asks for that
// subtracts 128 x (sum of the weights) per channel elsewhere.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_KERNELS_CONTRACTION_H
#define ADFC_KERNELS_CONTRACTION_H

#include "Kernels/KernelBuilder.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace adfc::kernels {

class MicroKernel;

/// Extents of a contraction: pixels of the output, its channels, and what is summed over.
struct ContractionShape {
  int64_t rows = 1, cols = 1, channels = 16;
  int64_t runsY = 1, runsX = 1;
  int64_t words = 1; ///< four-byte words of a run

  int64_t steps() const { return runsY * runsX * words; }
};

/// A contraction op and its parts.
struct Contraction {
  mlir::linalg::GenericOp op;
  mlir::Value act, weights, acc;
  ContractionShape shape;
  bool packed = false; ///< weights are i4, two in a byte: j counts two bytes

  /// Stride of a dimension of one of the operands, in elements.
  static int64_t stride(mlir::Value memory, unsigned dimension);
};

/// Bytes of pairs of i4, the first in the lower bits -> twice as many i8.
mlir::Value emitUnpack(KernelBuilder &b, mlir::Value bytes);

/// Builds a contraction on views of ranks 5, 5 and 3 that `microKernel` is to lower.
void buildContraction(KernelBuilder &b, mlir::Value act, mlir::Value weights, mlir::Value acc,
                      const MicroKernel &microKernel);

/// The parts of `op` and the name of the micro-kernel that it is meant for, where it is a
/// contraction.
std::optional<std::pair<Contraction, llvm::StringRef>> matchContraction(mlir::linalg::GenericOp op);

} // namespace adfc::kernels

#endif // ADFC_KERNELS_CONTRACTION_H
