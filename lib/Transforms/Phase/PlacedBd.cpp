//===- PlacedBd.cpp -------------------------------------------------------===//
#include "Transforms/Phase/PlacedBd.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace adfc;

int adfc::lockOf(adf::WindowOp window, adf::LockKind kind) {
  return static_cast<int>((*window.getLocks())[kind == adf::LockKind::Empty ? 0 : 1]);
}

int adfc::acquireValue(adf::AcquireAttr acquire) {
  int value = static_cast<int>(acquire.getValue());
  return acquire.getEqual() ? value : -value;
}

/// Columns from a descriptor's tile to its window's.
static int neighbourOf(adf::BDOp bd, adf::WindowOp window) {
  auto own = cast<adf::DMAOp>(bd->getParentOp()).getTile().getDefiningOp<adf::TileOp>();
  auto other = window.getTile().getDefiningOp<adf::TileOp>();
  return own == other || !own.getCol() || !other.getCol()
             ? 0
             : static_cast<int>(*other.getCol()) - static_cast<int>(*own.getCol());
}

BufferDescriptor adfc::descriptorOf(adf::BDOp bd, std::optional<int> next) {
  BufferDescriptor descriptor;
  descriptor.length = bd.getWords();
  descriptor.next = next;
  for (auto [count, step] : llvm::zip_equal(bd.getCounts(), bd.getSteps()))
    descriptor.dims.push_back({count, step});
  if (bd.getPadBefore())
    for (auto [before, after] : llvm::zip_equal(*bd.getPadBefore(), *bd.getPadAfter()))
      descriptor.pads.push_back({before, after});
  if (std::optional<llvm::ArrayRef<int64_t>> iteration = bd.getIteration()) {
    descriptor.iteration = {(*iteration)[0], (*iteration)[1]};
    descriptor.firstRun = iteration->size() > 2 ? (*iteration)[2] : 0;
  }
  if (!bd.getWindow())
    return descriptor;
  auto window = bd.getWindow().getDefiningOp<adf::WindowOp>();
  descriptor.base = static_cast<int64_t>(*window.getAddress() / 4 + bd.getOffset());
  descriptor.neighbour = neighbourOf(bd, window);
  if (window.getDepth() > 1 && !bd.getIteration())
    descriptor.iteration = {static_cast<int64_t>(window.getDepth()),
                            static_cast<int64_t>(*window.getStride() / 4)};
  if (auto acquire = bd.getAcquireAttr())
    descriptor.acquire = {lockOf(window, acquire.getLock()), acquireValue(acquire)};
  if (auto release = bd.getReleaseAttr())
    descriptor.release = {lockOf(window, release.getLock()), static_cast<int>(release.getValue())};
  return descriptor;
}
