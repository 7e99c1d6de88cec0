// What an observer is told: who, when, why. Expected cycles are arithmetic on the device's timing
// constants (bd_chain_cycles 2, dma_start_cycles 10, hop_cycles 4, lock_cycles 1).
#include "adfc/emulator_events.h"
#include "test.h"

enum { MAX = 64 };
static struct aie_event events[MAX];
static uint32_t count;

static void keep(void *user, const struct aie_event *event) {
  (void)user;
  if (count < MAX)
    events[count++] = *event;
}

// The nth event of a kind and actor.
static const struct aie_event *find(uint32_t kind, uint32_t who, uint32_t nth) {
  static const struct aie_event none = {.kind = ~0u};
  for (uint32_t i = 0; i < count; ++i)
    if (events[i].kind == kind && events[i].who == who && nth-- == 0)
      return &events[i];
  printf("no event of kind %u of %08x\n", kind, who);
  ++failures;
  return &none;
}

static void expect(const struct aie_event *e, uint64_t start, uint64_t end, uint32_t by) {
  CHECK_EQ(e->start, start);
  CHECK_EQ(e->end, end);
  CHECK_EQ(e->by, by);
}

static struct aie_array *open_observed(void) {
  struct aie_array *a = open_array("npu1");
  count = 0;
  aie_observe(a, keep, NULL);
  return a;
}

// Ten words round one switch: the source is ready at 4, its words arrive 4 later.
static void transfer(void) {
  struct aie_array *a = open_observed();
  uint32_t from = AIE_WHO(AIE_WHO_MM2S, 1, 2, 0), to = AIE_WHO(AIE_WHO_S2MM, 1, 2, 0);
  connect_loop(a, 1, 2);
  set_bd(a, 1, 2, 3, (struct bd){.length = 10});
  set_bd(a, 1, 2, 4, (struct bd){.base = 64, .length = 10});
  aie_set_mark(a, 7);
  push(a, 1, 2, AIE_S2MM, 0, 4, 1, 1);
  aie_set_mark(a, 8);
  push(a, 1, 2, AIE_MM2S, 0, 3, 1, 0);
  CHECK_EQ(aie_run_until_token(a, 1, 2, AIE_S2MM, 0, 1000), AIE_OK);
  expect(find(AIE_EVENT_START, from, 0), 2, 4, AIE_CONTROL);
  expect(find(AIE_EVENT_STREAM_WAIT, to, 0), 2, 8, from);
  expect(find(AIE_EVENT_MOVE, from, 0), 4, 14, to);
  expect(find(AIE_EVENT_MOVE, to, 0), 8, 18, from);
  CHECK_EQ(find(AIE_EVENT_MOVE, to, 0)->a, 10);
  CHECK_EQ(find(AIE_EVENT_MOVE, to, 0)->b, 4);
  expect(find(AIE_EVENT_BD, from, 0), 0, 14, AIE_CONTROL);
  CHECK_EQ(find(AIE_EVENT_BD, from, 0)->a, 3);
  expect(find(AIE_EVENT_TASK, to, 0), 0, 18, AIE_CONTROL);
  CHECK_EQ(find(AIE_EVENT_TASK, to, 0)->mark, 7);
  CHECK_EQ(find(AIE_EVENT_MOVE, from, 0)->mark, 8);
  close_array(a);
}

// A channel that waits for a lock which the control processor sets, then a core that waits for the
// channel's release.
static void locks(void) {
  struct aie_array *a = open_observed();
  uint32_t core = AIE_WHO(AIE_WHO_CORE, 1, 2, 0), from = AIE_WHO(AIE_WHO_MM2S, 1, 2, 0);
  const uint32_t program[] = {CORE_WORD0(CORE_OP_ACQUIRE, 6u, 0xffffu),
                              CORE_WORD0(CORE_OP_DONE, 0u, 0u)};
  connect_loop(a, 1, 2);
  set_bd(a, 1, 2, 0,
         (struct bd){.length = 10,
                     .acquire = 1 + 5,
                     .acquire_value = -1,
                     .release = 1 + 6,
                     .release_value = 1});
  set_bd(a, 1, 2, 1, (struct bd){.base = 64, .length = 10});
  push(a, 1, 2, AIE_S2MM, 0, 1, 1, 1);
  push(a, 1, 2, AIE_MM2S, 0, 0, 1, 0);
  run_core(a, 1, 2, program, 2);
  CHECK_EQ(aie_advance(a, 50), AIE_OK);
  set_lock(a, 1, 2, 5, 1);
  CHECK_EQ(aie_run_until_idle(a, 1000), AIE_OK);
  const struct aie_event *wait = find(AIE_EVENT_LOCK_WAIT, from, 0);
  expect(wait, 2, 50, AIE_CONTROL);
  CHECK_EQ(wait->a, AIE_EVENT_LOCK(1, 2, 5));
  CHECK_EQ((int32_t)wait->b, -1);
  // Its words move from 50 + 2 on, all ten have left at 62.
  expect(find(AIE_EVENT_LOCK_WAIT, core, 0), 1, 62, from);
  expect(find(AIE_EVENT_RUN, core, 0), 0, 62, AIE_CONTROL);
  close_array(a);
}

static void work(uint8_t *const *buffers, const int32_t *immediates) {
  (void)immediates;
  buffers[0][0] = 1;
}

static void calls(void) {
  static const aie_kernel_fn kernels[] = {work, work};
  struct aie_array *a = open_observed();
  uint32_t core = AIE_WHO(AIE_WHO_CORE, 1, 2, 0);
  const uint32_t program[] = {CORE_WORD0(CORE_OP_CALL, 1u, 0u), 1, 123, 0,
                              CORE_WORD0(CORE_OP_DONE, 0u, 0u)};
  aie_bind_kernels(a, kernels, 2);
  aie_set_mark(a, 3);
  run_core(a, 1, 2, program, 5);
  CHECK_EQ(aie_run_until_idle(a, 1000), AIE_OK);
  const struct aie_event *call = find(AIE_EVENT_CALL, core, 0);
  expect(call, 0, 123, AIE_CONTROL);
  CHECK_EQ(call->a, 1); // kernel
  CHECK_EQ(call->b, 1); // word of the program, after its header
  CHECK_EQ(call->mark, 3);
  close_array(a);
}

// Nobody is told any more, and the array does the same as when it is observed.
static void unobserved(void) {
  struct aie_array *a = open_observed();
  aie_observe(a, NULL, NULL);
  connect_loop(a, 1, 2);
  set_bd(a, 1, 2, 3, (struct bd){.length = 10});
  set_bd(a, 1, 2, 4, (struct bd){.base = 64, .length = 10});
  push(a, 1, 2, AIE_S2MM, 0, 4, 1, 1);
  push(a, 1, 2, AIE_MM2S, 0, 3, 1, 0);
  CHECK_EQ(aie_run_until_token(a, 1, 2, AIE_S2MM, 0, 1000), AIE_OK);
  CHECK_EQ(aie_now(a), 18);
  CHECK_EQ(count, 0);
  close_array(a);
}

MAIN(RUN(transfer); RUN(locks); RUN(calls); RUN(unobserved))
