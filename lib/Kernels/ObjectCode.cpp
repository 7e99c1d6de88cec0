//===- ObjectCode.cpp - LLVM IR to an object file, in process -------------===//
#include "Kernels/ObjectCode.h"
#include "Kernels/Target.h"

#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"

namespace adfc::kernels {

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const Target &target) {
  static const bool initialized = [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    return true;
  }();
  (void)initialized;
  llvm::Triple triple(target.triple);
  std::string problem;
  const llvm::Target *llvmTarget = llvm::TargetRegistry::lookupTarget(triple, problem);
  if (!llvmTarget)
    return llvm::createStringError("this LLVM cannot make code for " + target.name + ": " +
                                   problem);
  return std::unique_ptr<llvm::TargetMachine>(llvmTarget->createTargetMachine(
      triple, target.cpu, target.features, llvm::TargetOptions(), llvm::Reloc::PIC_,
      target.codeModel, llvm::CodeGenOptLevel::Default));
}

static void setFunctionAttributes(llvm::Function &function, const Target &target) {
  std::string bits = std::to_string(8 * target.vectorBytes);
  function.addFnAttr("target-cpu", target.cpu);
  function.addFnAttr("target-features", target.features);
  function.addFnAttr("prefer-vector-width", bits);
  function.addFnAttr("min-legal-vector-width", bits);
  function.addFnAttr("no-builtins");
  function.addFnAttr("warn-stack-size", std::to_string(maxKernelStackBytes));
  function.addFnAttr(llvm::Attribute::NoRedZone);
  function.addFnAttr(llvm::Attribute::NoUnwind);
  function.setDSOLocal(true);
  if (function.hasLocalLinkage())
    function.addFnAttr(llvm::Attribute::AlwaysInline);
  else
    function.setVisibility(llvm::GlobalValue::HiddenVisibility);
}

llvm::Error optimize(llvm::Module &module, const Target &target, bool vectorize) {
  auto machine = createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  module.setTargetTriple((*machine)->getTargetTriple());
  module.setDataLayout((*machine)->createDataLayout());
  module.setPICLevel(llvm::PICLevel::SmallPIC);
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      setFunctionAttributes(function, target);

  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = vectorize;
  tuning.SLPVectorization = vectorize;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(machine->get(), tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
  return llvm::Error::success();
}

namespace {
/// Keeps the first thing that LLVM's code generator complains of, and all about the stack.
class CodegenDiagnostics : public llvm::DiagnosticHandler {
public:
  explicit CodegenDiagnostics(std::string &problem) : problem(problem) {}

  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    bool stack = info.getKind() == llvm::DK_StackSize;
    if (problem.empty() && (stack || info.getSeverity() == llvm::DS_Error)) {
      llvm::raw_string_ostream stream(problem);
      llvm::DiagnosticPrinterRawOStream printer(stream);
      info.print(printer);
    }
    return true;
  }

private:
  std::string &problem;
};
} // namespace

llvm::Expected<llvm::SmallVector<char, 0>> generateCode(llvm::Module &module, const Target &target,
                                                        llvm::CodeGenFileType fileType) {
  auto machine = createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  std::string problem;
  module.getContext().setDiagnosticHandler(std::make_unique<CodegenDiagnostics>(problem));
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, stream, nullptr, fileType))
    return llvm::createStringError("LLVM's " + target.name +
                                   " back end cannot write this kind of file");
  passes.run(module);
  if (!problem.empty())
    return llvm::createStringError("code of the kernels for " + target.name + ": " + problem);
  return bytes;
}

} // namespace adfc::kernels
