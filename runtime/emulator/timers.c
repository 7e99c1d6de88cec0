// A binary heap. Which instructions it takes depends on the order of the timers alone, not on how
// late it is: so a program that is played again takes as many on a board as before.
#include "timers.h"

// In arithmetic: what comes first cannot be foreseen, so a branch on it would be slow.
static uint32_t before(const struct aie_timer *a, const struct aie_timer *b) {
  return (uint32_t)(a->time < b->time) |
         ((uint32_t)(a->time == b->time) & (uint32_t)(a->order < b->order));
}

static void place(struct aie_array *array, uint32_t at, struct aie_timer timer) {
  array->heap[at] = timer;
  array->heap_at[timer.number] = at + 1;
}

// Puts a timer where the hole at `at` is, or above.
static void rise(struct aie_array *array, uint32_t at, struct aie_timer timer) {
  while (at > 0) {
    uint32_t parent = (at - 1) / 2;
    if (!before(&timer, &array->heap[parent]))
      break;
    place(array, at, array->heap[parent]);
    at = parent;
  }
  place(array, at, timer);
}

// Lets the hole at `at` sink to the bottom. Returns its place there.
static uint32_t sink(struct aie_array *array, uint32_t at) {
  const struct aie_timer *heap = array->heap;
  for (uint32_t child; (child = 2 * at + 1) < array->heap_size; at = child) {
    if (child + 1 < array->heap_size)
      child += before(&heap[child + 1], &heap[child]);
    place(array, at, heap[child]);
  }
  return at;
}

int aie_timer_is_set(const struct aie_array *array, uint32_t timer) {
  return array->heap_at[timer] != 0;
}

void aie_timer_cancel(struct aie_array *array, uint32_t timer) {
  if (array->heap_at[timer] == 0)
    return;
  uint32_t at = array->heap_at[timer] - 1;
  array->heap_at[timer] = 0;
  // What was last belongs near the bottom: it seldom rises far from there.
  struct aie_timer last = array->heap[--array->heap_size];
  if (at != array->heap_size)
    rise(array, sink(array, at), last);
}

void aie_timer_set(struct aie_array *array, uint32_t timer, uint64_t time) {
  aie_timer_cancel(array, timer);
  struct aie_timer set = {.time = time, .order = array->next_order++, .number = timer};
  rise(array, array->heap_size++, set);
}

int aie_timer_next(const struct aie_array *array, uint64_t *time) {
  if (array->heap_size == 0)
    return 0;
  *time = array->heap[0].time;
  return 1;
}

uint32_t aie_timer_take(struct aie_array *array) {
  uint32_t timer = array->heap[0].number;
  aie_timer_cancel(array, timer);
  return timer;
}
