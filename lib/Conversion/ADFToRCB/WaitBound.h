//===- WaitBound.h - How long a phase can take at most --------------------===//
#ifndef ADFC_CONVERSION_ADFTORCB_WAITBOUND_H
#define ADFC_CONVERSION_ADFTORCB_WAITBOUND_H

#include "Transforms/Phase/PhaseModel.h"

namespace adfc {

/// A bound in array cycles for each wait of the phase: what all its transfers, kernel calls and
/// control would take one after the other, with a margin for a slow DDR. From 1 to ADFC_MAX_WAIT.
uint32_t waitBound(PhaseModel &model, const DeviceModel &device);

} // namespace adfc

#endif // ADFC_CONVERSION_ADFTORCB_WAITBOUND_H
