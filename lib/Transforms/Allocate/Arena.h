//===- Arena.h - Offsets for buffers that live at different times ----------===//
#ifndef ADFC_TRANSFORMS_ALLOCATE_ARENA_H
#define ADFC_TRANSFORMS_ALLOCATE_ARENA_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <vector>

namespace adfc {

/// A buffer of `bytes` bytes that holds data from phase `first` to phase `last`, both included.
struct LiveBuffer {
  int64_t bytes = 0;
  int first = 0;
  int last = 0;
};

struct ArenaLayout {
  /// Byte offset of each buffer, in their order.
  std::vector<int64_t> offsets;
  /// Size of the whole arena in bytes.
  int64_t bytes = 0;
};

/// Gives each buffer an offset that is a multiple of `alignment`, so that buffers that live in the
/// same phase do not overlap. Greedy, largest first (as in Pisarchyk, Lee: "Efficient memory
/// management for deep neural net inference", 2020); ties by order.
ArenaLayout layOutArena(llvm::ArrayRef<LiveBuffer> buffers, int64_t alignment);

} // namespace adfc

#endif // ADFC_TRANSFORMS_ALLOCATE_ARENA_H
