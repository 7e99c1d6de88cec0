//===- InputOrder.h - which rows of an input come first -------------------===//
#ifndef ADFC_TRANSFORMS_RESIDENT_INPUTORDER_H
#define ADFC_TRANSFORMS_RESIDENT_INPUTORDER_H

#include "Transforms/Resident/HubMemory.h"

namespace adfc {

/// The best order where `step` is the first, in at most `mostStreams` streams, if the first
/// tiles can start earlier with it than `whole` cycles after the inference has begun.
std::optional<InputOrder> orderInput(const StepPlan &step, const HubTensor &input,
                                     int64_t mostStreams, int64_t whole, const adfc_device &device);

} // namespace adfc

#endif // ADFC_TRANSFORMS_RESIDENT_INPUTORDER_H
