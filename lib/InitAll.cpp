//===- InitAll.cpp - the list of all dialects and passes ------------------===//
#include "InitAll.h"
#include "ADF/ADFDialect.h"
#include "Conversion/ADFToRCB/ADFToRCB.h"
#include "Conversion/RCBToLLVM/RCBToLLVM.h"
#include "Conversion/TosaToADF/TosaToADF.h"
#include "RCB/RCBDialect.h"
#include "Transforms/ApplySchedule/SchedulePasses.h"
#include "Transforms/LegalizeViews/LegalizeViewsPass.h"
#include "Transforms/Phase/PlacedPasses.h"
#include "Transforms/SimplifyRCB/SimplifyRCB.h"
#include "Transforms/Tile/TilePasses.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Transforms/Passes.h"

void adfc::registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<adf::ADFDialect, rcb::RCBDialect, mlir::tosa::TosaDialect,
                  mlir::func::FuncDialect, mlir::LLVM::LLVMDialect>();
}

void adfc::registerAllPasses() {
  mlir::registerTransformsPasses();
  registerConvertTosaToADF();
  registerADFLegalizeViews();
  registerSchedulePasses();
  registerADFTile();
  registerPlacedPasses();
  registerADFToRCBPasses();
  registerSimplifyRCBPasses();
  registerRCBToLLVMPasses();
}
