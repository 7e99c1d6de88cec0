//===- WaitBound.cpp ------------------------------------------------------===//
#include "Conversion/ADFToRCB/WaitBound.h"

#include "adfc/spec/devices.h"
#include "adfc/spec/rcb_isa.h"

#include <algorithm>
#include <map>
#include <utility>

using namespace mlir;
using namespace adfc;

// A bound turns a hang into an error, it does not judge speed. All assumed.
static constexpr int64_t margin = 4;
/// Ways through switches: at most 60 (50 columns and 10 rows), 4 cycles each, in each of 5 stages.
static constexpr int64_t fixedCycles = 2'000;
/// How long DDR may stand still: 10 us at 1250 MHz, three times nine refreshes in a row, of which
/// eight were postponed (JESD79-4; tRFC is 0.35 us at 8 Gb).
static constexpr int64_t ddrCycles = 12'500;
/// The same, and what weights streamed without an end take of DDR, which no step accounts for.
static constexpr int64_t streamedCycles = 100'000;

namespace {

/// Walks a core's program and counts what it does in each step.
class CoreWalk {
public:
  CoreWalk(size_t steps, bool endless, const adfc_timing &timing)
      : cycles(steps), words(steps), endless(endless), timing(timing) {}

  /// A core that calls nothing drops what others take in from the same streams, as fast as they.
  void walk(adf::CoreOp core) {
    bool calls = false;
    core.walk([&](adf::CallOp) { calls = true; });
    if (calls)
      walk(core.getBody().front(), 1);
  }

  std::vector<int64_t> cycles, words;

private:
  void walk(Block &body, int64_t times) {
    for (Operation &op : body) {
      if (auto loop = dyn_cast<adf::LoopOp>(op)) {
        walk(loop.getBody().front(), times * static_cast<int64_t>(loop.getCount()));
        continue;
      }
      if (auto acquire = dyn_cast<adf::AcquireOp>(op)) {
        // It belongs to the call that it is for, which may be the first of a step.
        pendingCycles += times * timing.lock_cycles;
        pendingWords += times * wordsOf(acquire.getWindow(), acquire.getLock().getLock(),
                                        acquire.getLock().getValue());
        continue;
      }
      auto call = dyn_cast<adf::CallOp>(op);
      if (call)
        setStep(call);
      settle();
      cycles[step] += times * (call ? static_cast<int64_t>(call.getCycles()) : timing.lock_cycles);
      if (auto release = dyn_cast<adf::ReleaseOp>(op))
        words[step] += times * wordsOf(release.getWindow(), release.getLock().getLock(),
                                       release.getLock().getValue());
    }
    settle();
  }

  void settle() {
    cycles[step] += std::exchange(pendingCycles, 0);
    words[step] += std::exchange(pendingWords, 0);
  }

  /// The program goes through the steps in their order, and scratch memory says which one it is in.
  void setStep(adf::CallOp call) {
    for (Value operand : call.getOperands())
      if (auto buffer = operand.getDefiningOp<adf::BufferOp>())
        if (auto live = buffer.getLive())
          step = std::min(static_cast<size_t>((*live)[0]), cycles.size() - 1);
  }

  /// Endless tasks belong to no step: what they move is what the core takes and gives in it.
  int64_t wordsOf(Value window, adf::LockKind lock, int64_t buffers) const {
    auto op = window.getDefiningOp<adf::WindowOp>();
    bool counts = endless && op && lock == adf::LockKind::Full;
    return counts ? buffers * static_cast<int64_t>(op.getBytes()) / 4 : 0;
  }

  size_t step = 0;
  int64_t pendingCycles = 0, pendingWords = 0;
  bool endless;
  const adfc_timing &timing;
};

} // namespace

static int64_t transferCycles(adf::DMAOp task, TileKind kind, const adfc_timing &timing) {
  bool reads = task.getDirection() == adf::Direction::MM2S;
  auto bds = static_cast<int64_t>(llvm::range_size(task.getBody().getOps<adf::BDOp>()));
  int64_t start = timing.dma_start_cycles + timing.bd_chain_cycles + 2 * timing.lock_cycles;
  if (kind == TileKind::Shim)
    start += reads ? timing.ddr_read_cycles + timing.ddr_read_cold_cycles
                   : timing.ddr_write_cycles + timing.ddr_write_cold_cycles;
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
      if (task.getEndless() && model.phase.stays()) {
        streams |= kind == TileKind::Shim;
        continue;
      }
      size_t step = task.getStep().value_or(0);
      steps[step].waited |= task.getToken();
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
  for (auto [step, bytes] : llvm::enumerate(ddrBytes))
    steps[step].ddr = bytes * timing.clock_mhz / timing.ddr_mbytes_per_second + (bytes != 0);
}

void WaitBounds::addCores(PhaseModel &model, const DeviceModel &device) {
  std::vector<int64_t> busiest(steps.size());
  int64_t all = 0;
  for (auto core : model.phase.getBody().getOps<adf::CoreOp>()) {
    CoreWalk walk(steps.size(), core.getEndless(), device.table().timing);
    walk.walk(core);
    for (size_t step = 0; step < steps.size(); ++step) {
      int64_t cycles = walk.cycles[step], words = walk.words[step];
      busiest[step] = std::max(busiest[step], cycles + words);
      steps[step].work = std::max(steps[step].work, cycles);
      all += cycles + words;
    }
  }
  // Stages may wait for each other.
  if (model.phase.getMode() == adf::PhaseMode::Pipeline)
    busiest.front() = all;
  for (auto [step, cycles] : llvm::enumerate(busiest))
    steps[step].cycles += cycles;
}

uint32_t WaitBounds::ofStep(int64_t step) const {
  auto last = static_cast<size_t>(step), first = last;
  while (first > 0 && !steps[first - 1].waited)
    --first;
  int64_t cycles = 0, ddr = 0;
  for (size_t i = first; i <= last; ++i) {
    cycles += steps[i].cycles;
    ddr += steps[i].ddr;
  }
  if (last + 1 < steps.size())
    ddr += steps[last + 1].ddr;
  int64_t still = streams ? streamedCycles : ddr != 0 ? ddrCycles : 0;
  cycles = std::min<int64_t>(cycles + ddr, ADFC_MAX_WAIT) * margin + fixedCycles + still;
  return static_cast<uint32_t>(std::min<int64_t>(cycles, ADFC_MAX_WAIT));
}
