//===- WeightTape.cpp -----------------------------------------------------===//
#include "Transforms/Resident/WeightTape.h"

using namespace mlir;
using namespace adfc;

/// Descriptors of a tape: half of a memory tile's, those of its even channels (AM020).
static constexpr int64_t kMostDescriptors = 24;

WeightTape::WeightTape(const ResidentPlan &plan, int64_t set, int64_t core)
    : plan(plan), set(set), core(core), skips(plan.steps.size() + 1) {
  for (size_t step = 0; step < plan.steps.size(); ++step)
    addStep(step);
  align(plan.steps.size(), plan.weightDepth());
  if (plan.streamed())
    chooseAgainInRing();
  else
    chooseAgain();
  for (const TapeSection &section : sections)
    kept += section.kept();
}

bool TapeSection::isSkipped() const { return entries.front().chunk == kSkipped; }

int64_t TapeSection::quanta() const {
  int64_t sum = 0;
  for (const TapeEntry &entry : entries)
    sum += entry.quanta;
  return sum;
}

void WeightTape::align(size_t step, int64_t quanta) {
  if (int64_t over = sent % quanta) {
    skips[step] = quanta - over;
    sections.push_back({step, 1, false, {{step, -1, kSkipped, skips[step]}}});
    sent += skips[step];
  }
}

void WeightTape::addStep(size_t index) {
  const StepPlan &step = plan.steps[index];
  SetRole role = step.role(set);
  if (!role.active || core >= role.cores)
    return;
  if (step.tableQuanta) {
    align(index, step.tableQuanta);
    sections.push_back({index, 1, false, {{index, -1, kTable, step.tableQuanta}}});
    sent += step.tableQuanta;
  }
  if (!step.weightsBytes)
    return;
  align(index, step.quanta);
  TapeSection section{index, step.keepsWeights() ? 1 : step.rowTiles(role.group), false, {}};
  // Chunks are dealt to the cores that share them in turn.
  for (int64_t chunk = core % step.shares(); chunk < step.chunks; chunk += step.shares())
    for (int64_t tile = 0; tile < step.channelTiles; ++tile)
      section.entries.push_back({index, tile, chunk, step.quanta});
  sent += section.quanta() * section.times;
  sections.push_back(std::move(section));
}

/// The sections that save most go first, as far as descriptors last.
void WeightTape::chooseAgain() {
  std::vector<TapeSection *> order;
  for (TapeSection &section : sections)
    if (section.times > 1)
      order.push_back(&section);
  llvm::sort(order, [](const TapeSection *a, const TapeSection *b) {
    int64_t savesA = a->quanta() * (a->times - 1), savesB = b->quanta() * (b->times - 1);
    return savesA != savesB ? savesA > savesB : a->step < b->step;
  });
  for (TapeSection *section : order) {
    section->again = true;
    section->again = static_cast<int64_t>(pieces().size()) <= kMostDescriptors;
  }
}

/// A streamed tape keeps once what leaves its memory tile room for more than as much, which can
/// come meanwhile.
void WeightTape::chooseAgainInRing() {
  int64_t most = plan.tapeRoom() * 3 / 8;
  for (TapeSection &section : sections)
    section.again = section.times > 1 && section.quanta() * plan.quantumBytes() <= most;
}

int64_t WeightTape::skipped(size_t step) const { return skips[step]; }

SmallVector<TapePiece> WeightTape::pieces() const {
  SmallVector<TapePiece> pieces;
  int64_t at = 0;
  auto add = [&](int64_t bytes, bool join) {
    while (bytes) {
      int64_t part = std::min(bytes, (at / kTapePartBytes + 1) * kTapePartBytes - at);
      bool follows = join && !pieces.empty() && at % kTapePartBytes;
      if (follows)
        pieces.back().bytes += part;
      else
        pieces.push_back({at, part, 1});
      join = true;
      at += part;
      bytes -= part;
    }
  };
  bool joins = false;
  for (const TapeSection &section : sections) {
    int64_t bytes = section.quanta() * plan.quantumBytes();
    if (!section.again) {
      add(bytes * section.times, joins);
      joins = true;
      continue;
    }
    size_t first = pieces.size();
    add(bytes, false);
    SmallVector<TapePiece, 2> own(pieces.begin() + first, pieces.end());
    for (int64_t time = 1; time < section.times; ++time)
      pieces.append(own.begin(), own.end());
    joins = false;
  }
  return pieces;
}

int64_t WeightTape::channelOf(const TapeEntry &entry) const {
  const StepPlan &step = plan.steps[entry.step];
  return step.role(set).firstChannel + core / step.shares() * step.channelsPerCore() +
         entry.channelTile * step.channels;
}

SmallVector<int64_t> WeightTape::key() const {
  SmallVector<int64_t> key;
  for (const TapeSection &section : sections)
    for (const TapeEntry &entry : section.entries) {
      int64_t channel = entry.chunk >= 0 ? channelOf(entry) : -1;
      key.append({static_cast<int64_t>(entry.step), channel, entry.chunk, entry.quanta,
                  section.again ? 1 : section.times});
    }
  return key;
}

void WeightTape::pack(MutableArrayRef<char> data) const {
  int64_t at = 0;
  for (const TapeSection &section : sections) {
    int64_t bytes = section.kept() * plan.quantumBytes();
    pack(section, data.slice(at, bytes));
    at += bytes;
  }
}

static void packTable(const StepPlan &step, MutableArrayRef<char> data) {
  adf::KernelOpInterface tail = step.tail;
  tail.packWeightsBlock({1, 1, 16, 16}, 0, 0, data.take_front(step.tableBytes));
}

void WeightTape::pack(const TapeSection &section, MutableArrayRef<char> data) const {
  int64_t at = 0;
  for (int64_t time = 0; time < (section.again ? 1 : section.times); ++time)
    for (const TapeEntry &entry : section.entries) {
      const StepPlan *step = entry.chunk >= 0 ? &plan.steps[entry.step] : nullptr;
      int64_t channel = step ? channelOf(entry) : 0;
      if (entry.chunk == kTable)
        packTable(plan.steps[entry.step], data.drop_front(at));
      // A tile past the last channel computes what nobody reads.
      if (step && channel < step->output.channels)
        adf::KernelOpInterface(step->head)
            .packWeightsBlock(step->headTile, channel, entry.chunk * step->headTile.inChannels,
                              data.slice(at, step->weightsBytes));
      at += entry.quanta * plan.quantumBytes();
    }
}
