//===- StreamedTape.h - a tape that comes from DDR for each inference -----===//
//
// The tape goes round a ring of units in a memory tile. A section of the tape, the weights of a
// step, begins with a unit. Weights that a step needs once are sent unit by unit, those that it
// needs again for each tile of rows all together, as often as they are needed, from the ring: DDR
// brings them once. Buffers that are skipped have no place in the ring; any bytes are sent for
// them.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TRANSFORMS_RESIDENT_STREAMEDTAPE_H
#define ADFC_TRANSFORMS_RESIDENT_STREAMEDTAPE_H

#include "Transforms/Resident/WeightTape.h"

namespace adfc {

/// Bytes of the ring, from its byte `first`.
struct RingBytes {
  int64_t first, bytes;
};

/// What a memory tile sends of its ring by one task.
struct RingTask {
  llvm::SmallVector<RingBytes, 2> parts; ///< one after the other
  int64_t repeat = 1;                    ///< how often
  int64_t wrap = 1;   ///< each time from the unit behind that of the time before, so many times
  int64_t taken = 0;  ///< units that are there before it starts (0: it does not wait),
  bool again = false; ///< and that stay for the next time; else their place is free when it ends
};

class StreamedTape {
public:
  StreamedTape(const WeightTape &tape, const ResidentPlan &plan);

  int64_t unitBytes() const { return unit; }
  int64_t ringUnits() const { return ring; }
  /// Bytes in DDR.
  int64_t bytes() const { return (units + unused) * unit; }
  /// What is sent for `step`, in order; behind the last step with its number plus one.
  llvm::SmallVector<RingTask, 4> tasks(size_t step) const;
  /// Writes it; `data` has bytes() and is zero.
  void pack(llvm::MutableArrayRef<char> data) const;

private:
  /// A section in the ring.
  struct Part {
    const TapeSection *section;
    int64_t first, units;
    int64_t bytes; ///< of all units, or of each one where they are sent singly
    bool single;
    bool last; ///< of the tape: sent with the units behind it
  };

  void layOut(const TapeSection &section);
  void closeRing();
  void sendSingly(const Part &part, llvm::SmallVectorImpl<RingTask> &tasks) const;
  void sendTogether(const Part &part, llvm::SmallVectorImpl<RingTask> &tasks) const;
  /// `bytes` from the begin of unit `first`, cut where the ring ends.
  llvm::SmallVector<RingBytes, 2> inRing(int64_t first, int64_t bytes) const;

  const WeightTape &tape;
  const ResidentPlan &plan;
  int64_t unit, ring = 1, units = 0;
  int64_t unused = 0; ///< units behind the last section, so that a tape is whole rounds
  std::vector<Part> parts;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_RESIDENT_STREAMEDTAPE_H
