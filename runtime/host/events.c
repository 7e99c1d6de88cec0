#include "events.h"

#include <stdlib.h>

enum { FIRST_ROOM = 4096 };

/* Makes room for one more. Returns 1, or 0 where that is not to be had. */
static int grow(struct events *e) {
  uint64_t room = e->room ? 2 * e->room : FIRST_ROOM;
  if (room > e->max)
    room = e->max;
  struct adfc_event *list = realloc(e->list, (size_t)room * sizeof *list);
  if (!list)
    return 0;
  e->list = list;
  e->room = room;
  return 1;
}

/* A cycle counted from the observation's begin; what began before it began there. */
static uint64_t since_start(const struct events *e, uint64_t cycle) {
  return cycle > e->start ? cycle - e->start : 0;
}

static void keep(void *user, const struct aie_event *event) {
  struct events *e = user;
  if (e->kinds && !(e->kinds >> event->kind & 1u))
    return;
  ++e->happened;
  if (e->count >= e->max || (e->count == e->room && !grow(e)))
    return;
  e->list[e->count++] = (struct adfc_event){
      .start = since_start(e, event->start),
      .end = since_start(e, event->end),
      .kind = event->kind,
      .who = event->who,
      .a = event->a,
      .b = event->b,
      .by = event->by,
      .mark = event->mark,
  };
}

void events_begin(struct events *events, struct aie_array *array, uint64_t max, uint32_t kinds) {
  events->kinds = kinds;
  events->count = events->happened = 0;
  events->max = max;
  events->start = aie_now(array);
  aie_observe(array, max ? keep : NULL, events);
}

uint64_t events_end(struct events *events, struct aie_array *array) {
  aie_observe(array, NULL, NULL);
  return events->happened;
}

void events_give(struct events *events) {
  free(events->list);
  *events = (struct events){0};
}
