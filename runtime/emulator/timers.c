#include "timers.h"

static int before(const struct aie_array *array, uint32_t a, uint32_t b) {
  if (array->heap_time[a] != array->heap_time[b])
    return array->heap_time[a] < array->heap_time[b];
  return array->heap_order[a] < array->heap_order[b];
}

static void place(struct aie_array *array, uint32_t at, uint32_t timer) {
  array->heap[at] = timer;
  array->heap_at[timer] = at + 1;
}

static void sift_up(struct aie_array *array, uint32_t at) {
  uint32_t timer = array->heap[at];
  while (at > 0) {
    uint32_t parent = (at - 1) / 2;
    if (!before(array, timer, array->heap[parent]))
      break;
    place(array, at, array->heap[parent]);
    at = parent;
  }
  place(array, at, timer);
}

static void sift_down(struct aie_array *array, uint32_t at) {
  uint32_t timer = array->heap[at];
  for (;;) {
    uint32_t child = 2 * at + 1;
    if (child >= array->heap_size)
      break;
    if (child + 1 < array->heap_size && before(array, array->heap[child + 1], array->heap[child]))
      ++child;
    if (!before(array, array->heap[child], timer))
      break;
    place(array, at, array->heap[child]);
    at = child;
  }
  place(array, at, timer);
}

void aie_timer_set(struct aie_array *array, uint32_t timer, uint64_t time) {
  array->heap_time[timer] = time;
  array->heap_order[timer] = array->next_order++;
  if (array->heap_at[timer] == 0)
    place(array, array->heap_size++, timer);
  uint32_t at = array->heap_at[timer] - 1;
  sift_up(array, at);
  sift_down(array, array->heap_at[timer] - 1);
}

void aie_timer_cancel(struct aie_array *array, uint32_t timer) {
  if (array->heap_at[timer] == 0)
    return;
  uint32_t at = array->heap_at[timer] - 1;
  array->heap_at[timer] = 0;
  uint32_t last = array->heap[--array->heap_size];
  if (at == array->heap_size)
    return;
  place(array, at, last);
  sift_up(array, at);
  sift_down(array, array->heap_at[last] - 1);
}

int aie_timer_next(const struct aie_array *array, uint64_t *time) {
  if (array->heap_size == 0)
    return 0;
  *time = array->heap_time[array->heap[0]];
  return 1;
}

uint32_t aie_timer_take(struct aie_array *array) {
  uint32_t timer = array->heap[0];
  aie_timer_cancel(array, timer);
  return timer;
}
