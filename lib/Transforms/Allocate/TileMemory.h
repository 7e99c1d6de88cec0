//===- TileMemory.h - Addresses in one tile's data memory -----------------===//
#ifndef ADFC_TRANSFORMS_ALLOCATE_TILEMEMORY_H
#define ADFC_TRANSFORMS_ALLOCATE_TILEMEMORY_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace adfc {

/// `depth` regions of `bytes` bytes each, at equal distances.
struct RingRequest {
  int64_t bytes = 0;
  int64_t depth = 1;
  /// The distance between two regions where it is given already; 0 where it is free.
  int64_t stride = 0;
  /// Where its first region is, if that is given already; then so is its stride.
  std::optional<int64_t> base = std::nullopt;
};

struct RingAddress {
  int64_t base = 0;
  int64_t stride = 0;
};

struct MemoryLayout {
  /// One per request. Empty where they do not fit.
  std::vector<RingAddress> rings;
  /// Bytes from 0 to the end of the last region; where they do not fit, the bytes that packing them
  /// would take.
  int64_t bytes = 0;
};

/// Gives each ring an address. All addresses and free strides are multiples of `alignment`. Where
/// it fits, the regions of a ring lie in different banks, so that a DMA filling one does not stall
/// a core that reads the other; `bankBytes` 0 says that banks do not matter.
MemoryLayout layOutTile(llvm::ArrayRef<RingRequest> requests, int64_t memoryBytes,
                        int64_t bankBytes, int64_t alignment);

} // namespace adfc

#endif // ADFC_TRANSFORMS_ALLOCATE_TILEMEMORY_H
