//===- CheckCores.cpp - Core programs and the balance of locks ------------===//
#include "Transforms/Phase/CoreEncoder.h"
#include "Transforms/VerifyPlaced/Checks.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace adfc;

namespace {

/// What a phase adds to each window's two locks: [empty, full].
using Balance = llvm::MapVector<Value, std::array<int64_t, 2>>;

int64_t &entry(Balance &balance, Value window, adf::LockKind kind) {
  return balance[window][kind == adf::LockKind::Empty ? 0 : 1];
}

void addAcquire(Balance &balance, Value window, adf::AcquireAttr acquire, int64_t times) {
  if (acquire && !acquire.getEqual())
    entry(balance, window, acquire.getLock()) -= times * acquire.getValue();
}

void addRelease(Balance &balance, Value window, adf::ReleaseAttr release, int64_t times) {
  if (release)
    entry(balance, window, release.getLock()) += times * release.getValue();
}

void addDMA(Balance &balance, adf::DMAOp task, const llvm::DenseSet<Value> &kept) {
  for (auto bd : task.getBody().getOps<adf::BDOp>()) {
    if (!bd.getWindow() || kept.contains(bd.getWindow()))
      continue;
    addAcquire(balance, bd.getWindow(), bd.getAcquireAttr(), task.getRepeat());
    addRelease(balance, bd.getWindow(), bd.getReleaseAttr(), task.getRepeat());
  }
}

void addCore(Balance &balance, Block &body, int64_t times) {
  for (Operation &op : body) {
    if (auto acquire = dyn_cast<adf::AcquireOp>(op))
      addAcquire(balance, acquire.getWindow(), acquire.getLock(), times);
    else if (auto release = dyn_cast<adf::ReleaseOp>(op))
      addRelease(balance, release.getWindow(), release.getLock(), times);
    else if (auto loop = dyn_cast<adf::LoopOp>(op))
      addCore(balance, loop.getBody().front(), times * static_cast<int64_t>(loop.getCount()));
  }
}

} // namespace

/// Windows of a pipeline that are filled once, and that a core gives back as full as they were.
static llvm::DenseSet<Value> keptWindows(PhaseModel &model) {
  llvm::DenseSet<Value> filled, kept;
  if (model.phase.getMode() != adf::PhaseMode::Pipeline)
    return kept;
  model.phase.walk([&](adf::AcquireOp acquire) {
    if (acquire.getLock().getLock() == adf::LockKind::Full)
      filled.insert(acquire.getWindow());
  });
  model.phase.walk([&](adf::ReleaseOp release) {
    if (release.getLock().getLock() == adf::LockKind::Full && filled.contains(release.getWindow()))
      kept.insert(release.getWindow());
  });
  return kept;
}

LogicalResult placed::checkLockBalance(PhaseModel &model) {
  llvm::DenseSet<Value> kept = keptWindows(model);
  Balance balance;
  for (Operation &op : model.phase.getBody().getOps()) {
    if (auto task = dyn_cast<adf::DMAOp>(op))
      addDMA(balance, task, kept);
    else if (auto core = dyn_cast<adf::CoreOp>(op))
      addCore(balance, core.getBody().front(), 1);
  }
  for (auto &[window, sums] : balance)
    for (auto kind : {adf::LockKind::Empty, adf::LockKind::Full})
      if (int64_t sum = sums[kind == adf::LockKind::Empty ? 0 : 1])
        return window.getDefiningOp()->emitOpError("has a lock '")
               << adf::stringifyLockKind(kind) << "' that the phase leaves "
               << (sum > 0 ? sum : -sum) << (sum > 0 ? " above" : " below")
               << " its initial value: releases and acquires must balance";
  return success();
}

LogicalResult placed::checkCores(PhaseModel &model) {
  llvm::SmallPtrSet<Value, 32> seen;
  for (auto core : model.phase.getBody().getOps<adf::CoreOp>()) {
    if (!seen.insert(core.getTile()).second)
      return core.emitOpError("is the second program of its tile");
    if (failed(encodeCore(core, [](StringRef) { return 0u; })))
      return failure();
  }
  return success();
}
