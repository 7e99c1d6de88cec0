// Injected faults, as the rest of the emulator meets them. Without any, these do nothing.
#ifndef ADFC_EMULATOR_FAULTS_H
#define ADFC_EMULATOR_FAULTS_H

#include "array.h"

// Whether what the timer stands for does not happen; it may be put off.
int aie_fault_holds(struct aie_array *array, uint32_t timer);

// Gives a stuck lock its value again.
void aie_fault_hold_lock(const struct aie_array *array, struct aie_lock *lock);

// Loses a word that the channel is about to send, where one is to be lost.
void aie_fault_lose(struct aie_array *array, uint32_t channel);

// Flips the bits whose time has come.
void aie_fault_flip(struct aie_array *array);

#endif
