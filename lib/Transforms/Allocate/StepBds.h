//===- StepBds.h - buffer descriptors of a resident phase -----------------===//
#ifndef ADFC_TRANSFORMS_ALLOCATE_STEPBDS_H
#define ADFC_TRANSFORMS_ALLOCATE_STEPBDS_H

#include "Transforms/Phase/PhaseModel.h"

namespace adfc {

/// Numbers the descriptors of a resident phase. Where a pool holds all that its steps need (equal
/// chains once), each has a number of its own, and can be written once and for all. Where it does
/// not, the steps take turns: none takes what the step before it has. Fails with the step that
/// takes too many.
mlir::LogicalResult allocateStepBds(PhaseModel &model, const DeviceModel &device);

} // namespace adfc

#endif // ADFC_TRANSFORMS_ALLOCATE_STEPBDS_H
