//===- PlacedBd.h - Placed adf.bd operations as descriptors ---------------===//
#ifndef ADFC_TRANSFORMS_PHASE_PLACEDBD_H
#define ADFC_TRANSFORMS_PHASE_PLACEDBD_H

#include "ADF/ADFOps.h"
#include "Target/BufferDescriptor.h"

namespace adfc {

/// What `bd` says, with the addresses and locks of its window. `next` is the descriptor that
/// follows in its chain, if any. The window must have been allocated.
BufferDescriptor descriptorOf(adf::BDOp bd, std::optional<int> next);

/// The lock number that `kind` means on `window`.
int lockOf(adf::WindowOp window, adf::LockKind kind);
/// The value that a lock request carries in registers and core programs: negative where an acquire
/// subtracts.
int acquireValue(adf::AcquireAttr acquire);

} // namespace adfc

#endif // ADFC_TRANSFORMS_PHASE_PLACEDBD_H
