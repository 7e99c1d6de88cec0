//===- Arena.cpp ----------------------------------------------------------===//
#include "Transforms/Allocate/Arena.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <numeric>

using namespace adfc;

namespace {

/// The buffers that have their places, by the steps in which they live: most live shortly, so that
/// a new one is held against a few others only.
class PlacedBuffers {
public:
  using Range = std::pair<int64_t, int64_t>;

  explicit PlacedBuffers(llvm::ArrayRef<LiveBuffer> buffers) {
    int last = -1;
    for (const LiveBuffer &buffer : buffers)
      last = std::max(last, buffer.last);
    bySteps.resize(static_cast<size_t>(last + 1));
  }

  void add(const LiveBuffer &buffer, int64_t offset) {
    for (int step = buffer.first; step <= buffer.last; ++step)
      bySteps[static_cast<size_t>(step)].push_back({offset, offset + buffer.bytes});
  }

  /// The [begin, end) of all that live together with `buffer`; some more than once.
  std::vector<Range> besides(const LiveBuffer &buffer) const {
    std::vector<Range> ranges;
    for (int step = buffer.first; step <= buffer.last; ++step)
      llvm::append_range(ranges, bySteps[static_cast<size_t>(step)]);
    return ranges;
  }

private:
  std::vector<std::vector<Range>> bySteps;
};

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
  PlacedBuffers placed(buffers);
  for (size_t i : order) {
    layout.offsets[i] = lowestGap(placed.besides(buffers[i]), buffers[i].bytes, alignment);
    layout.bytes = std::max(layout.bytes, layout.offsets[i] + buffers[i].bytes);
    placed.add(buffers[i], layout.offsets[i]);
  }
  layout.bytes = llvm::alignTo(layout.bytes, alignment);
  return layout;
}
