// The virtual clock's timers, by time, then by the order in which they were set.
#ifndef ADFC_EMULATOR_TIMERS_H
#define ADFC_EMULATOR_TIMERS_H

#include "array.h"

// Sets or moves a timer. time >= now.
void aie_timer_set(struct aie_array *array, uint32_t timer, uint64_t time);
void aie_timer_cancel(struct aie_array *array, uint32_t timer);
int aie_timer_is_set(const struct aie_array *array, uint32_t timer);
// The next timer's time; 0: there is none.
int aie_timer_next(const struct aie_array *array, uint64_t *time);
// Takes off the next timer. There must be one.
uint32_t aie_timer_take(struct aie_array *array);

#endif
