// Locks: 6-bit semaphores with a queue of waiting actors each.
//
// Acquire with value < 0 waits until the lock is at least |value| and subtracts it; with value >= 0
// it waits until the lock equals value and leaves it. Release adds a signed value; past 0 or 63 the
// lock stays at the limit (assumed) and a sticky bit is set (AM025 Locks_Overflow,
// Locks_Underflow).
#ifndef ADFC_EMULATOR_LOCKS_H
#define ADFC_EMULATOR_LOCKS_H

#include "array.h"

// Takes the lock at once, or returns 0.
int aie_lock_try(struct aie_array *array, uint32_t lock, int32_t value);
// Takes the lock at once and returns 1, or lets the actor wait and returns 0: it is told by
// aie_actor_granted.
int aie_lock_acquire(struct aie_array *array, uint32_t lock, int32_t value, uint32_t actor);
// `by`: the actor that does it, or AIE_NONE.
void aie_lock_release(struct aie_array *array, uint32_t lock, int32_t value, uint32_t by);
// Sets the lock to a value of 0 .. 63.
void aie_lock_set(struct aie_array *array, uint32_t lock, uint32_t value);
// The actor no longer waits.
void aie_lock_forget(struct aie_array *array, uint32_t actor);

#endif
