//===- WeightTape.h - all weights of one core in the order of their use ---===//
#ifndef ADFC_TRANSFORMS_RESIDENT_WEIGHTTAPE_H
#define ADFC_TRANSFORMS_RESIDENT_WEIGHTTAPE_H

#include "Transforms/Resident/ResidentPlan.h"

namespace adfc {

/// Bytes of a tape's part in one memory tile, where it stays: `ResidentPlan::tapeRoom`.
constexpr int64_t kTapePartBytes = 508 * 1024;

/// In place of a chunk's number: buffers that are skipped, and the parameters of a step's tail.
constexpr int64_t kSkipped = -1, kTable = -2;

/// A part of a tape: a block of a step, or buffers that are skipped.
struct TapeEntry {
  size_t step;
  int64_t channelTile, chunk; ///< of the block; or kSkipped, kTable
  int64_t quanta;
};

/// Entries that are needed one after the other, `times` times.
struct TapeSection {
  size_t step; ///< which needs them, or what follows them
  int64_t times;
  bool again; ///< kept once, and sent again
  llvm::SmallVector<TapeEntry> entries;

  bool isSkipped() const; ///< whatever its bytes are
  int64_t quanta() const; ///< of the entries once
  /// Buffers to keep.
  int64_t kept() const { return quanta() * (again ? 1 : times); }
};

/// Bytes of a tape that are sent `times` times, one after the other.
struct TapePiece {
  int64_t first, bytes, times;
};

/// What one core receives for one inference, in buffers of its weight ring. A block begins at a
/// multiple of its length, so that it never wraps; at the end the ring is where it began. What a
/// step needs again for each tile of rows is kept once where there are descriptors to send it
/// again.
class WeightTape {
public:
  WeightTape(const ResidentPlan &plan, int64_t set, int64_t core);

  /// Buffers to skip before the first block of `step`; behind the last step with `steps.size()`.
  int64_t skipped(size_t step) const;
  /// Bytes to keep.
  int64_t bytes() const { return kept * plan.quantumBytes(); }
  /// What a DMA channel sends, in order; no piece crosses from one memory tile to the other.
  llvm::SmallVector<TapePiece> pieces() const;
  /// Writes it; `data` has bytes() and is zero.
  void pack(llvm::MutableArrayRef<char> data) const;
  /// The same for one section.
  void pack(const TapeSection &section, llvm::MutableArrayRef<char> data) const;
  llvm::ArrayRef<TapeSection> getSections() const { return sections; }
  /// Two tapes of one key are equal.
  llvm::SmallVector<int64_t> key() const;

private:
  void addStep(size_t step);
  /// The first output channel of an entry.
  int64_t channelOf(const TapeEntry &entry) const;
  void align(size_t step, int64_t quanta);
  void chooseAgain();
  void chooseAgainInRing();

  const ResidentPlan &plan;
  int64_t set, core, sent = 0, kept = 0;
  std::vector<int64_t> skips; ///< by step
  std::vector<TapeSection> sections;
};

} // namespace adfc

#endif // ADFC_TRANSFORMS_RESIDENT_WEIGHTTAPE_H
