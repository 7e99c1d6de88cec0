//===- CApi.cpp - Kernels in plain C --------------------------------------===//
#include "Kernels/CApi.h"
#include "Kernels/Kernels.h"
#include "Kernels/Target.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <cstring>

using namespace adfc::kernels;
namespace json = llvm::json;

static llvm::Expected<mlir::Attribute> toAttribute(mlir::Builder &b, const json::Value &value) {
  if (std::optional<bool> flag = value.getAsBoolean())
    return b.getBoolAttr(*flag);
  if (std::optional<int64_t> number = value.getAsInteger())
    return b.getI64IntegerAttr(*number);
  if (std::optional<llvm::StringRef> string = value.getAsString())
    return b.getStringAttr(*string);
  const json::Array *array = value.getAsArray();
  if (!array)
    return llvm::createStringError(
        "a kernel's configuration has integers, booleans, strings and lists of integers only");
  llvm::SmallVector<int64_t> numbers;
  for (const json::Value &element : *array) {
    std::optional<int64_t> number = element.getAsInteger();
    if (!number)
      return llvm::createStringError("a list in a kernel's configuration has integers only");
    numbers.push_back(*number);
  }
  return b.getI64ArrayAttr(numbers);
}

static llvm::Expected<std::vector<KernelSpec>> readSpecs(mlir::MLIRContext &context,
                                                         const char *text) {
  llvm::Expected<json::Value> parsed = json::parse(text);
  if (!parsed)
    return parsed.takeError();
  const json::Array *list = parsed->getAsArray();
  if (!list)
    return llvm::createStringError("kernels are a list of {name, kind, config}");
  mlir::Builder b(&context);
  std::vector<KernelSpec> specs;
  for (const json::Value &entry : *list) {
    const json::Object *object = entry.getAsObject();
    const json::Object *config = object ? object->getObject("config") : nullptr;
    if (!config || !object->getString("name") || !object->getString("kind"))
      return llvm::createStringError("a kernel is {name, kind, config}");
    llvm::SmallVector<mlir::NamedAttribute> attributes;
    for (const auto &[key, value] : *config) {
      llvm::Expected<mlir::Attribute> attribute = toAttribute(b, value);
      if (!attribute)
        return attribute.takeError();
      attributes.push_back(b.getNamedAttr(llvm::StringRef(key), *attribute));
    }
    specs.push_back({object->getString("name")->str(), object->getString("kind")->str(),
                     b.getDictionaryAttr(attributes)});
  }
  return specs;
}

static adfc_kernel_result makeResult(int32_t status, llvm::StringRef bytes) {
  auto *data = static_cast<uint8_t *>(std::malloc(bytes.size() + 1));
  std::memcpy(data, bytes.data(), bytes.size());
  data[bytes.size()] = 0;
  return {status, bytes.size(), data};
}

/// Reads the kernels, gives them to `use` and makes what it returns, or the error, a result.
static adfc_kernel_result
withSpecs(const char *kernels,
          llvm::function_ref<llvm::Expected<std::string>(llvm::ArrayRef<KernelSpec>)> use) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto specs = readSpecs(context, kernels);
  llvm::Expected<std::string> bytes = specs ? use(*specs) : specs.takeError();
  return bytes ? makeResult(0, *bytes) : makeResult(1, llvm::toString(bytes.takeError()));
}

static llvm::Expected<Isa> readIsa(llvm::StringRef name) {
  if (std::optional<Isa> isa = parseIsa(name))
    return *isa;
  return llvm::createStringError("there is no instruction set '" + name + "'");
}

adfc_kernel_result adfc_compile_kernels_json(const char *kernels, const char *isa) {
  return withSpecs(kernels, [&](llvm::ArrayRef<KernelSpec> specs) -> llvm::Expected<std::string> {
    llvm::Expected<Isa> target = readIsa(isa);
    if (!target)
      return target.takeError();
    auto section = compileKernels(specs, *target);
    if (!section)
      return section.takeError();
    return std::string(section->begin(), section->end());
  });
}

adfc_kernel_result adfc_print_kernels_json(const char *kernels, const char *isa,
                                           const char *stage) {
  return withSpecs(kernels, [&](llvm::ArrayRef<KernelSpec> specs) -> llvm::Expected<std::string> {
    auto which = llvm::StringSwitch<std::optional<Stage>>(stage)
                     .Case("structured", Stage::Structured)
                     .Case("loops", Stage::Loops)
                     .Case("llvm", Stage::LLVM)
                     .Case("assembly", Stage::Assembly)
                     .Default(std::nullopt);
    if (!which)
      return llvm::createStringError(llvm::Twine("there is no stage '") + stage + "'");
    llvm::Expected<Isa> target = readIsa(isa);
    return target ? printKernels(specs, *target, *which) : target.takeError();
  });
}

adfc_kernel_result adfc_describe_kernels_json(const char *kernels) {
  return withSpecs(kernels, [&](llvm::ArrayRef<KernelSpec> specs) -> llvm::Expected<std::string> {
    json::Array list;
    for (const KernelSpec &spec : specs) {
      llvm::Expected<KernelInterface> interface = describeKernel(spec);
      if (!interface)
        return interface.takeError();
      json::Array buffers, immediates;
      for (const KernelInterface::Buffer &buffer : interface->buffers)
        buffers.push_back(json::Object{
            {"name", buffer.name}, {"bytes", buffer.bytes}, {"written", buffer.written}});
      for (const std::string &immediate : interface->immediates)
        immediates.push_back(immediate);
      list.push_back(
          json::Object{{"buffers", std::move(buffers)}, {"immediates", std::move(immediates)}});
    }
    std::string text;
    llvm::raw_string_ostream(text) << json::Value(std::move(list));
    return text;
  });
}

adfc_kernel_result adfc_link_kernel(const char *object, size_t bytes, const char *symbol) {
  auto section = linkKernel(llvm::StringRef(object, bytes), symbol);
  if (!section)
    return makeResult(1, llvm::toString(section.takeError()));
  return makeResult(0, std::string(section->begin(), section->end()));
}

adfc_kernel_result adfc_instruction_set_json(const char *isa) {
  llvm::Expected<Isa> parsed = readIsa(isa);
  if (!parsed)
    return makeResult(1, llvm::toString(parsed.takeError()));
  const Target &target = getTarget(*parsed);
  std::string text;
  llvm::raw_string_ostream(text) << json::Value(
      json::Object{{"triple", target.triple},
                   {"cpu", target.cpu},
                   {"features", target.features},
                   {"code_model", target.codeModel == llvm::CodeModel::Tiny ? "tiny" : "small"},
                   {"vector_bytes", target.vectorBytes}});
  return makeResult(0, text);
}

void adfc_kernel_result_free(adfc_kernel_result result) { std::free(result.data); }
