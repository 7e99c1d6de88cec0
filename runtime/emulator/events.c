#include "events.h"

#include "error.h"

void aie_observe(struct aie_array *array, aie_observer observer, void *user) {
  array->observer = observer;
  array->observer_user = user;
}

void aie_set_mark(struct aie_array *array, uint32_t mark) { array->mark = mark; }

void aie_tell(const struct aie_array *array, const struct aie_event *event) {
  if (array->observer)
    array->observer(array->observer_user, event);
}

uint32_t aie_event_who(const struct aie_array *array, uint32_t actor) {
  if (actor == AIE_NONE)
    return AIE_CONTROL;
  if (actor < array->core_count) {
    const struct aie_tile *tile = &array->tiles[array->cores[actor].tile];
    return AIE_WHO(AIE_WHO_CORE, tile->column, tile->row, 0);
  }
  const struct aie_channel *channel = &array->channels[actor - array->core_count];
  const struct aie_tile *tile = &array->tiles[channel->tile];
  return AIE_WHO(channel->direction == AIE_MM2S ? AIE_WHO_MM2S : AIE_WHO_S2MM, tile->column,
                 tile->row, channel->number);
}

static uint32_t mark_of(const struct aie_array *array, uint32_t actor) {
  if (actor < array->core_count)
    return array->cores[actor].mark;
  return array->channels[actor - array->core_count].task.mark;
}

void aie_event_tell(const struct aie_array *array, uint32_t kind, uint32_t actor, uint64_t start,
                    uint64_t end, uint32_t a, uint32_t b, uint32_t by) {
  struct aie_event event = {
      .start = start,
      .end = end,
      .kind = kind,
      .who = aie_event_who(array, actor),
      .a = a,
      .b = b,
      .by = aie_event_who(array, by),
      .mark = mark_of(array, actor),
  };
  array->observer(array->observer_user, &event);
}

void aie_event_lock_wait(const struct aie_array *array, uint32_t actor, uint32_t by) {
  const struct aie_waiter *waiter = &array->waiters[actor];
  if (!array->observer)
    return;
  const struct aie_tile *tile = aie_lock_tile(array, waiter->lock);
  aie_event(array, AIE_EVENT_LOCK_WAIT, actor, waiter->since, array->now,
            AIE_EVENT_LOCK(tile->column, tile->row, waiter->lock - tile->locks),
            (uint32_t)waiter->value, by);
}
