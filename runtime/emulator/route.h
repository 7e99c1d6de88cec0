// Circuit-switched routes through the stream switches.
#ifndef ADFC_EMULATOR_ROUTE_H
#define ADFC_EMULATOR_ROUTE_H

#include "array.h"

// Makes the MM2S channel head the list of the S2MM channels that its stream reaches now. AIE_FAULT
// where a branch leads nowhere, or where data is under way on another stream to one of them.
enum aie_status aie_route_trace(struct aie_array *array, uint32_t channel);

#endif
