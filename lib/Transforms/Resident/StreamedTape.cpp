//===- StreamedTape.cpp ---------------------------------------------------===//
#include "Transforms/Resident/StreamedTape.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace adfc;
using adf::ceilDiv;

/// Most units of a ring: what a lock counts to (6 bits, AM020).
static constexpr int64_t kMostUnits = 63;
/// Most runs of a task (AM025).
static constexpr int64_t kMostRuns = 256;

StreamedTape::StreamedTape(const WeightTape &tape, const ResidentPlan &plan)
    : tape(tape), plan(plan), unit(plan.quantumBytes()) {
  while (unit * kMostUnits < std::min(plan.tapeRoom(), tape.bytes()))
    unit *= 2;
  for (const TapeSection &section : tape.getSections())
    layOut(section);
  closeRing();
}

/// What is sent singly fills all its units alike.
void StreamedTape::layOut(const TapeSection &section) {
  int64_t bytes = section.kept() * plan.quantumBytes(), count = ceilDiv(bytes, unit);
  if (section.isSkipped()) {
    parts.push_back({&section, units, 0, bytes, false, false});
    return;
  }
  bool single = !section.again && count > 1;
  while (single && bytes % (4 * count))
    ++count;
  parts.push_back({&section, units, count, single ? bytes / count : bytes, single, false});
  units += count;
}

/// A ring that the tape goes round a whole number of times, if there is a large one. It is longer
/// than what is skipped, less than all buffers in the core.
void StreamedTape::closeRing() {
  auto last = llvm::find_if(llvm::reverse(parts), [](const Part &part) { return part.units > 0; });
  if (last == parts.rend())
    return;
  last->last = true;
  int64_t most = std::min(kMostUnits, plan.tapeRoom() / unit), rounds = ceilDiv(units, most);
  int64_t least = std::max<int64_t>(2, ceilDiv(plan.weightDepth() * plan.quantumBytes(), unit));
  ring = std::max(least, ceilDiv(units, rounds));
  for (int64_t size = most; size > ring * 3 / 4 && size >= least; --size)
    if (units % size == 0) {
      ring = size;
      return;
    }
  unused = ring * rounds - units;
}

SmallVector<RingBytes, 2> StreamedTape::inRing(int64_t first, int64_t bytes) const {
  int64_t at = first % ring * unit, before = std::min(bytes, ring * unit - at);
  SmallVector<RingBytes, 2> cut{{at, before}};
  if (bytes > before)
    cut.push_back({0, bytes - before});
  return cut;
}

void StreamedTape::sendTogether(const Part &part, SmallVectorImpl<RingTask> &tasks) const {
  SmallVector<RingBytes, 2> bytes = inRing(part.first, part.bytes);
  if (part.section->again)
    tasks.push_back({bytes, part.section->times - 1, 1, part.units, true});
  tasks.push_back({bytes, 1, 1, part.units + (part.last ? unused : 0), false});
}

void StreamedTape::sendSingly(const Part &part, SmallVectorImpl<RingTask> &tasks) const {
  // The very last unit takes those behind it along.
  int64_t end = part.first + part.units - (part.last && unused ? 1 : 0);
  for (int64_t first = part.first; first < end;) {
    int64_t at = first % ring, left = end - first;
    // From the ring's begin whole rounds, as often as a task runs.
    int64_t rounds = at ? 0 : std::min(left, kMostRuns) / ring;
    int64_t count = rounds ? rounds * ring : std::min(left, ring - at);
    tasks.push_back({{{at * unit, part.bytes}}, count, std::min(count, ring), 1, false});
    first += count;
  }
  if (end < part.first + part.units)
    tasks.push_back({inRing(end, part.bytes), 1, 1, 1 + unused, false});
}

SmallVector<RingTask, 4> StreamedTape::tasks(size_t step) const {
  SmallVector<RingTask, 4> tasks;
  for (const Part &part : parts) {
    if (part.section->step != step)
      continue;
    if (!part.units)
      tasks.push_back({{{0, part.bytes}}, 1, 1, 0, false});
    else if (part.single)
      sendSingly(part, tasks);
    else
      sendTogether(part, tasks);
  }
  return tasks;
}

void StreamedTape::pack(MutableArrayRef<char> data) const {
  for (const Part &part : parts) {
    if (!part.units)
      continue;
    SmallVector<char> bytes(part.section->kept() * plan.quantumBytes());
    tape.pack(*part.section, bytes);
    ArrayRef<char> rest(bytes);
    for (int64_t at = part.first * unit; !rest.empty(); at += unit) {
      size_t count = part.single ? static_cast<size_t>(part.bytes) : rest.size();
      llvm::copy(rest.take_front(count), data.begin() + at);
      rest = rest.drop_front(count);
    }
  }
}
