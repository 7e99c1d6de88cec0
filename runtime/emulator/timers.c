// A wheel has a slot for each of the next AIE_WHEEL_SLOTS cycles, from array->wheel_start on, with
// a ring of that cycle's timers in the order in which they were set. What is later waits in a heap
// by (time, order), and moves into the wheel when wheel_start comes near enough: before anything
// can be set for the same cycle, so the order of setting stays.
#include "timers.h"

// A heap's or a slot's numbers are plus one: 0 is none.
enum { NOT_SET = 0, IN_WHEEL = 0xffffffffu };

// ---- the heap

static int before(const struct aie_timer *a, const struct aie_timer *b) {
  return a->time != b->time ? a->time < b->time : a->order < b->order;
}

static void place(struct aie_array *array, uint32_t at, uint32_t timer) {
  array->heap[at] = timer;
  array->timers[timer].place = at + 1;
}

static int heap_before(const struct aie_array *array, uint32_t a, uint32_t b) {
  return before(&array->timers[a], &array->timers[b]);
}

static void sift_up(struct aie_array *array, uint32_t at) {
  uint32_t timer = array->heap[at];
  while (at > 0) {
    uint32_t parent = (at - 1) / 2;
    if (!heap_before(array, timer, array->heap[parent]))
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
    if (child + 1 < array->heap_size &&
        heap_before(array, array->heap[child + 1], array->heap[child]))
      ++child;
    if (!heap_before(array, array->heap[child], timer))
      break;
    place(array, at, array->heap[child]);
    at = child;
  }
  place(array, at, timer);
}

static void heap_put(struct aie_array *array, uint32_t timer) {
  array->timers[timer].order = array->next_order++;
  place(array, array->heap_size++, timer);
  sift_up(array, array->heap_size - 1);
}

static void heap_remove(struct aie_array *array, uint32_t at) {
  array->timers[array->heap[at]].place = NOT_SET;
  uint32_t last = array->heap[--array->heap_size];
  if (at == array->heap_size)
    return;
  place(array, at, last);
  sift_up(array, at);
  sift_down(array, array->timers[last].place - 1);
}

// ---- the wheel

// Whether a slot is the cycle's now.
static int is_near(const struct aie_array *array, uint64_t time) {
  return time - array->wheel_start < AIE_WHEEL_SLOTS;
}

static void wheel_put(struct aie_array *array, uint32_t timer) {
  struct aie_timer *t = &array->timers[timer];
  uint32_t slot = (uint32_t)(t->time % AIE_WHEEL_SLOTS);
  uint32_t last = array->wheel[slot];
  t->place = IN_WHEEL;
  t->next = t->previous = timer;
  array->wheel[slot] = timer + 1;
  if (last) {
    struct aie_timer *l = &array->timers[last - 1];
    t->next = l->next;
    t->previous = last - 1;
    array->timers[l->next].previous = timer;
    l->next = timer;
    return;
  }
  array->wheel_used[slot / 64] |= 1ull << slot % 64;
  array->wheel_words |= 1ull << slot / 64;
}

static void wheel_remove(struct aie_array *array, uint32_t timer) {
  struct aie_timer *t = &array->timers[timer];
  uint32_t slot = (uint32_t)(t->time % AIE_WHEEL_SLOTS);
  t->place = NOT_SET;
  if (t->next != timer) {
    array->timers[t->previous].next = t->next;
    array->timers[t->next].previous = t->previous;
    if (array->wheel[slot] == timer + 1)
      array->wheel[slot] = t->previous + 1;
    return;
  }
  array->wheel[slot] = 0;
  array->wheel_used[slot / 64] &= ~(1ull << slot % 64);
  if (!array->wheel_used[slot / 64])
    array->wheel_words &= ~(1ull << slot / 64);
}

// The used slot that comes first from wheel_start on, round the wheel. There must be one.
static uint32_t first_slot(const struct aie_array *array) {
  uint32_t start = (uint32_t)(array->wheel_start % AIE_WHEEL_SLOTS), word = start / 64;
  uint64_t here = array->wheel_used[word] >> start % 64;
  if (here)
    return start + (uint32_t)__builtin_ctzll(here);
  uint64_t later = array->wheel_words >> word >> 1;
  word = later ? word + 1 + (uint32_t)__builtin_ctzll(later)
               : (uint32_t)__builtin_ctzll(array->wheel_words);
  return 64 * word + (uint32_t)__builtin_ctzll(array->wheel_used[word]);
}

// Lets the wheel begin at a cycle that no timer is before.
static void turn(struct aie_array *array, uint64_t start) {
  array->wheel_start = start;
  while (array->heap_size && is_near(array, array->timers[array->heap[0]].time)) {
    uint32_t timer = array->heap[0];
    heap_remove(array, 0);
    wheel_put(array, timer);
  }
}

// ---- the interface

int aie_timer_is_set(const struct aie_array *array, uint32_t timer) {
  return array->timers[timer].place != NOT_SET;
}

void aie_timer_cancel(struct aie_array *array, uint32_t timer) {
  uint32_t at = array->timers[timer].place;
  if (at == IN_WHEEL)
    wheel_remove(array, timer);
  else if (at != NOT_SET)
    heap_remove(array, at - 1);
}

void aie_timer_set(struct aie_array *array, uint32_t timer, uint64_t time) {
  aie_timer_cancel(array, timer);
  array->timers[timer].time = time;
  if (is_near(array, time))
    wheel_put(array, timer);
  else
    heap_put(array, timer);
}

int aie_timer_next(const struct aie_array *array, uint64_t *time) {
  if (array->wheel_words) {
    uint32_t ahead = first_slot(array) - (uint32_t)array->wheel_start;
    *time = array->wheel_start + ahead % AIE_WHEEL_SLOTS;
    return 1;
  }
  if (array->heap_size == 0)
    return 0;
  *time = array->timers[array->heap[0]].time;
  return 1;
}

uint32_t aie_timer_take(struct aie_array *array) {
  uint64_t time = array->wheel_start;
  (void)aie_timer_next(array, &time);
  if (time != array->wheel_start)
    turn(array, time);
  uint32_t last = array->wheel[time % AIE_WHEEL_SLOTS] - 1;
  uint32_t timer = array->timers[last].next;
  wheel_remove(array, timer);
  return timer;
}
