//===- MemoryTest.cpp - Layouts of tile memory and of the arena -----------===//
#include "Transforms/Allocate/Arena.h"
#include "Transforms/Allocate/TileMemory.h"

#include "llvm/Support/raw_ostream.h"

#include <random>
#include <set>

using namespace adfc;

static int failures = 0;

static void expect(bool condition, const char *what) {
  if (condition)
    return;
  llvm::errs() << "failed: " << what << "\n";
  ++failures;
}

static bool overlap(int64_t a, int64_t aEnd, int64_t b, int64_t bEnd) {
  return a < bEnd && b < aEnd;
}

/// Random buffers: those that live together share no byte, and the arena is at least as large as
/// the fullest phase and no larger than all of them.
static void testArena(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<LiveBuffer> buffers;
  int64_t all = 0, fullest = 0;
  for (int i = 0; i < 30; ++i) {
    int first = static_cast<int>(random() % 10);
    int64_t bytes = 4 * (1 + static_cast<int64_t>(random() % 1000));
    buffers.push_back({bytes, first, first + static_cast<int>(random() % 4)});
    all += (bytes + 63) / 64 * 64;
  }
  for (int phase = 0; phase < 14; ++phase) {
    int64_t live = 0;
    for (const LiveBuffer &b : buffers)
      live += b.first <= phase && phase <= b.last ? b.bytes : 0;
    fullest = std::max(fullest, live);
  }
  ArenaLayout layout = layOutArena(buffers, 64);
  for (size_t i = 0; i < buffers.size(); ++i) {
    expect(layout.offsets[i] % 64 == 0, "an offset is aligned");
    expect(layout.offsets[i] + buffers[i].bytes <= layout.bytes, "a buffer is in the arena");
    for (size_t j = 0; j < i; ++j)
      expect(buffers[i].first > buffers[j].last || buffers[j].first > buffers[i].last ||
                 !overlap(layout.offsets[i], layout.offsets[i] + buffers[i].bytes,
                          layout.offsets[j], layout.offsets[j] + buffers[j].bytes),
             "buffers that live together share no byte");
  }
  expect(layout.bytes >= fullest && layout.bytes <= all, "the arena is not larger than need be");
}

static void testBanks() {
  // Core tile: 64 KB in banks of 8 KB (AM020).
  constexpr int64_t memory = 65536, bank = 8192;
  MemoryLayout layout = layOutTile({{4096, 2, 0}, {4096, 2, 0}}, memory, bank, 64);
  std::set<int64_t> first{layout.rings[0].base / bank,
                          (layout.rings[0].base + layout.rings[0].stride) / bank};
  expect(first.size() == 2, "the regions of a ring are in different banks");
  expect(!overlap(layout.rings[0].base, layout.rings[0].base + 4096, layout.rings[1].base,
                  layout.rings[1].base + 4096),
         "rings share no byte");
  // With whole banks for each region this would take 80 KB; packed, it fits.
  layout = layOutTile({{6000, 10, 0}}, memory, bank, 64);
  expect(layout.rings.size() == 1 && layout.rings[0].stride == 6016,
         "packed where banks do not fit");
  // Exactly full, and one alignment unit too much.
  expect(layOutTile({{65536, 1, 0}}, memory, bank, 64).bytes == memory, "a full memory");
  layout = layOutTile({{32768, 2, 0}, {4, 1, 0}}, memory, bank, 64);
  expect(layout.rings.empty() && layout.bytes == memory + 64, "too much, and by how much");
  // A given distance is kept.
  layout = layOutTile({{64, 2, 0}, {64, 3, 128}}, memory, 0, 64);
  expect(layout.rings[1].stride == 128, "a given stride is kept");
}

int main() {
  for (unsigned seed = 1; seed <= 50; ++seed)
    testArena(seed);
  testBanks();
  return failures != 0;
}
