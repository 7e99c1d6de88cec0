//===- HubMemory.h - where tensors lie in the hub -------------------------===//
#ifndef ADFC_TRANSFORMS_RESIDENT_HUBMEMORY_H
#define ADFC_TRANSFORMS_RESIDENT_HUBMEMORY_H

#include "Transforms/Resident/ResidentPlan.h"
#include "llvm/ADT/MapVector.h"

namespace adfc {

/// What one hub keeps of a tensor: rows, and the messages that must have come before it is whole.
struct HubPart {
  int64_t firstRow = 0, rows = 0, messages = 0;
};

/// A tensor in the hubs. Steps count from 0, the one that brings the inputs.
struct HubTensor {
  int64_t pitch = 0, cols = 0;         ///< bytes of a pixel
  int64_t before = 0, after = 0;       ///< words of zeros around each row
  llvm::SmallVector<HubPart, 3> parts; ///< of each hub; rows with those written past the end
  int64_t channels = 0;                ///< bytes of a pixel that count
  int64_t over = 0;                    ///< bytes behind the last pixel that are read
  int64_t first = 0, last = 0;         ///< the steps that write it and read it last
  llvm::SmallVector<int64_t> reads;    ///< the steps that read it
  bool ahead = false; ///< whether some of it may be made before the step before `first` has ended
  int64_t address = 0, lock = 0; ///< its first byte; the first of its two locks
  mlir::Value inPlaceOf;         ///< the tensor whose bytes it takes tile by tile, or null

  /// Most rows that a hub keeps: all have as much room for it, at one address.
  int64_t rows() const;
  /// Words of a row as it comes, and as it lies in the hub.
  int64_t bareRowWords() const { return pitch * cols / 4; }
  int64_t rowWords() const { return before + bareRowWords() + after; }
  bool hasMargins() const { return before || after; }
  int64_t dataBytes() const { return 4 * rowWords() * rows(); }
  int64_t bytes() const { return dataBytes() + over; }
  /// Whether a value that a step reads has the shape that it has here.
  bool isSeenAsItIs(mlir::Value value) const;
  /// Whether the same bytes can be read under another shape.
  bool dense() const { return pitch == channels; }
};

/// The hubs' memory. What a hub gets of a result and does not keep goes to its last `scrap` bytes.
struct HubLayout {
  llvm::MapVector<mlir::Value, HubTensor> tensors;
  int64_t scrap = 0;
};

/// Gives every tensor that is read by a step its place in the hubs' `bytes`, with `locks` locks.
/// Fails, with an error on the graph, where there is not enough of either.
mlir::FailureOr<HubLayout> layOutHub(const ResidentPlan &plan, int64_t bytes, int64_t locks);

} // namespace adfc

#endif // ADFC_TRANSFORMS_RESIDENT_HUBMEMORY_H
