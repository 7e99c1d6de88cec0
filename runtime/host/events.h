/* Keeps what happens in the array. */
#ifndef ADFC_HOST_EVENTS_H
#define ADFC_HOST_EVENTS_H

#include "adfc/adfc_host.h"
#include "adfc/emulator_events.h"

struct events {
  struct adfc_event *list; /* grows as needed */
  uint64_t count, room, max;
  uint64_t happened; /* kept or not */
  uint64_t start;    /* cycle */
  uint32_t kinds;    /* bits; 0: all */
};

/* Keeps the array's events from now on, at most `max`; 0: none, and the array is not observed. Of
 * the kinds whose bits are set; 0: of all. */
void events_begin(struct events *events, struct aie_array *array, uint64_t max, uint32_t kinds);
/* No more. Returns how many there were. */
uint64_t events_end(struct events *events, struct aie_array *array);
void events_give(struct events *events);

#endif
