// Telling the observer.
#ifndef ADFC_EMULATOR_EVENTS_PRIVATE_H
#define ADFC_EMULATOR_EVENTS_PRIVATE_H

#include "adfc/emulator_events.h"
#include "array.h"

// An event of an actor that ends now. Slow path of the functions below.
void aie_event_tell(const struct aie_array *array, uint32_t kind, uint32_t actor, uint64_t start,
                    uint64_t end, uint32_t a, uint32_t b, uint32_t by);
// An actor has got the lock that it waited for since `start`; `by`: an actor, or AIE_NONE.
void aie_event_lock_wait(const struct aie_array *array, uint32_t actor, uint32_t by);

// Who an actor is; AIE_NONE: the control processor.
uint32_t aie_event_who(const struct aie_array *array, uint32_t actor);

static inline void aie_event(const struct aie_array *array, uint32_t kind, uint32_t actor,
                             uint64_t start, uint64_t end, uint32_t a, uint32_t b, uint32_t by) {
  if (array->observer && end >= start)
    aie_event_tell(array, kind, actor, start, end, a, b, by);
}

#endif
