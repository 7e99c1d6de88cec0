//===- ResidentTask.cpp ---------------------------------------------------===//
#include "Conversion/ADFToRCB/ResidentTask.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace adfc;

Rank adfc::rankOf(TileKind kind, Direction direction) {
  bool sends = direction == Direction::MM2S;
  switch (kind) {
  case TileKind::Shim:
    return sends ? Rank::FromDdr : Rank::ToDdr;
  case TileKind::Mem:
    return sends ? Rank::FromJoin : Rank::ToHub;
  case TileKind::Core:
    return Rank::FromCore;
  }
  llvm_unreachable("a tile of another kind");
}

int64_t adfc::stepOf(adf::DMAOp task) {
  return task.getStep() ? static_cast<int64_t>(*task.getStep()) : -1;
}

int64_t ResidentTask::firstId() const {
  return static_cast<int64_t>(*(*op.getBody().getOps<adf::BDOp>().begin()).getId());
}

bool ResidentTask::waitsForTensor() const {
  return llvm::any_of(op.getBody().getOps<adf::BDOp>(), [](adf::BDOp bd) {
    auto acquire = bd.getAcquireAttr();
    return acquire && acquire.getEqual();
  });
}

Value ResidentTask::gate() const {
  if (!op.getAwaits())
    return nullptr;
  for (auto bd : op.getBody().getOps<adf::BDOp>())
    if (auto acquire = bd.getAcquireAttr(); acquire && acquire.getLock() == adf::LockKind::Empty)
      return bd.getWindow();
  return nullptr;
}
