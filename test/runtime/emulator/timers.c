// The clock's timers beside a list that is searched from end to end.
#include "test.h"

#include "timers.h"

enum { TIMERS = 40, STEPS = 200000 };

static uint32_t state = 1;

// A number below `limit`, of a fixed sequence.
static uint32_t draw(uint32_t limit) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % limit;
}

// What is set, by timer; order 0: not set.
static struct {
  uint64_t time, order;
} model[TIMERS];
static uint64_t orders;

// The timer that comes first; TIMERS: none is set.
static uint32_t model_first(void) {
  uint32_t first = TIMERS;
  for (uint32_t i = 0; i < TIMERS; ++i)
    if (model[i].order &&
        (first == TIMERS || model[i].time < model[first].time ||
         (model[i].time == model[first].time && model[i].order < model[first].order)))
      first = i;
  return first;
}

static void check_next(const struct aie_array *a) {
  uint32_t first = model_first();
  uint64_t time = 0;
  CHECK_EQ(aie_timer_next(a, &time), first != TIMERS);
  if (first != TIMERS)
    CHECK_EQ(time, model[first].time);
  for (uint32_t i = 0; i < TIMERS; ++i)
    CHECK_EQ(aie_timer_is_set(a, i), model[i].order != 0);
}

// Soon, at the same time as others, or far away.
static uint64_t some_time(uint64_t now) {
  static const uint32_t reach[] = {1, 4, 100, 4096, 5000, 200000};
  return now + draw(reach[draw(6)]);
}

static uint64_t take(struct aie_array *a, uint64_t now) {
  uint32_t first = model_first();
  if (first == TIMERS)
    return now;
  CHECK_EQ(aie_timer_take(a), first);
  model[first].order = 0;
  return model[first].time;
}

// Sets, moves, cancels and takes; now and then time passes with nothing set for it.
static void timers_come_in_order(void) {
  struct aie_array *a = open_array("npu1");
  uint64_t now = 0;
  for (uint32_t step = 0; step < STEPS; ++step) {
    uint32_t timer = draw(TIMERS), what = draw(step / 1000 % 2 ? 5 : 9);
    if (what < 3) {
      model[timer].time = some_time(now);
      model[timer].order = ++orders;
      aie_timer_set(a, timer, model[timer].time);
    } else if (what == 3) {
      model[timer].order = 0;
      aie_timer_cancel(a, timer);
    } else if (model_first() == TIMERS || draw(50)) {
      now = take(a, now);
    } else { // as far as the next one
      now += draw((uint32_t)(model[model_first()].time - now) + 1);
    }
    if (step % 16 == 0)
      check_next(a);
  }
  while (model_first() != TIMERS)
    now = take(a, now);
  check_next(a);
  close_array(a);
}

// At one time they come in the order of their setting; setting one again puts it behind the others.
static void timers_of_one_time_keep_their_order(void) {
  struct aie_array *a = open_array("npu1");
  aie_timer_set(a, 5, 10000);
  aie_timer_set(a, 2, 10000);
  aie_timer_set(a, 7, 9999);
  CHECK_EQ(aie_timer_take(a), 7);
  aie_timer_set(a, 1, 10000);
  CHECK_EQ(aie_timer_take(a), 5);
  aie_timer_set(a, 5, 10000);
  aie_timer_set(a, 2, 10000);
  CHECK_EQ(aie_timer_take(a), 1);
  CHECK_EQ(aie_timer_take(a), 5);
  CHECK_EQ(aie_timer_take(a), 2);
  close_array(a);
}

MAIN(RUN(timers_come_in_order); RUN(timers_of_one_time_keep_their_order))
