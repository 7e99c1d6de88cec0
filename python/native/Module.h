//===- Module.h - Contexts and modules for Python -------------------------===//
#ifndef ADFC_PYTHON_MODULE_H
#define ADFC_PYTHON_MODULE_H

#include "Diagnostics.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <memory>
#include <string>

namespace adfc::python {

/// An MLIR context with our dialects.
class Context {
public:
  Context();
  mlir::MLIRContext *get() { return &context; }

private:
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
};

/// A module of IR and the context that it lives in. Functions throw MLIRError with the collected
/// diagnostics where MLIR reports a failure.
class Module {
public:
  Module(std::shared_ptr<Context> context, mlir::OwningOpRef<mlir::ModuleOp> module)
      : context(std::move(context)), module(std::move(module)) {}

  static std::shared_ptr<Module> parse(std::shared_ptr<Context> context, const std::string &text,
                                       const std::string &name);

  mlir::ModuleOp get() { return *module; }
  mlir::MLIRContext *getContext() { return context->get(); }
  const std::shared_ptr<Context> &getContextPtr() const { return context; }
  /// How often passes have run over the module.
  int age() const { return runs; }

  void run(const std::string &pipeline);
  std::string text(bool locations);
  std::shared_ptr<Module> clone();

private:
  bool runPipeline(const std::string &pipeline, std::string &problem);

  std::shared_ptr<Context> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  int runs = 0;
};

} // namespace adfc::python

#endif // ADFC_PYTHON_MODULE_H
