//===- TileMemory.cpp -----------------------------------------------------===//
#include "Transforms/Allocate/TileMemory.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <numeric>

using namespace adfc;

namespace {

/// The occupied ranges of one tile's memory.
class Occupancy {
public:
  explicit Occupancy(int64_t bytes) : bytes(bytes) {}

  bool isFree(int64_t begin, int64_t end) const {
    return begin >= 0 && end <= bytes &&
           llvm::none_of(ranges, [&](auto &r) { return begin < r.second && r.first < end; });
  }

  /// Places the ring at the lowest base where all its regions are free. False if there is none.
  bool place(const RingRequest &ring, int64_t stride, int64_t alignment, RingAddress &address) {
    int64_t span = (ring.depth - 1) * stride + ring.bytes;
    int64_t first = ring.base.value_or(0), last = ring.base.value_or(bytes - span);
    for (int64_t base = first; base <= last && base + span <= bytes; base += alignment) {
      bool fits = llvm::all_of(llvm::seq<int64_t>(0, ring.depth), [&](int64_t i) {
        return isFree(base + i * stride, base + i * stride + ring.bytes);
      });
      if (!fits)
        continue;
      for (int64_t i = 0; i < ring.depth; ++i)
        ranges.emplace_back(base + i * stride, base + i * stride + ring.bytes);
      address = {base, stride};
      return true;
    }
    return false;
  }

  int64_t top() const {
    int64_t top = 0;
    for (auto &r : ranges)
      top = std::max(top, r.second);
    return top;
  }

private:
  int64_t bytes;
  std::vector<std::pair<int64_t, int64_t>> ranges;
};

/// The distance between regions that puts them in different banks.
int64_t bankStride(const RingRequest &ring, int64_t bankBytes) {
  return llvm::alignTo(ring.bytes, bankBytes);
}

bool tryLayout(llvm::ArrayRef<RingRequest> requests, llvm::ArrayRef<size_t> order, bool byBank,
               int64_t memoryBytes, int64_t bankBytes, int64_t alignment, MemoryLayout &layout) {
  Occupancy memory(memoryBytes);
  layout.rings.assign(requests.size(), {});
  for (size_t i : order) {
    const RingRequest &ring = requests[i];
    int64_t packed = llvm::alignTo(ring.bytes, alignment);
    int64_t stride = ring.stride ? ring.stride : packed;
    if (byBank && !ring.stride && ring.depth > 1)
      stride = bankStride(ring, bankBytes);
    if (!memory.place(ring, stride, alignment, layout.rings[i]))
      return false;
  }
  layout.bytes = memory.top();
  return true;
}

} // namespace

MemoryLayout adfc::layOutTile(llvm::ArrayRef<RingRequest> requests, int64_t memoryBytes,
                              int64_t bankBytes, int64_t alignment) {
  std::vector<size_t> order(requests.size());
  std::iota(order.begin(), order.end(), size_t(0));
  auto rank = [&](size_t i) {
    return std::make_tuple(!requests[i].base, -requests[i].bytes * requests[i].depth, i);
  };
  llvm::sort(order, [&](size_t a, size_t b) { return rank(a) < rank(b); });
  MemoryLayout layout;
  for (bool byBank : {bankBytes > 0, false})
    if (tryLayout(requests, order, byBank, memoryBytes, bankBytes, alignment, layout))
      return layout;
  layout.rings.clear();
  layout.bytes = 0;
  for (const RingRequest &ring : requests) {
    int64_t stride = ring.stride ? ring.stride : llvm::alignTo(ring.bytes, alignment);
    layout.bytes += llvm::alignTo((ring.depth - 1) * stride + ring.bytes, alignment);
  }
  return layout;
}
