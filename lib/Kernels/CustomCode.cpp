//===- CustomCode.cpp - kernels that come as LLVM IR ----------------------===//
#include "Kernels/CustomCode.h"

#include "llvm/ADT/SCCIterator.h"
#include "llvm/Analysis/CallGraph.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/SourceMgr.h"

namespace adfc::kernels {

llvm::StringRef customCode(const KernelSpec &spec) {
  if (spec.kind != "custom" || !spec.config)
    return {};
  auto language = spec.config.getAs<mlir::StringAttr>("language");
  auto source = spec.config.getAs<mlir::StringAttr>("source");
  return language && source && language.getValue() == "llvm" ? source.getValue()
                                                             : llvm::StringRef();
}

static llvm::Error problem(llvm::StringRef name, const llvm::Twine &text) {
  return llvm::createStringError("kernel '" + name + "': " + text);
}

/// Whether functions call themselves, or each other in turn: inlining them would not end.
static bool recurses(llvm::Module &code) {
  llvm::CallGraph graph(code);
  for (auto part = llvm::scc_begin(&graph); !part.isAtEnd(); ++part)
    if (part.hasCycle())
      return true;
  return false;
}

llvm::Error addCustomCode(llvm::Module &module, llvm::StringRef name, llvm::StringRef text) {
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> code =
      llvm::parseAssemblyString(text, diagnostic, module.getContext());
  if (!code)
    return problem(name, "its LLVM IR does not parse: " + diagnostic.getMessage());
  llvm::Function *entry = code->getFunction(customEntry);
  if (!entry || entry->isDeclaration())
    return problem(name, "its code has no function " + customEntry);
  if (recurses(*code))
    return problem(name, "its code recurses: kernels must not");
  // Which processor it is for, the caller says; which flags it had does not matter then.
  if (llvm::NamedMDNode *flags = code->getModuleFlagsMetadata())
    code->eraseNamedMetadata(flags);
  code->setTargetTriple(module.getTargetTriple());
  code->setDataLayout(module.getDataLayout());
  for (llvm::Function &function : *code) {
    function.removeFnAttr(llvm::Attribute::NoInline);
    function.removeFnAttr(llvm::Attribute::OptimizeNone);
    if (&function != entry && !function.isDeclaration()) {
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
      function.setComdat(nullptr);
    }
  }
  for (llvm::GlobalVariable &variable : code->globals())
    if (!variable.isDeclaration())
      variable.setLinkage(llvm::GlobalValue::InternalLinkage);
  entry->setName(name);
  if (llvm::Linker::linkModules(module, std::move(code)))
    return problem(name, "its code does not link");
  return llvm::Error::success();
}

llvm::Error checkNoCalls(const llvm::Module &module) {
  for (const llvm::Function &function : module)
    for (const llvm::BasicBlock &block : function)
      for (const llvm::Instruction &instruction : block) {
        const auto *call = llvm::dyn_cast<llvm::CallBase>(&instruction);
        if (!call || call->isInlineAsm())
          continue;
        const llvm::Function *callee = call->getCalledFunction();
        // What is defined nowhere, the linker names.
        if (callee && callee->isDeclaration())
          continue;
        return problem(function.getName(), "its code calls " +
                                               (callee ? callee->getName() : "a pointer") +
                                               ": kernels must not recurse or call pointers");
      }
  return llvm::Error::success();
}

} // namespace adfc::kernels
