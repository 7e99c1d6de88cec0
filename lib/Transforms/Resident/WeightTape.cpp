//===- WeightTape.cpp -----------------------------------------------------===//
#include "Transforms/Resident/WeightTape.h"

using namespace mlir;
using namespace adfc;

/// Descriptors of a tape: half of a memory tile's, those of its even channels (AM020).
static constexpr int64_t kMostDescriptors = 24;

WeightTape::WeightTape(const ResidentPlan &plan, int64_t set, int64_t core)
    : plan(plan), set(set), core(core) {
  for (size_t step = 0; step < plan.steps.size(); ++step)
    addStep(step);
  align(plan.steps.size(), plan.weightDepth());
  if (!plan.streamed())
    chooseAgain();
  for (const Section &section : sections)
    kept += section.quanta() * (section.again ? 1 : section.times);
}

int64_t WeightTape::Section::quanta() const {
  int64_t sum = 0;
  for (const TapeEntry &entry : entries)
    sum += entry.quanta;
  return sum;
}

void WeightTape::align(size_t step, int64_t quanta) {
  if (int64_t over = sent % quanta) {
    sections.push_back({step, 1, false, {{step, -1, -1, quanta - over}}});
    sent += quanta - over;
  }
}

void WeightTape::addStep(size_t index) {
  const StepPlan &step = plan.steps[index];
  SetRole role = step.role(set);
  if (!step.weightsBytes || !role.active || core >= role.cores)
    return;
  align(index, step.quanta);
  Section section{index, step.keepsWeights() ? 1 : step.rowTiles(role.group), false, {}};
  for (int64_t chunk = 0; chunk < step.chunks; ++chunk)
    for (int64_t tile = 0; tile < step.channelTiles; ++tile)
      section.entries.push_back({index, tile, chunk, step.quanta});
  sent += section.quanta() * section.times;
  sections.push_back(std::move(section));
}

/// The sections that save most go first, as far as descriptors last.
void WeightTape::chooseAgain() {
  std::vector<Section *> order;
  for (Section &section : sections)
    if (section.times > 1)
      order.push_back(&section);
  llvm::sort(order, [](const Section *a, const Section *b) {
    int64_t savesA = a->quanta() * (a->times - 1), savesB = b->quanta() * (b->times - 1);
    return savesA != savesB ? savesA > savesB : a->step < b->step;
  });
  for (Section *section : order) {
    section->again = true;
    section->again = static_cast<int64_t>(pieces().size()) <= kMostDescriptors;
  }
}

int64_t WeightTape::skipped(size_t step) const {
  for (const Section &section : sections)
    if (section.step == step && section.entries.front().chunk < 0)
      return section.quanta();
  return 0;
}

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
  for (const Section &section : sections) {
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

SmallVector<int64_t> WeightTape::key() const {
  SmallVector<int64_t> key;
  for (const Section &section : sections)
    for (const TapeEntry &entry : section.entries) {
      int64_t channel = -1;
      if (entry.chunk >= 0) {
        const StepPlan &step = plan.steps[entry.step];
        channel = step.role(set).firstChannel + core * step.channelsPerCore() +
                  entry.channelTile * step.channels;
      }
      key.append({static_cast<int64_t>(entry.step), channel, entry.chunk, entry.quanta,
                  section.again ? 1 : section.times});
    }
  return key;
}

void WeightTape::pack(MutableArrayRef<char> data) const {
  int64_t at = 0;
  for (const Section &section : sections)
    for (int64_t time = 0; time < (section.again ? 1 : section.times); ++time)
      for (const TapeEntry &entry : section.entries) {
        const StepPlan *step = entry.chunk >= 0 ? &plan.steps[entry.step] : nullptr;
        int64_t channel = step ? step->role(set).firstChannel + core * step->channelsPerCore() +
                                     entry.channelTile * step->channels
                               : 0;
        // A tile past the last channel computes what nobody reads.
        if (step && channel < step->output.channels)
          adf::KernelOpInterface(step->head)
              .packWeightsBlock(step->headTile, channel, entry.chunk * step->headTile.inChannels,
                                data.slice(at, step->weightsBytes));
        at += entry.quanta * plan.quantumBytes();
      }
}
