//===- InputCut.h - how inputs are cut for their way to the hubs ----------===//
#ifndef ADFC_TRANSFORMS_RESIDENT_INPUTCUT_H
#define ADFC_TRANSFORMS_RESIDENT_INPUTCUT_H

#include "Transforms/Resident/HubMemory.h"
#include "Transforms/Resident/InputTime.h"
#include "Transforms/Resident/ResidentPlan.h"

namespace adfc {

/// Pieces of `words` words, of which each stream brings some that follow each other.
struct InputCut {
  int64_t words;
  llvm::SmallVector<int64_t, kInputStreams> pieces;
  int64_t cycles = 0; ///< AIE cycles until the last piece is through its join

  int64_t messages() const;
};

/// Equal pieces of whole words, or of whole rows where these get zeros around them; an even number
/// of them where that is possible, in as many streams as take least time.
InputCut cutInput(const HubTensor &input, int64_t mostStreams, const adfc_device &device);

/// Streams from DDR that may bring inputs: streamed weights take one for each tape.
int64_t mostInputStreams(const ResidentPlan &plan, const adfc_device &device);

} // namespace adfc

#endif // ADFC_TRANSFORMS_RESIDENT_INPUTCUT_H
