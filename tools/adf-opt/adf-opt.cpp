//===- adf-opt.cpp - mlir-opt for adfc's dialects and passes --------------===//
#include "InitAll.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  adfc::registerAllPasses();
  mlir::DialectRegistry registry;
  adfc::registerAllDialects(registry);
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "adfc: compiler passes from TOSA to the tile array\n", registry));
}
