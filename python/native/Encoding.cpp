//===- Encoding.cpp -------------------------------------------------------===//
#include "Encoding.h"

#include "Kernels/CApi.h"
#include "Target/NativeObject.h"
#include "Transforms/ApplySchedule/GraphJson.h"

using namespace adfc::python;

/// What `make` makes of the module; throws what it reports.
template <typename Make> static auto valueOf(Module &module, Make make) {
  DiagnosticCollector collector(module.getContext());
  auto value = make(module.get());
  if (mlir::failed(value))
    throw MLIRError("", collector.take());
  return std::move(*value);
}

adfc::rcb::ImageContents adfc::python::encode(Module &module) {
  return valueOf(module, rcb::encodeImage);
}

std::string adfc::python::graphJson(Module &module) { return adfc::graphJson(module.get()); }

std::string adfc::python::nativeIR(Module &module) { return valueOf(module, adfc::nativeIR); }

std::string adfc::python::nativeObject(Module &module) {
  return valueOf(module, adfc::nativeObject);
}

std::string adfc::python::compileKernels(const std::string &kernels, const std::string &isa) {
  adfc_kernel_result result = adfc_compile_kernels_json(kernels.c_str(), isa.c_str());
  std::string bytes(reinterpret_cast<const char *>(result.data), result.size);
  int32_t status = result.status;
  adfc_kernel_result_free(result);
  if (status)
    throw MLIRError(bytes, {});
  return bytes;
}
