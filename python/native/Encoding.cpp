//===- Encoding.cpp -------------------------------------------------------===//
#include "Encoding.h"

#include "Kernels/CApi.h"
#include "Target/NativeObject.h"
#include "Transforms/ApplySchedule/GraphJson.h"

#include "llvm/Support/Endian.h"

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

/// Little-endian 32-bit words; a rest of fewer than 4 bytes is dropped.
static std::vector<uint32_t> wordsOf(std::string_view bytes) {
  std::vector<uint32_t> words(bytes.size() / 4);
  for (size_t i = 0; i < words.size(); ++i)
    words[i] = llvm::support::endian::read32le(&bytes[4 * i]);
  return words;
}

std::shared_ptr<Module> adfc::python::decode(std::shared_ptr<Context> context,
                                             std::string_view program,
                                             std::string_view corePrograms,
                                             std::array<int64_t, 4> bufferBytes,
                                             std::string_view loadProgram) {
  DiagnosticCollector collector(context->get());
  std::vector<uint32_t> programWords = wordsOf(program), coreWords = wordsOf(corePrograms);
  std::vector<uint32_t> loadWords = wordsOf(loadProgram);
  auto [input, output, arena, weights] = bufferBytes;
  auto module = rcb::decodeImage(
      context->get(), {programWords, loadWords, coreWords, input, output, arena, weights});
  if (mlir::failed(module))
    throw MLIRError("", collector.take());
  return std::make_shared<Module>(std::move(context), std::move(*module));
}

std::string adfc::python::graphJson(Module &module) { return adfc::graphJson(module.get()); }

std::string adfc::python::nativeIR(Module &module) { return valueOf(module, adfc::nativeIR); }

std::string adfc::python::nativeObject(Module &module) {
  return valueOf(module, adfc::nativeObject);
}

/// What the kernels' library returned, freed; throws its complaint.
static std::string take(adfc_kernel_result result) {
  std::string bytes(reinterpret_cast<const char *>(result.data), result.size);
  int32_t status = result.status;
  adfc_kernel_result_free(result);
  if (status)
    throw MLIRError(bytes, {});
  return bytes;
}

std::string adfc::python::compileKernels(const std::string &kernels, const std::string &isa) {
  return take(adfc_compile_kernels_json(kernels.c_str(), isa.c_str()));
}

std::string adfc::python::describeKernels(const std::string &kernels) {
  return take(adfc_describe_kernels_json(kernels.c_str()));
}

std::string adfc::python::linkKernel(std::string_view object, const std::string &symbol) {
  return take(adfc_link_kernel(object.data(), object.size(), symbol.c_str()));
}

std::string adfc::python::instructionSet(const std::string &isa) {
  return take(adfc_instruction_set_json(isa.c_str()));
}
