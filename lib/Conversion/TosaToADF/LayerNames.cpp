//===- LayerNames.cpp - names of layers from locations --------------------===//
#include "Conversion/TosaToADF/LayerNames.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace adfc;

StringAttr adfc::layerName(Operation *op) {
  StringAttr name = StringAttr::get(op->getContext(), op->getName().stripDialect());
  LocationAttr(op->getLoc()).walk([&](Location loc) {
    auto named = dyn_cast<NameLoc>(loc);
    if (!named || named.getName().empty())
      return WalkResult::advance();
    name = named.getName();
    return WalkResult::interrupt();
  });
  return name;
}

void adfc::makeLayerNamesUnique(adf::GraphOp graph) {
  llvm::StringSet<> taken;
  llvm::StringMap<unsigned> last; // number given to a name
  for (auto kernel : graph.getBody().getOps<adf::KernelOpInterface>()) {
    std::string name = kernel.getLayer().str();
    while (!taken.insert(name).second)
      name = (kernel.getLayer() + "_" + Twine(++last[kernel.getLayer()])).str();
    kernel.setLayer(name);
  }
}
