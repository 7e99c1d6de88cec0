//===- Diagnostics.cpp - MLIR's diagnostics for Python --------------------===//
#include "Diagnostics.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace adfc::python {

static StringRef severityName(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Note:
    return "note";
  case DiagnosticSeverity::Remark:
    return "remark";
  }
  return "error";
}

static Diagnostic convert(mlir::Diagnostic &from) {
  Diagnostic to;
  to.severity = severityName(from.getSeverity());
  to.message = from.str();
  LocationAttr(from.getLocation()).walk([&](Location location) {
    if (auto name = dyn_cast<NameLoc>(location))
      to.names.push_back(name.getName().str());
    auto file = dyn_cast<FileLineColLoc>(location);
    if (file && to.file.empty()) {
      to.file = file.getFilename().str();
      to.line = file.getLine();
    }
    return WalkResult::advance();
  });
  for (const DiagnosticArgument &metadata : from.getMetadata()) {
    if (metadata.getKind() != DiagnosticArgument::DiagnosticArgumentKind::Attribute)
      continue;
    auto about = dyn_cast<DictionaryAttr>(metadata.getAsAttribute());
    if (auto code = about ? about.getAs<StringAttr>("code") : StringAttr())
      to.code = code.str();
    if (auto segment = about ? about.getAs<IntegerAttr>("segment") : IntegerAttr())
      to.segment = segment.getInt();
  }
  for (mlir::Diagnostic &note : from.getNotes())
    to.notes.push_back(convert(note));
  return to;
}

DiagnosticCollector::DiagnosticCollector(MLIRContext *context)
    : handler(context, [this](mlir::Diagnostic &diagnostic) {
        diagnostics.push_back(convert(diagnostic));
        return success();
      }) {}

} // namespace adfc::python
