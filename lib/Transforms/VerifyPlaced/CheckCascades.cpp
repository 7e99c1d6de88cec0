//===- CheckCascades.cpp - Cascades between neighbouring cores ------------===//
#include "Transforms/VerifyPlaced/Checks.h"

using namespace mlir;
using namespace adfc;

/// How often a core's program calls a kernel with `cascade`.
static int64_t callsWith(adf::CascadeOp cascade, Value tile) {
  int64_t calls = 0;
  // A call may have it as two operands.
  SmallPtrSet<Operation *, 8> seen;
  for (Operation *user : cascade.getResult().getUsers()) {
    if (user->getParentOfType<adf::CoreOp>().getTile() != tile || !seen.insert(user).second)
      continue;
    int64_t times = 1;
    for (Operation *op = user->getParentOp(); !isa<adf::CoreOp>(op); op = op->getParentOp())
      times *= static_cast<int64_t>(cast<adf::LoopOp>(op).getCount());
    calls += times;
  }
  return calls;
}

LogicalResult placed::checkCascades(PhaseModel &model) {
  for (auto cascade : model.phase.getBody().getOps<adf::CascadeOp>()) {
    TileCoord source = model.coord(model.tileIndex(cascade.getSource()));
    TileCoord target = model.coord(model.tileIndex(cascade.getTarget()));
    if (target != TileCoord{source.col, source.row - 1} &&
        target != TileCoord{source.col + 1, source.row})
      return cascade.emitOpError("leads from (")
             << source.col << ", " << source.row << ") to (" << target.col << ", " << target.row
             << "), which is neither its southern nor its eastern neighbour";
    int64_t sent = callsWith(cascade, cascade.getSource());
    int64_t received = callsWith(cascade, cascade.getTarget());
    if (sent != received)
      return cascade.emitOpError("is sent to by ")
             << sent << " calls and received from by " << received
             << ": each call of one core needs one of the other";
  }
  return success();
}
