//===- StreamedTape.cpp ---------------------------------------------------===//
#include "Transforms/Resident/StreamedTape.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace adfc;
using adf::ceilDiv;

/// Most units of a ring: what a lock counts to (6 bits, AM020).
static constexpr int64_t kMostUnits = 63;

StreamedTape::StreamedTape(const WeightTape &tape, int64_t quantumBytes)
    : tape(tape), quantum(quantumBytes), unit(quantumBytes) {
  while (unit * kMostUnits < kTapePartBytes)
    unit *= 2;
  for (const TapeSection &section : tape.getSections())
    layOut(section);
  if (parts.empty())
    return;
  parts.back().last = true;
  int64_t most = std::min(kMostUnits, kTapePartBytes / unit), rounds = ceilDiv(units, most);
  ring = ceilDiv(units, rounds);
  unused = ring * rounds - units;
  units += unused;
}

/// What is sent unit by unit fills all its units alike.
void StreamedTape::layOut(const TapeSection &section) {
  int64_t bytes = section.kept() * quantum, count = ceilDiv(bytes, unit);
  if (section.again || count == 1) {
    parts.push_back({&section, units, count, bytes, false});
    units += count;
    return;
  }
  while (bytes % (4 * count))
    ++count;
  parts.push_back({&section, units, count, bytes / count, false});
  units += count;
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
    tasks.push_back({bytes, part.section->times - 1, false, part.units, true});
  tasks.push_back({bytes, 1, false, part.units + (part.last ? unused : 0), false});
}

void StreamedTape::sendSingly(const Part &part, SmallVectorImpl<RingTask> &tasks) const {
  // The very last unit takes those behind it along.
  int64_t end = part.first + part.units - (part.last && unused ? 1 : 0);
  for (int64_t first = part.first; first < end;) {
    int64_t count = std::min(end - first, ring - first % ring);
    tasks.push_back({{{first % ring * unit, part.bytes}}, count, true, 1, false});
    first += count;
  }
  if (end < part.first + part.units)
    tasks.push_back({inRing(end, part.bytes), 1, false, 1 + unused, false});
}

SmallVector<RingTask, 4> StreamedTape::tasks(size_t step) const {
  SmallVector<RingTask, 4> tasks;
  for (const Part &part : parts) {
    if (part.section->step != step)
      continue;
    if (part.section->again || part.units == 1)
      sendTogether(part, tasks);
    else
      sendSingly(part, tasks);
  }
  return tasks;
}

void StreamedTape::pack(MutableArrayRef<char> data) const {
  for (const Part &part : parts) {
    SmallVector<char> bytes(part.section->kept() * quantum);
    tape.pack(*part.section, bytes);
    ArrayRef<char> rest(bytes);
    bool together = part.section->again || part.units == 1;
    for (int64_t at = part.first * unit; !rest.empty(); at += unit) {
      size_t count = together ? rest.size() : static_cast<size_t>(part.bytes);
      llvm::copy(rest.take_front(count), data.begin() + at);
      rest = rest.drop_front(count);
    }
  }
}
