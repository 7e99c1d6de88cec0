// Buffer descriptors: from register words to what a channel executes.
#ifndef ADFC_EMULATOR_BD_H
#define ADFC_EMULATOR_BD_H

#include "array.h"

// Loads channel->current_bd into channel->bd and steps its iteration (AM025: ITERATION_CURRENT is
// incremented after the descriptor was loaded). AIE_FAULT where it cannot be executed.
enum aie_status aie_bd_load(struct aie_array *array, struct aie_channel *channel);

#endif
