// Core tiles' processors: control, and the interpreter of core programs.
#ifndef ADFC_EMULATOR_CORE_H
#define ADFC_EMULATOR_CORE_H

#include "array.h"

// CORE_CONTROL is written.
enum aie_status aie_core_control(struct aie_array *array, uint32_t core, uint32_t value);
uint32_t aie_core_status(const struct aie_core *core);
// The instruction under way is complete: its effect, and on to the next.
void aie_core_timer(struct aie_array *array, uint32_t core);
// The lock that it waited for is taken, after `waited` cycles.
void aie_core_granted(struct aie_array *array, uint32_t core, uint64_t waited);

#endif
