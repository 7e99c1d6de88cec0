//===- Module.cpp ---------------------------------------------------------===//
#include "Module.h"

#include "InitAll.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/raw_ostream.h"

using namespace adfc::python;

Context::Context() {
  // Passes are registered once in a process, whoever makes the first context.
  static const bool registered = (adfc::registerAllPasses(), true);
  (void)registered;
  mlir::DialectRegistry registry;
  adfc::registerAllDialects(registry);
  context.appendDialectRegistry(registry);
}

std::shared_ptr<Module> Module::parse(std::shared_ptr<Context> context, const std::string &text,
                                      const std::string &name) {
  DiagnosticCollector collector(context->get());
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, context->get(), name);
  if (!module)
    throw MLIRError("", collector.take());
  return std::make_shared<Module>(std::move(context), std::move(module));
}

bool Module::runPipeline(const std::string &pipeline, std::string &problem) {
  llvm::raw_string_ostream stream(problem);
  mlir::FailureOr<mlir::OpPassManager> passes = mlir::parsePassPipeline(pipeline, stream);
  if (mlir::failed(passes))
    return false;
  mlir::PassManager manager(context->get(), mlir::ModuleOp::getOperationName());
  static_cast<mlir::OpPassManager &>(manager) = std::move(*passes);
  return mlir::succeeded(manager.run(*module));
}

void Module::run(const std::string &pipeline) {
  DiagnosticCollector collector(context->get());
  std::string problem;
  ++runs;
  if (!runPipeline(pipeline, problem))
    throw MLIRError(problem, collector.take());
}

std::string Module::text(bool locations) {
  std::string result;
  llvm::raw_string_ostream stream(result);
  mlir::OpPrintingFlags flags;
  if (locations)
    flags.enableDebugInfo();
  module->print(stream, flags);
  return result;
}

std::shared_ptr<Module> Module::clone() {
  return std::make_shared<Module>(context, mlir::OwningOpRef<mlir::ModuleOp>(module->clone()));
}
