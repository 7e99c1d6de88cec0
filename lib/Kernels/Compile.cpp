//===- Compile.cpp - The way from specifications to a code section --------===//
#include "Kernels/CustomCode.h"
#include "Kernels/FlatLink.h"
#include "Kernels/KernelFamily.h"
#include "Kernels/LowerToLLVM.h"
#include "Kernels/MicroKernel.h"
#include "Kernels/ObjectCode.h"
#include "Kernels/Target.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace adfc::kernels {

namespace {
/// The kernels of one compilation in a context of their own, from stage to stage.
class Compilation {
public:
  explicit Compilation(Isa isa)
      : target(getTarget(isa)), context(dialects(), MLIRContext::Threading::DISABLED),
        diagnostics(&context, [this](Diagnostic &diagnostic) {
          if (problem.empty())
            problem = diagnostic.str();
        }) {
    context.loadAllAvailableDialects();
    module = ModuleOp::create(UnknownLoc::get(&context));
  }

  llvm::Error build(llvm::ArrayRef<KernelSpec> specs);
  llvm::Error lowerMicroKernels();
  llvm::Error lowerToIR();
  llvm::Expected<llvm::SmallVector<char, 0>> generate(llvm::CodeGenFileType type) {
    return generateCode(*ir, target, type);
  }

  /// Runs the steps that come before `stage`'s text.
  llvm::Error runUpTo(llvm::ArrayRef<KernelSpec> specs, Stage stage);

  ModuleOp getModule() { return *module; }
  llvm::Module &getIR() { return *ir; }

private:
  static DialectRegistry dialects() {
    DialectRegistry registry;
    registerKernelDialects(registry);
    return registry;
  }

  void addKernel(const KernelSpec &spec, const Kernel &kernel);
  /// `error`, or what MLIR has said that explains it.
  llvm::Error explain(llvm::Error error);

  const Target &target;
  std::string problem;
  MLIRContext context;
  ScopedDiagnosticHandler diagnostics;
  OwningOpRef<ModuleOp> module;
  /// Kernels that come as LLVM IR: name, text.
  std::vector<std::pair<std::string, std::string>> texts;
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> ir;
};
} // namespace

llvm::Error Compilation::build(llvm::ArrayRef<KernelSpec> specs) {
  llvm::StringSet<> names;
  for (const KernelSpec &spec : specs) {
    if (spec.name.empty() || !names.insert(spec.name).second)
      return llvm::createStringError("kernel '" + spec.name +
                                     "': each kernel must have a name of its own");
    llvm::Expected<std::unique_ptr<Kernel>> kernel = makeKernel(spec);
    if (!kernel)
      return kernel.takeError();
    if (llvm::StringRef code = customCode(spec); !code.empty())
      texts.push_back({spec.name, code.str()});
    else
      addKernel(spec, **kernel);
    if (!problem.empty())
      return explain(llvm::createStringError("kernel '" + spec.name + "'"));
  }
  if (failed(verify(*module)))
    return explain(llvm::createStringError("the kernels' IR is invalid"));
  return llvm::Error::success();
}

void Compilation::addKernel(const KernelSpec &spec, const Kernel &kernel) {
  KernelBuilder b(NameLoc::get(StringAttr::get(&context, spec.name)), module->getBodyRegion());
  b.setInsertionPointToEnd(module->getBody());
  KernelInterface interface = kernel.interface();
  SmallVector<Type> arguments;
  for (const KernelInterface::Buffer &buffer : interface.buffers)
    arguments.push_back(MemRefType::get({buffer.bytes}, b.getI8Type()));
  arguments.append(interface.immediates.size(), b.getI32Type());
  auto function =
      func::FuncOp::create(b, spec.name + bodySuffix.str(), b.getFunctionType(arguments, {}));
  for (unsigned i = 0; i < interface.buffers.size(); ++i)
    function.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(), b.getUnitAttr());
  b.setInsertionPointToStart(function.addEntryBlock());
  ValueRange values(function.getArguments());
  size_t buffers = interface.buffers.size();
  kernel.emit(b, values.take_front(buffers), values.drop_front(buffers), target);
  func::ReturnOp::create(b);
}

llvm::Error Compilation::lowerMicroKernels() {
  if (llvm::Error error = lowerContractions(*module, target))
    return error;
  if (failed(verify(*module)))
    return explain(llvm::createStringError("the micro-kernels' IR is invalid"));
  return llvm::Error::success();
}

llvm::Error Compilation::lowerToIR() {
  auto lowered = lowerToLLVM(*module, llvmContext);
  if (!lowered)
    return explain(lowered.takeError());
  ir = std::move(*lowered);
  for (const auto &[name, text] : texts)
    if (llvm::Error error = addCustomCode(*ir, name, text))
      return error;
  // Our own kernels are vector code already; looking for more would only take time.
  if (llvm::Error error = optimize(*ir, target, /*vectorize=*/!texts.empty()))
    return error;
  return texts.empty() ? llvm::Error::success() : checkNoCalls(*ir);
}

llvm::Error Compilation::runUpTo(llvm::ArrayRef<KernelSpec> specs, Stage stage) {
  if (llvm::Error error = build(specs))
    return error;
  if (stage >= Stage::Loops)
    if (llvm::Error error = lowerMicroKernels())
      return error;
  return stage >= Stage::LLVM ? lowerToIR() : llvm::Error::success();
}

llvm::Error Compilation::explain(llvm::Error error) {
  if (problem.empty())
    return error;
  return llvm::createStringError(llvm::toString(std::move(error)) + ": " + problem);
}

/// The section's bytes; see `compileKernels`.
static llvm::Expected<std::vector<uint8_t>> makeSection(llvm::ArrayRef<KernelSpec> specs,
                                                        const FlatCode &code) {
  constexpr uint32_t magic = 0x444F434B; // 'KCOD', little-endian
  std::vector<uint32_t> words = {magic, uint32_t(specs.size()), uint32_t(code.bytes.size())};
  for (const KernelSpec &spec : specs) {
    auto symbol = code.symbols.find(spec.name);
    if (symbol == code.symbols.end())
      return llvm::createStringError("kernel '" + spec.name + "' is missing from its own code");
    words.push_back(uint32_t(symbol->second));
  }
  std::vector<uint8_t> section(llvm::alignTo(4 * words.size(), flatAlignment), 0);
  for (size_t i = 0; i < words.size(); ++i)
    llvm::support::endian::write32le(section.data() + 4 * i, words[i]);
  section.insert(section.end(), code.bytes.begin(), code.bytes.end());
  return section;
}

llvm::Expected<std::vector<uint8_t>> compileKernels(llvm::ArrayRef<KernelSpec> specs, Isa isa) {
  if (specs.empty())
    return makeSection(specs, FlatCode());
  Compilation compilation(isa);
  if (llvm::Error error = compilation.runUpTo(specs, Stage::LLVM))
    return error;
  auto object = compilation.generate(llvm::CodeGenFileType::ObjectFile);
  if (!object)
    return object.takeError();
  auto code =
      linkFlat(llvm::MemoryBufferRef(llvm::StringRef(object->data(), object->size()), "kernels"));
  if (!code)
    return code.takeError();
  return makeSection(specs, *code);
}

llvm::Expected<std::vector<uint8_t>> linkKernel(llvm::StringRef object, llvm::StringRef symbol) {
  auto code = linkFlat(llvm::MemoryBufferRef(object, symbol));
  if (!code)
    return code.takeError();
  return makeSection({KernelSpec{symbol.str(), {}, {}}}, *code);
}

llvm::Expected<std::string> printKernels(llvm::ArrayRef<KernelSpec> specs, Isa isa, Stage stage) {
  Compilation compilation(isa);
  if (llvm::Error error = compilation.runUpTo(specs, stage))
    return error;
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (stage == Stage::Assembly) {
    auto assembly = compilation.generate(llvm::CodeGenFileType::AssemblyFile);
    if (!assembly)
      return assembly.takeError();
    stream.write(assembly->data(), assembly->size());
  } else if (stage == Stage::LLVM) {
    compilation.getIR().print(stream, nullptr);
  } else {
    compilation.getModule().print(stream);
  }
  return text;
}

} // namespace adfc::kernels
