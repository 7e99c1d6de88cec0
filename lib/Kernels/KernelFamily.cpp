//===- KernelFamily.cpp - The kinds of kernel -----------------------------===//
#include "Kernels/KernelFamily.h"

#include "llvm/ADT/StringExtras.h"

namespace adfc::kernels {

namespace {
struct KernelFamily {
  llvm::StringLiteral kind;
  KernelFactory make;
};
} // namespace

static constexpr KernelFamily families[] = {
    {"add", makeAdd},
    {"add_sums", makeAddSums},
    {"argmax", makeArgmax},
    {"conv2d", makeConv2D},
    {"conv2d_wide", makeConv2DWide},
    {"copy", makeCopy},
    {"custom", makeCustom},
    {"depthwise_conv2d", makeDepthwiseConv2D},
    {"depthwise_conv2d_wide", makeDepthwiseConv2DWide},
    {"gather", makeGather},
    {"matmul", makeMatmul},
    {"max_pool2d", makeMaxPool2D},
    {"maximum", makeMaximum},
    {"mean2d", makeMean2D},
    {"minimum", makeMinimum},
    {"mul", makeMul},
    {"rescale", makeRescale},
    {"resize", makeResize},
    {"rowwise", makeRowwise},
    {"slice", makeSlice},
    {"sub", makeSub},
    {"table", makeTable},
};

std::vector<std::string> kernelKinds() {
  std::vector<std::string> kinds;
  for (const KernelFamily &family : families)
    kinds.push_back(family.kind.str());
  return kinds;
}

llvm::Expected<std::unique_ptr<Kernel>> makeKernel(const KernelSpec &spec) {
  const auto *family =
      llvm::find_if(families, [&](const KernelFamily &f) { return f.kind == spec.kind; });
  if (family == std::end(families))
    return llvm::createStringError("kernel '" + spec.name + "': no kernel of kind '" + spec.kind +
                                   "'; there are " + llvm::join(kernelKinds(), ", "));
  ConfigReader config(spec);
  std::unique_ptr<Kernel> kernel = family->make(config);
  if (llvm::Error error = config.finish())
    return error;
  return kernel;
}

llvm::Expected<KernelInterface> describeKernel(const KernelSpec &spec) {
  llvm::Expected<std::unique_ptr<Kernel>> kernel = makeKernel(spec);
  if (!kernel)
    return kernel.takeError();
  return (*kernel)->interface();
}

} // namespace adfc::kernels
