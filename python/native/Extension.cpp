//===- Extension.cpp - adfc._native._adfc ---------------------------------===//
//
// A thin view of libADFC for Python: IR text in, passes over it, text and bytes out. Every function
// throws MLIRError with the collected diagnostics where MLIR reports a failure.
//
//===----------------------------------------------------------------------===//
#include "Diagnostics.h"

#include "InitAll.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/raw_ostream.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;
using namespace nb::literals;
using namespace adfc::python;

namespace {

/// An MLIR context with our dialects.
class Context {
public:
  Context() {
    // Passes are registered once in a process, whoever makes the first context.
    static const bool registered = (adfc::registerAllPasses(), true);
    (void)registered;
    mlir::DialectRegistry registry;
    adfc::registerAllDialects(registry);
    context.appendDialectRegistry(registry);
  }
  mlir::MLIRContext *get() { return &context; }

private:
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
};

/// A module of IR and the context that it lives in.
class Module {
public:
  Module(std::shared_ptr<Context> context, mlir::OwningOpRef<mlir::ModuleOp> module)
      : context(std::move(context)), module(std::move(module)) {}

  void run(const std::string &pipeline) {
    DiagnosticCollector collector(context->get());
    std::string problem;
    bool done = false;
    {
      nb::gil_scoped_release release;
      done = runPipeline(pipeline, problem);
    }
    if (!done)
      throw MLIRError(problem, collector.take());
  }

  std::string text(bool locations) {
    std::string result;
    llvm::raw_string_ostream stream(result);
    mlir::OpPrintingFlags flags;
    if (locations)
      flags.enableDebugInfo();
    module->print(stream, flags);
    return result;
  }

private:
  bool runPipeline(const std::string &pipeline, std::string &problem) {
    llvm::raw_string_ostream stream(problem);
    mlir::FailureOr<mlir::OpPassManager> passes = mlir::parsePassPipeline(pipeline, stream);
    if (mlir::failed(passes))
      return false;
    mlir::PassManager manager(context->get(), mlir::ModuleOp::getOperationName());
    static_cast<mlir::OpPassManager &>(manager) = std::move(*passes);
    return mlir::succeeded(manager.run(*module));
  }

  std::shared_ptr<Context> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

std::shared_ptr<Module> parse(std::shared_ptr<Context> context, const std::string &text,
                              const std::string &name) {
  DiagnosticCollector collector(context->get());
  mlir::OwningOpRef<mlir::ModuleOp> module;
  {
    nb::gil_scoped_release release;
    module = mlir::parseSourceString<mlir::ModuleOp>(text, context->get(), name);
  }
  if (!module)
    throw MLIRError("", collector.take());
  return std::make_shared<Module>(std::move(context), std::move(module));
}

void bindDiagnostics(nb::module_ &m) {
  nb::class_<Diagnostic>(m, "Diagnostic")
      .def_ro("severity", &Diagnostic::severity)
      .def_ro("message", &Diagnostic::message)
      .def_ro("file", &Diagnostic::file)
      .def_ro("line", &Diagnostic::line)
      .def_ro("names", &Diagnostic::names)
      .def_ro("notes", &Diagnostic::notes);
  static PyObject *type = PyErr_NewException("adfc._native._adfc.MLIRError", PyExc_Exception, nullptr);
  m.attr("MLIRError") = nb::borrow(type);
  nb::register_exception_translator([](const std::exception_ptr &pointer, void *) {
    try {
      std::rethrow_exception(pointer);
    } catch (const MLIRError &error) {
      nb::object value = nb::borrow(type)(error.message);
      value.attr("diagnostics") = nb::cast(error.diagnostics);
      PyErr_SetObject(type, value.ptr());
    }
  });
}

} // namespace

NB_MODULE(_adfc, m) {
  m.doc() = "The compiler's IR: parse, run passes, print, encode.";
  bindDiagnostics(m);
  nb::class_<Context>(m, "Context")
      .def(nb::init<>())
      .def("parse", &parse, "text"_a, "name"_a = "<text>", "Parse and verify a module of IR text.");
  nb::class_<Module>(m, "Module")
      .def("run", &Module::run, "pipeline"_a, "Run a textual pass pipeline.")
      .def("text", &Module::text, "locations"_a = false, "The module as text.");
}
