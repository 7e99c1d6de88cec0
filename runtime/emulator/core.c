#include "core.h"

#include "cascade.h"
#include "core_program.h"
#include "error.h"
#include "events.h"
#include "locks.h"
#include "timers.h"

// Goes on to the next instruction that takes time.
static void proceed(struct aie_array *array, uint32_t core) {
  struct aie_core *c = &array->cores[core];
  uint64_t cycles = 0;
  if (aie_core_program_seek(array, c, &cycles) != AIE_OK)
    return;
  if (CORE_OPCODE(c->program[c->pc]) == CORE_OP_DONE) {
    c->state = AIE_CORE_DONE;
    c->counters.done_at = array->now;
    aie_event(array, AIE_EVENT_RUN, core, c->counters.started_at, array->now, c->words, 0,
              AIE_NONE);
    return;
  }
  aie_timer_set(array, core, array->now + cycles);
  c->call_end = array->now + cycles;
  aie_cascade_begin(array, core);
}

static void start(struct aie_array *array, uint32_t core) {
  struct aie_core *c = &array->cores[core];
  c->counters.started_at = array->now;
  c->mark = array->mark;
  c->state = AIE_CORE_RUNNING;
  if (aie_core_program_start(array, c) == AIE_OK)
    proceed(array, core);
}

static void stop(struct aie_array *array, uint32_t core) {
  struct aie_core *c = &array->cores[core];
  if (c->state == AIE_CORE_LOCK)
    aie_lock_forget(array, core);
  aie_timer_cancel(array, core);
  c->state = AIE_CORE_OFF;
  c->pc = 0;
  aie_cascade_reset(c);
}

enum aie_status aie_core_control(struct aie_array *array, uint32_t core, uint32_t value) {
  struct aie_core *c = &array->cores[core];
  uint8_t enable = (uint8_t)AIEML_FIELD_GET(value, AIEML_CORE_CORE_CONTROL_ENABLE);
  uint8_t reset = (uint8_t)AIEML_FIELD_GET(value, AIEML_CORE_CORE_CONTROL_RESET);
  int busy = c->state != AIE_CORE_OFF && c->state != AIE_CORE_DONE;
  if (!reset && !enable && busy) {
    struct aie_text t =
        aie_refuse(array, AIE_ERROR_UNMODELLED, &array->tiles[c->tile], AIEML_CORE_CORE_CONTROL);
    aie_put(&t, "halting a running core is not modelled; reset it");
    return AIE_BAD_ACCESS;
  }
  c->enable = enable;
  c->reset = reset;
  if (reset)
    stop(array, core);
  else if (enable && c->state == AIE_CORE_OFF)
    start(array, core);
  return array->faulted ? AIE_FAULT : AIE_OK;
}

// The memory module (enum core_module) whose lock it waits for; CORE_MODULES: it does not.
static uint32_t waits_at(const struct aie_core *core) {
  return core->state == AIE_CORE_LOCK ? CORE_LOCK_MODULE(CORE_A(core->program[core->pc]))
                                      : CORE_MODULES;
}

uint32_t aie_core_status(const struct aie_core *core) {
  uint32_t status = 0;
  status = AIEML_FIELD_SET(status, AIEML_CORE_CORE_STATUS_ENABLE, core->enable);
  status = AIEML_FIELD_SET(status, AIEML_CORE_CORE_STATUS_RESET, core->reset);
  // The tile's own locks are those of the memory module to the east of the core (AM020).
  uint32_t module = waits_at(core);
  status = AIEML_FIELD_SET(status, AIEML_CORE_CORE_STATUS_LOCK_STALL_E, module == CORE_OWN);
  status = AIEML_FIELD_SET(status, AIEML_CORE_CORE_STATUS_LOCK_STALL_S, module == CORE_SOUTH);
  status = AIEML_FIELD_SET(status, AIEML_CORE_CORE_STATUS_LOCK_STALL_W, module == CORE_WEST);
  status = AIEML_FIELD_SET(status, AIEML_CORE_CORE_STATUS_LOCK_STALL_N, module == CORE_NORTH);
  status = AIEML_FIELD_SET(status, AIEML_CORE_CORE_STATUS_CASCADE_STALL_SCD,
                           aie_cascade_waits_for_input(core));
  status = AIEML_FIELD_SET(status, AIEML_CORE_CORE_STATUS_CASCADE_STALL_MCD,
                           aie_cascade_waits_for_output(core));
  return AIEML_FIELD_SET(status, AIEML_CORE_CORE_STATUS_CORE_DONE, core->state == AIE_CORE_DONE);
}

static void step_over(struct aie_array *array, uint32_t core) {
  struct aie_core *c = &array->cores[core];
  c->pc += aie_core_program_length(c);
  proceed(array, core);
}

// The lock that an ACQUIRE or RELEASE names, which exists.
static uint32_t lock_of(const struct aie_core *core, uint32_t word) {
  uint32_t lock = CORE_A(word);
  return core->modules[CORE_LOCK_MODULE(lock)]->locks + lock % CORE_PROGRAM_LOCKS;
}

static void acquire(struct aie_array *array, uint32_t core, uint32_t word) {
  struct aie_core *c = &array->cores[core];
  c->counters.lock_cycles += array->device->timing.lock_cycles;
  int32_t value = (int16_t)CORE_B(word);
  c->state = AIE_CORE_LOCK;
  if (aie_lock_acquire(array, lock_of(c, word), value, core)) {
    c->state = AIE_CORE_RUNNING;
    step_over(array, core);
  }
}

_Static_assert(sizeof((struct aie_core_counters *)0)->stall_by_lock / sizeof(uint64_t) ==
                   CORE_PROGRAM_LOCK_NUMBERS,
               "there is a counter for each lock that a core reaches");

void aie_core_granted(struct aie_array *array, uint32_t core, uint64_t waited) {
  struct aie_core *c = &array->cores[core];
  c->counters.stall_cycles += waited;
  c->counters.stall_by_lock[CORE_A(c->program[c->pc])] += waited;
  c->state = AIE_CORE_RUNNING;
  step_over(array, core);
}

// The call under way, whose cycles are over: runs its kernel, where the cascade lets it end.
static int end_call(struct aie_array *array, uint32_t core) {
  struct aie_core *c = &array->cores[core];
  c->state = AIE_CORE_CASCADE;
  if (!aie_cascade_ready(array, core))
    return 0;
  c->state = AIE_CORE_RUNNING;
  uint32_t cycles = c->program[c->pc + CORE_CALL_CYCLES];
  ++c->counters.calls;
  c->counters.busy_cycles += cycles;
  aie_event(array, AIE_EVENT_CALL, core, c->call_end - cycles, c->call_end,
            c->program[c->pc + CORE_CALL_KERNEL], c->pc, AIE_NONE);
  if (array->now > c->call_end)
    aie_event(array, AIE_EVENT_CASCADE_WAIT, core, c->call_end, array->now, 0, c->pc, AIE_NONE);
  if (aie_core_program_call(array, c) != AIE_OK)
    return 0;
  aie_cascade_pass(array, core);
  return 1;
}

void aie_core_timer(struct aie_array *array, uint32_t core) {
  struct aie_core *c = &array->cores[core];
  uint32_t word = c->program[c->pc];
  switch (CORE_OPCODE(word)) {
  case CORE_OP_ACQUIRE:
    acquire(array, core, word);
    return;
  case CORE_OP_RELEASE:
    c->counters.lock_cycles += array->device->timing.lock_cycles;
    aie_lock_release(array, lock_of(c, word), (int16_t)CORE_B(word), core);
    break;
  default:
    if (!end_call(array, core))
      return;
  }
  step_over(array, core);
}
