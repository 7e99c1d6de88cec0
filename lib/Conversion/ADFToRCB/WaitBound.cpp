//===- WaitBound.cpp ------------------------------------------------------===//
#include "Conversion/ADFToRCB/WaitBound.h"

#include "adfc/spec/devices.h"
#include "adfc/spec/rcb_isa.h"

#include <algorithm>

using namespace mlir;
using namespace adfc;

// Generous on purpose: the bound turns a hang into an error, it does not judge speed. Both are
// assumed.
static constexpr int64_t margin = 8;
static constexpr int64_t fixedCycles = 1'000'000;

static int64_t coreCycles(Block &body, const adfc_timing &timing) {
  int64_t cycles = 0;
  for (Operation &op : body) {
    if (auto loop = dyn_cast<adf::LoopOp>(op))
      cycles += static_cast<int64_t>(loop.getCount()) * coreCycles(loop.getBody().front(), timing);
    else if (auto call = dyn_cast<adf::CallOp>(op))
      cycles += static_cast<int64_t>(call.getCycles());
    else
      cycles += timing.lock_cycles;
  }
  return cycles;
}

static int64_t transferCycles(adf::DMAOp task, TileKind kind, const adfc_timing &timing) {
  auto bds = static_cast<int64_t>(llvm::range_size(task.getBody().getOps<adf::BDOp>()));
  int64_t start = timing.dma_start_cycles + timing.bd_chain_cycles + 2 * timing.lock_cycles;
  if (kind == TileKind::Shim)
    start += timing.ddr_read_cycles + timing.ddr_read_cold_cycles + timing.ddr_write_cycles +
             timing.ddr_write_cold_cycles;
  return task.getTotalWords() + static_cast<int64_t>(task.getRepeat()) * bds * start;
}

uint32_t adfc::waitBound(PhaseModel &model, const DeviceModel &device) {
  const adfc_timing &timing = device.table().timing;
  int64_t cycles = 0;
  for (auto core : model.phase.getBody().getOps<adf::CoreOp>())
    cycles += coreCycles(core.getBody().front(), timing);
  for (ChannelTasks &tasks : model.channels)
    for (adf::DMAOp task : tasks.tasks)
      cycles +=
          transferCycles(task, model.kind(tasks.tile), timing) + timing.control_push_cold_cycles;
  cycles = std::min<int64_t>(cycles, ADFC_MAX_WAIT);
  return static_cast<uint32_t>(std::min<int64_t>(cycles * margin + fixedCycles, ADFC_MAX_WAIT));
}
