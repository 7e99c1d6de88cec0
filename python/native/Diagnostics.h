//===- Diagnostics.h - MLIR's diagnostics for Python ----------------------===//
#ifndef ADFC_PYTHON_DIAGNOSTICS_H
#define ADFC_PYTHON_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"

#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace adfc::python {

/// One diagnostic. `file` and `line` are the first file location inside its location, or empty and
/// 0; `names` are the name locations around it, outermost first (the module path of a layer).
/// `code` and `segment` are for programs: those of a dictionary in MLIR's metadata of it.
struct Diagnostic {
  std::string severity, message, file;
  std::string code;
  std::optional<int64_t> segment;
  int64_t line = 0;
  std::vector<std::string> names;
  std::vector<Diagnostic> notes;
};

/// Thrown once MLIR's own frames have returned (they know no exceptions).
class MLIRError : public std::exception {
public:
  MLIRError(std::string message, std::vector<Diagnostic> diagnostics)
      : message(std::move(message)), diagnostics(std::move(diagnostics)) {}
  const char *what() const noexcept override { return message.c_str(); }

  std::string message;
  std::vector<Diagnostic> diagnostics;
};

/// Collects what is reported on a context while it lives.
class DiagnosticCollector {
public:
  explicit DiagnosticCollector(mlir::MLIRContext *context);
  /// What was collected; the collector is empty after it.
  std::vector<Diagnostic> take() { return std::move(diagnostics); }

private:
  std::vector<Diagnostic> diagnostics;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace adfc::python

#endif // ADFC_PYTHON_DIAGNOSTICS_H
