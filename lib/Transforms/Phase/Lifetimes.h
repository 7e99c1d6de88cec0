//===- Lifetimes.h - Which phases use a piece of DDR ----------------------===//
#ifndef ADFC_TRANSFORMS_PHASE_LIFETIMES_H
#define ADFC_TRANSFORMS_PHASE_LIFETIMES_H

#include "ADF/ADFOps.h"

#include "llvm/ADT/DenseMap.h"

namespace adfc {

/// First and last phase, counted from 0, that reads or writes a DDR piece; (0, 0) for one that none
/// does.
using Lifetimes = llvm::DenseMap<mlir::Operation *, std::pair<int, int>>;
Lifetimes lifetimesOf(adf::ProgramOp program);

} // namespace adfc

#endif // ADFC_TRANSFORMS_PHASE_LIFETIMES_H
