//===- KernelTable.cpp - the program's kernels, each once -----------------===//
#include "Transforms/Tile/KernelTable.h"

using namespace mlir;
using namespace adfc;

StringAttr KernelTable::get(const LayerPlan &plan) {
  adf::KernelOpInterface op = plan.op;
  StringAttr kind = builder.getStringAttr(op.getKind());
  DictionaryAttr config = op.getKernelConfig(plan.tile);
  StringAttr &symbol = kernels[{kind, config}];
  if (!symbol) {
    // '$' keeps kernels apart from what is named after layers.
    symbol = builder.getStringAttr("kernel$" + kind.getValue() + "_" + Twine(counts[kind]++));
    adf::KernelDefOp::create(builder, op.getLoc(), symbol, kind, config);
  }
  return symbol;
}
