//===- HubMemory.h - where tensors lie in the hub -------------------------===//
#ifndef ADFC_TRANSFORMS_RESIDENT_HUBMEMORY_H
#define ADFC_TRANSFORMS_RESIDENT_HUBMEMORY_H

#include "Transforms/Resident/ResidentPlan.h"
#include "llvm/ADT/MapVector.h"

namespace adfc {

/// A tensor in the hub. Steps count from 0, the one that brings the inputs.
struct HubTensor {
  int64_t pitch = 0, rows = 0, cols = 0; ///< bytes of a pixel; rows with those written past the end
  int64_t channels = 0;                  ///< bytes of a pixel that count
  int64_t over = 0;                      ///< bytes behind the last pixel that are read
  int64_t first = 0, last = 0;           ///< the steps that write it and read it last
  int64_t messages = 0;                  ///< that must have come before it is whole
  int64_t address = 0, lock = 0;         ///< its first byte; the first of its two locks
  mlir::Value inPlaceOf;                 ///< the tensor whose bytes it takes tile by tile, or null

  int64_t dataBytes() const { return pitch * rows * cols; }
  int64_t bytes() const { return dataBytes() + over; }
  /// Whether the same bytes can be read under another shape.
  bool dense() const { return pitch == channels; }
};

using HubTensors = llvm::MapVector<mlir::Value, HubTensor>;

/// Gives every tensor that is read by a step its place in the hub's `bytes`, with `locks` locks.
/// Fails, with an error on the graph, where there is not enough of either.
mlir::FailureOr<HubTensors> layOutHub(const ResidentPlan &plan, int64_t bytes, int64_t locks);

} // namespace adfc

#endif // ADFC_TRANSFORMS_RESIDENT_HUBMEMORY_H
