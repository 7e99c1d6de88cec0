//===- NativeObject.cpp ---------------------------------------------------===//
#include "Target/NativeObject.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;

static constexpr llvm::StringLiteral moduleName = "adfc_native_program";

static std::unique_ptr<llvm::Module> translate(ModuleOp module, llvm::LLVMContext &context) {
  registerBuiltinDialectTranslation(*module.getContext());
  registerLLVMDialectTranslation(*module.getContext());
  return translateModuleToLLVMIR(module, context, moduleName);
}

FailureOr<std::string> adfc::nativeIR(ModuleOp module) {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> ir = translate(module, context);
  if (!ir)
    return module.emitError("cannot become LLVM IR: run convert-rcb-to-llvm first"), failure();
  std::string text;
  llvm::raw_string_ostream(text) << *ir;
  return text;
}

/// The processor's baseline: such a program is calls, which no extension makes faster.
static std::unique_ptr<llvm::TargetMachine> hostMachine(std::string &problem) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, problem);
  if (!target)
    return nullptr;
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, /*CPU=*/"", /*Features=*/"", llvm::TargetOptions(),
                                  llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::None));
}

FailureOr<std::string> adfc::nativeObject(ModuleOp module) {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> ir = translate(module, context);
  if (!ir)
    return module.emitError("cannot become LLVM IR: run convert-rcb-to-llvm first"), failure();
  std::string problem;
  std::unique_ptr<llvm::TargetMachine> machine = hostMachine(problem);
  if (!machine)
    return module.emitError("this LLVM makes no code for this processor: ") << problem, failure();
  ir->setTargetTriple(machine->getTargetTriple());
  ir->setDataLayout(machine->createDataLayout());
  ir->setPICLevel(llvm::PICLevel::SmallPIC);
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
    return module.emitError("LLVM's back end cannot write object files here"), failure();
  passes.run(*ir);
  return std::string(bytes.begin(), bytes.end());
}
