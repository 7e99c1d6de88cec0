//===- ExportGraph.cpp - the pass adf-export-graph ------------------------===//
#include "ADF/ADFOps.h"
#include "Transforms/ApplySchedule/GraphJson.h"
#include "Transforms/ApplySchedule/SchedulePasses.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;

namespace adfc {
#define GEN_PASS_DEF_ADFEXPORTGRAPH
#include "Transforms/ApplySchedule/SchedulePasses.h.inc"
} // namespace adfc

namespace {

struct ExportGraphPass : adfc::impl::ADFExportGraphBase<ExportGraphPass> {
  using ADFExportGraphBase::ADFExportGraphBase;

  void runOnOperation() override {
    std::string error;
    auto output = openOutputFile(file, &error);
    if (!output) {
      getOperation().emitError() << "cannot write the graph: " << error;
      return signalPassFailure();
    }
    output->os() << adfc::graphJson(getOperation());
    output->keep();
    markAllAnalysesPreserved();
  }
};

} // namespace
