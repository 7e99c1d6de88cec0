//===- Arena.cpp ----------------------------------------------------------===//
#include "Transforms/Allocate/Arena.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <numeric>

using namespace adfc;

namespace {

bool liveTogether(const LiveBuffer &a, const LiveBuffer &b) {
  return a.first <= b.last && b.first <= a.last;
}

/// The lowest offset at which `bytes` fit between the given occupied [begin, end) ranges.
int64_t lowestGap(std::vector<std::pair<int64_t, int64_t>> occupied, int64_t bytes,
                  int64_t alignment) {
  std::sort(occupied.begin(), occupied.end());
  int64_t offset = 0;
  for (auto [begin, end] : occupied) {
    if (offset + bytes <= begin)
      break;
    offset = std::max(offset, static_cast<int64_t>(llvm::alignTo(end, alignment)));
  }
  return offset;
}

} // namespace

ArenaLayout adfc::layOutArena(llvm::ArrayRef<LiveBuffer> buffers, int64_t alignment) {
  ArenaLayout layout;
  layout.offsets.assign(buffers.size(), 0);
  std::vector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::make_pair(-buffers[a].bytes, a) < std::make_pair(-buffers[b].bytes, b);
  });
  std::vector<size_t> placed;
  for (size_t i : order) {
    std::vector<std::pair<int64_t, int64_t>> occupied;
    for (size_t other : placed)
      if (liveTogether(buffers[i], buffers[other]))
        occupied.emplace_back(layout.offsets[other], layout.offsets[other] + buffers[other].bytes);
    layout.offsets[i] = lowestGap(std::move(occupied), buffers[i].bytes, alignment);
    layout.bytes = std::max(layout.bytes, layout.offsets[i] + buffers[i].bytes);
    placed.push_back(i);
  }
  layout.bytes = llvm::alignTo(layout.bytes, alignment);
  return layout;
}
