//===- VerifyPlacedPass.cpp - adf-verify-placed ---------------------------===//
#include "Transforms/Phase/PlacedPasses.h"
#include "Transforms/VerifyPlaced/Checks.h"

using namespace mlir;
using namespace adfc;

namespace adfc {
#define GEN_PASS_DEF_ADFVERIFYPLACED
#include "Transforms/Phase/PlacedPasses.h.inc"
} // namespace adfc

namespace {

struct VerifyPlacedPass : adfc::impl::ADFVerifyPlacedBase<VerifyPlacedPass> {
  using ADFVerifyPlacedBase::ADFVerifyPlacedBase;

  void runOnOperation() override {
    for (auto program : getOperation().getOps<adf::ProgramOp>())
      if (failed(verify(program)))
        return signalPassFailure();
    markAllAnalysesPreserved();
  }

  LogicalResult verify(adf::ProgramOp program) {
    const DeviceModel *device = deviceOf(program);
    if (!device)
      return failure();
    std::vector<TileCoord> avoid = avoidedTiles(program);
    SwitchGraph graph(*device, {});
    for (auto phase : program.getBody().getOps<adf::PhaseOp>()) {
      PhaseModel model(phase);
      if (failed(placed::checkTiles(model, *device, avoid)) ||
          failed(placed::checkMemory(model, *device)) || failed(placed::checkDMA(model, *device)) ||
          failed(placed::checkRoutes(model, *device, graph, avoid)) ||
          failed(placed::checkWordCounts(model)) ||
          (phase.getMode() != adf::PhaseMode::Resident &&
           failed(placed::checkLockBalance(model))) ||
          failed(placed::checkCascades(model)) || failed(placed::checkCores(model)))
        return failure();
    }
    return failure(failed(placed::checkDDR(program)) || failed(placed::checkTileCount(program)));
  }
};

} // namespace
