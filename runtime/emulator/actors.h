// What moves by itself: cores, DMA channels and transfers, woken by timers and locks.
#ifndef ADFC_EMULATOR_ACTORS_H
#define ADFC_EMULATOR_ACTORS_H

#include "array.h"

// The lock that the actor waited for is its own now, after `waited` cycles.
void aie_actor_granted(struct aie_array *array, uint32_t actor, uint64_t waited);

// A timer has run out: the actor, or the transfer, goes on.
void aie_timer_run(struct aie_array *array, uint32_t timer);

#endif
