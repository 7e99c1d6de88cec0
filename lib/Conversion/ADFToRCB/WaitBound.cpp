//===- WaitBound.cpp ------------------------------------------------------===//
#include "Conversion/ADFToRCB/WaitBound.h"

#include "adfc/spec/devices.h"
#include "adfc/spec/rcb_isa.h"

#include <algorithm>
#include <map>

using namespace mlir;
using namespace adfc;

// A bound turns a hang into an error, it does not judge speed. All assumed.
static constexpr int64_t margin = 4;
static constexpr int64_t fixedCycles = 10'000;
/// What others may keep DDR busy with, or a refresh: 80 us at 1250 MHz.
static constexpr int64_t ddrCycles = 100'000;

namespace {

/// Walks a core's program and counts what it does in each step.
class CoreWalk {
public:
  CoreWalk(size_t steps, bool endless, const adfc_timing &timing)
      : cycles(steps), words(steps), endless(endless), timing(timing) {}

  void walk(Block &body, int64_t times) {
    for (Operation &op : body) {
      if (auto loop = dyn_cast<adf::LoopOp>(op)) {
        walk(loop.getBody().front(), times * static_cast<int64_t>(loop.getCount()));
        continue;
      }
      auto call = dyn_cast<adf::CallOp>(op);
      if (call)
        setStep(call);
      cycles[step] += times * (call ? static_cast<int64_t>(call.getCycles()) : timing.lock_cycles);
      if (auto acquire = dyn_cast<adf::AcquireOp>(op))
        move(acquire.getWindow(), acquire.getLock().getLock(), acquire.getLock().getValue(), times);
      if (auto release = dyn_cast<adf::ReleaseOp>(op))
        move(release.getWindow(), release.getLock().getLock(), release.getLock().getValue(), times);
    }
  }

  std::vector<int64_t> cycles, words;

private:
  /// The program goes through the steps in their order, and scratch memory says which one it is in.
  void setStep(adf::CallOp call) {
    for (Value operand : call.getOperands())
      if (auto buffer = operand.getDefiningOp<adf::BufferOp>())
        if (auto live = buffer.getLive())
          step = std::min(static_cast<size_t>((*live)[0]), cycles.size() - 1);
  }

  /// Endless tasks belong to no step: what they move is what the core takes and gives in it.
  void move(Value window, adf::LockKind lock, int64_t buffers, int64_t times) {
    auto op = window.getDefiningOp<adf::WindowOp>();
    if (endless && op && lock == adf::LockKind::Full)
      words[step] += times * buffers * static_cast<int64_t>(op.getBytes()) / 4;
  }

  size_t step = 0;
  bool endless;
  const adfc_timing &timing;
};

} // namespace

static int64_t transferCycles(adf::DMAOp task, TileKind kind, const adfc_timing &timing) {
  auto bds = static_cast<int64_t>(llvm::range_size(task.getBody().getOps<adf::BDOp>()));
  int64_t start = timing.dma_start_cycles + timing.bd_chain_cycles + 2 * timing.lock_cycles;
  if (kind == TileKind::Shim)
    start += timing.ddr_read_cycles + timing.ddr_read_cold_cycles + timing.ddr_write_cycles +
             timing.ddr_write_cold_cycles;
  return task.getTotalWords() + static_cast<int64_t>(task.getRepeat()) * bds * start;
}

WaitBounds::WaitBounds(PhaseModel &model, const DeviceModel &device)
    : steps(std::max<size_t>(llvm::range_size(model.phase.getBody().getOps<adf::StepOp>()), 1)) {
  addTasks(model, device);
  addCores(model, device);
}

void WaitBounds::addTasks(PhaseModel &model, const DeviceModel &device) {
  const adfc_timing &timing = device.table().timing;
  std::vector<int64_t> ddrBytes(steps.size());
  std::map<std::tuple<size_t, TileKind, Direction>, int64_t> stages; // the busiest channel of each
  for (ChannelTasks &tasks : model.channels) {
    TileKind kind = model.kind(tasks.tile);
    std::vector<int64_t> cycles(steps.size());
    for (adf::DMAOp task : tasks.tasks) {
      if (task.getEndless())
        continue;
      size_t step = task.getStep().value_or(0);
      cycles[step] += transferCycles(task, kind, timing);
      if (kind == TileKind::Shim)
        ddrBytes[step] += 4 * task.getTotalWords();
    }
    for (auto [step, busy] : llvm::enumerate(cycles)) {
      int64_t &most = stages[{step, kind, tasks.direction}];
      most = std::max(most, busy);
    }
  }
  for (auto [stage, busy] : stages)
    steps[std::get<0>(stage)].cycles += busy;
  for (auto [step, bytes] : llvm::enumerate(ddrBytes)) {
    steps[step].ddr = bytes != 0;
    steps[step].cycles += bytes * timing.clock_mhz / timing.ddr_mbytes_per_second;
  }
}

void WaitBounds::addCores(PhaseModel &model, const DeviceModel &device) {
  std::vector<int64_t> busiest(steps.size());
  for (auto core : model.phase.getBody().getOps<adf::CoreOp>()) {
    CoreWalk walk(steps.size(), core.getEndless(), device.table().timing);
    walk.walk(core.getBody().front(), 1);
    for (size_t step = 0; step < steps.size(); ++step)
      busiest[step] = std::max(busiest[step], walk.cycles[step] + walk.words[step]);
  }
  for (auto [step, cycles] : llvm::enumerate(busiest))
    steps[step].cycles += cycles;
}

uint32_t WaitBounds::ofStep(int64_t step) const {
  int64_t cycles = 0;
  bool ddr = false;
  for (size_t i = static_cast<size_t>(step); i < steps.size() && i <= static_cast<size_t>(step) + 1;
       ++i) {
    cycles += steps[i].cycles;
    ddr |= steps[i].ddr;
  }
  cycles = std::min<int64_t>(cycles, ADFC_MAX_WAIT) * margin + fixedCycles + (ddr ? ddrCycles : 0);
  return static_cast<uint32_t>(std::min<int64_t>(cycles, ADFC_MAX_WAIT));
}
