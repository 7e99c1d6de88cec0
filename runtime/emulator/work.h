// What is left to an executor: pieces of work that the virtual clock does not wait for.
#ifndef ADFC_EMULATOR_WORK_H
#define ADFC_EMULATOR_WORK_H

#include "array.h"

// Room for a piece of work; NULL: there is no executor, or it cannot take it. Then nothing is under
// way any more, and the work is the caller's, at once.
void *aie_work_reserve(const struct aie_array *array, uint32_t bytes);

// Hands over what was reserved last.
void aie_work_submit(const struct aie_array *array, aie_work_fn function);

#endif
