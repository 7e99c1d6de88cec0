//===- KernelTable.cpp - the program's kernels, each once -----------------===//
#include "Transforms/Tile/KernelTable.h"

using namespace mlir;
using namespace adfc;

StringAttr KernelTable::get(const LayerPlan &plan) {
  adf::KernelOpInterface op = plan.op;
  return get(op.getLoc(), op.getKind(), op.getKernelConfig(plan.kernelTile));
}

StringAttr KernelTable::getTail(const LayerPlan &plan) {
  adf::MaxPool2DOp tail = plan.tail;
  if (!tail)
    return {};
  ArrayRef<int64_t> tile = tail.getSchedule()->getTile();
  AxisSlice columns = plan.between();
  return get(
      tail.getLoc(), tail.getKind(),
      tail.getConfigWithout(columns.before, columns.after, {tile[0], tile[1], tile[2], tile[3]}));
}

StringAttr KernelTable::get(Location location, StringRef name, DictionaryAttr config) {
  StringAttr kind = builder.getStringAttr(name);
  StringAttr &symbol = kernels[{kind, config}];
  if (!symbol) {
    // '$' keeps kernels apart from what is named after layers.
    symbol = builder.getStringAttr("kernel$" + kind.getValue() + "_" + Twine(counts[kind]++));
    adf::KernelDefOp::create(builder, location, symbol, kind, config);
  }
  return symbol;
}
