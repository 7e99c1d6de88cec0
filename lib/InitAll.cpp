//===- InitAll.cpp - the list of all dialects and passes ------------------===//
#include "InitAll.h"
#include "ADF/ADFDialect.h"
#include "Conversion/TosaToADF/TosaToADF.h"
#include "Transforms/ApplySchedule/SchedulePasses.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Transforms/Passes.h"

void adfc::registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<adf::ADFDialect, mlir::tosa::TosaDialect, mlir::func::FuncDialect>();
}

void adfc::registerAllPasses() {
  mlir::registerTransformsPasses();
  registerConvertTosaToADF();
  registerSchedulePasses();
}
