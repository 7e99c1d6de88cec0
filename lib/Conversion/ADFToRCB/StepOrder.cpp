//===- StepOrder.cpp ------------------------------------------------------===//
#include "Conversion/ADFToRCB/StepOrder.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace adfc;

StepOrder::StepOrder(PhaseModel &model)
    : steps(llvm::range_size(model.phase.getBody().getOps<adf::StepOp>())) {
  for (ChannelTasks &tasks : model.channels) {
    if (model.kind(tasks.tile) != TileKind::Mem)
      continue;
    for (adf::DMAOp task : tasks.tasks) {
      if (!task.getStep())
        continue;
      auto number = static_cast<int64_t>(*task.getStep());
      Step &step = steps[static_cast<size_t>(number)];
      bool sends = tasks.direction == Direction::MM2S, counted = false;
      for (auto bd : task.getBody().getOps<adf::BDOp>()) {
        adf::AcquireAttr acquire = bd.getAcquireAttr();
        if (sends && acquire && acquire.getEqual())
          step.reads[&tasks].insert(bd.getWindow());
        if (sends || !bd.getReleaseAttr())
          continue;
        counted = true;
        int64_t &made = madeIn[bd.getWindow()];
        made = std::max(made, number);
      }
      step.whole &= sends || counted;
    }
  }
}

bool StepOrder::readsAll(int64_t step, int64_t before) const {
  const auto &reads = steps[static_cast<size_t>(step)].reads;
  return steps[static_cast<size_t>(before)].whole && !reads.empty() &&
         llvm::all_of(reads, [&](const auto &entry) {
           return llvm::any_of(entry.second, [&](Value window) {
             auto made = madeIn.find(window);
             return made != madeIn.end() && made->second == before;
           });
         });
}

bool StepOrder::follows(int64_t step, int64_t before) const {
  if (before < 0 || step >= static_cast<int64_t>(steps.size()))
    return false;
  return readsAll(step, before) || (readsAll(step, step - 1) && readsAll(step - 1, before));
}
