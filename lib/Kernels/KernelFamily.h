//===- KernelFamily.h - What each kind of kernel provides -----------------===//
//
// A new kind of kernel is one new file, and its line in KernelFamily.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_KERNELS_KERNELFAMILY_H
#define ADFC_KERNELS_KERNELFAMILY_H

#include "Kernels/Config.h"
#include "Kernels/KernelBuilder.h"
#include "Kernels/Kernels.h"

#include <memory>

namespace adfc::kernels {

struct Target;

/// One specialisation whose configuration has been read.
class Kernel {
public:
  virtual ~Kernel() = default;

  virtual KernelInterface interface() const = 0;

  /// Builds the body of the kernel's function. `buffers` are flat byte memrefs of the extents that
  /// `interface` states, which never overlap; `immediates` are i32. May leave contractions for
  /// `target`'s micro-kernels.
  virtual void emit(KernelBuilder &b, mlir::ValueRange buffers, mlir::ValueRange immediates,
                    const Target &target) const = 0;
};

/// Reads `config` into a kernel; the reader keeps what is wrong with it, and the kernel is then not
/// used.
using KernelFactory = std::unique_ptr<Kernel> (*)(ConfigReader &config);

std::unique_ptr<Kernel> makeAdd(ConfigReader &config);
std::unique_ptr<Kernel> makeAddSums(ConfigReader &config);
std::unique_ptr<Kernel> makeArgmax(ConfigReader &config);
std::unique_ptr<Kernel> makeConv2D(ConfigReader &config);
std::unique_ptr<Kernel> makeConv2DWide(ConfigReader &config);
std::unique_ptr<Kernel> makeCopy(ConfigReader &config);
std::unique_ptr<Kernel> makeCustom(ConfigReader &config);
std::unique_ptr<Kernel> makeDepthwiseConv2D(ConfigReader &config);
std::unique_ptr<Kernel> makeDepthwiseConv2DWide(ConfigReader &config);
std::unique_ptr<Kernel> makeGather(ConfigReader &config);
std::unique_ptr<Kernel> makeMatmul(ConfigReader &config);
std::unique_ptr<Kernel> makeMaxPool2D(ConfigReader &config);
std::unique_ptr<Kernel> makeMaximum(ConfigReader &config);
std::unique_ptr<Kernel> makeMean2D(ConfigReader &config);
std::unique_ptr<Kernel> makeMinimum(ConfigReader &config);
std::unique_ptr<Kernel> makeMul(ConfigReader &config);
std::unique_ptr<Kernel> makeRowwise(ConfigReader &config);
std::unique_ptr<Kernel> makeRescale(ConfigReader &config);
std::unique_ptr<Kernel> makeResize(ConfigReader &config);
std::unique_ptr<Kernel> makeSlice(ConfigReader &config);
std::unique_ptr<Kernel> makeSub(ConfigReader &config);
std::unique_ptr<Kernel> makeTable(ConfigReader &config);

/// The checked kernel of a specification; fails as `describeKernel`.
llvm::Expected<std::unique_ptr<Kernel>> makeKernel(const KernelSpec &spec);

} // namespace adfc::kernels

#endif // ADFC_KERNELS_KERNELFAMILY_H
