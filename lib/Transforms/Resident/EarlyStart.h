//===- EarlyStart.h - steps that start before the one before has ended ----===//
//
// When cores are at the last tiles of a step, most of its result is in the hub. Tiles of the next
// step that read nothing of what is missing come first, in a round: so cores have work while the
// last outputs are on their way.
//
//===----------------------------------------------------------------------===//
#ifndef ADFC_TRANSFORMS_RESIDENT_EARLYSTART_H
#define ADFC_TRANSFORMS_RESIDENT_EARLYSTART_H

#include "Transforms/Resident/HubMemory.h"

namespace adfc {

/// Sets `firstTiles`, `earlyTiles`, `gate` and `announces` of the plan's steps that are `early`,
/// where what is done early overwrites nothing in the hubs that is still to be read.
void planEarlyStarts(ResidentPlan &plan, const HubLayout &layout, const adfc_device &device);

} // namespace adfc

#endif // ADFC_TRANSFORMS_RESIDENT_EARLYSTART_H
