//===- Target.h - The instruction sets that kernels are compiled for ------===//
#ifndef ADFC_KERNELS_TARGET_H
#define ADFC_KERNELS_TARGET_H

#include "Kernels/Kernels.h"

#include "llvm/Support/CodeGen.h"

namespace adfc::kernels {

class MicroKernel;

struct Target {
  Isa isa;
  llvm::StringRef name;     ///< as in a section's name
  llvm::StringRef triple;   ///< LLVM's name of processor and binary format
  llvm::StringRef cpu;      ///< -mcpu
  llvm::StringRef features; ///< -mattr
  /// Small, or what makes code independent of its position within a page too.
  llvm::CodeModel::Model codeModel;
  int64_t vectorBytes; ///< of a vector register
  /// In order of preference; the last takes every contraction.
  llvm::SmallVector<const MicroKernel *, 2> microKernels;
};

const Target &getTarget(Isa isa);

} // namespace adfc::kernels

#endif // ADFC_KERNELS_TARGET_H
