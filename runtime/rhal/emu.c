#include "adfc/rhal_emu.h"

#include "adfc/emulator_events.h"
#include "adfc/rhal.h"
#include "adfc/thread_local.h"

#include <string.h>

static ADFC_THREAD_LOCAL struct rhal_emu *bound;

static int status_of(enum aie_status status) {
  switch (status) {
  case AIE_OK:
    return RHAL_OK;
  case AIE_TIMEOUT:
    return RHAL_TIMEOUT;
  case AIE_DEADLOCK:
    return RHAL_DEADLOCK;
  case AIE_BAD_ACCESS:
    return RHAL_BAD_ADDRESS;
  default:
    return RHAL_FAULT;
  }
}

/* ---- costs */

static struct rhal_emu_cost cost_now(const struct rhal_emu *emu) {
  struct rhal_emu_cost cost = emu->total;
  struct aie_ddr_counters ddr;
  aie_ddr_counters(emu->array, &ddr);
  cost.cycles = aie_now(emu->array) - emu->start_cycle;
  cost.ddr_read_bytes = ddr.read_bytes - emu->start_read_bytes;
  cost.ddr_write_bytes = ddr.write_bytes - emu->start_write_bytes;
  return cost;
}

static struct rhal_emu_cost cost_between(struct rhal_emu_cost from, struct rhal_emu_cost to) {
  return (struct rhal_emu_cost){
      to.cycles - from.cycles,
      to.control_cycles - from.control_cycles,
      to.exposed_cycles - from.exposed_cycles,
      to.ddr_read_bytes - from.ddr_read_bytes,
      to.ddr_write_bytes - from.ddr_write_bytes,
  };
}

/* Control takes `cycles`; what of them remains after the array fell idle is exposed. */
static int charge(uint64_t cycles) {
  uint64_t end = aie_now(bound->array) + cycles;
  bound->total.control_cycles += cycles;
  enum aie_status status = aie_run_until_idle(bound->array, cycles);
  if (status != AIE_OK && status != AIE_TIMEOUT)
    return status_of(status);
  uint64_t rest = end - aie_now(bound->array);
  bound->total.exposed_cycles += rest;
  return rest ? status_of(aie_advance(bound->array, rest)) : RHAL_OK;
}

/* Cycles of a write of one word. Pushing a task to a shim's queue is dearer than other writes. */
static uint64_t write_cycles(uint32_t address) {
  const struct adfc_timing *timing = &bound->device->timing;
  uint32_t index, word, status = 0, offset = AIEML_ADDRESS_OFFSET(address), status_register;
  if (AIEML_ADDRESS_ROW(address) != 0)
    return timing->control_write_cycles;
  const struct aieml_register_class *c =
      aieml_find_register(AIEML_TILE_SHIM, offset, &index, &word);
  if (c && c->id == AIEML_REGISTER_DMA_S2MM_QUEUE)
    status_register = AIEML_SHIM_DMA_S2MM_STATUS + index * AIEML_SHIM_DMA_S2MM_STATUS_STRIDE;
  else if (c && c->id == AIEML_REGISTER_DMA_MM2S_QUEUE)
    status_register = AIEML_SHIM_DMA_MM2S_STATUS + index * AIEML_SHIM_DMA_MM2S_STATUS_STRIDE;
  else
    return timing->control_write_cycles;
  if (aie_read32(bound->array, address - offset + status_register, &status))
    status = 0; /* the write itself will be refused */
  return AIEML_FIELD_GET(status, AIEML_SHIM_DMA_S2MM_STATUS_CHANNEL_RUNNING)
             ? timing->control_push_busy_cycles
             : timing->control_push_cold_cycles;
}

static uint64_t block_cycles(uint32_t count) {
  const struct adfc_timing *timing = &bound->device->timing;
  return timing->control_write_cycles + (uint64_t)(count - 1) * timing->control_block_word_cycles;
}

/* ---- events */

/* A RHAL call begins, now: what the array does because of it carries the call's number. */
static uint64_t begin(void) {
  aie_set_mark(bound->array, bound->first_mark + bound->calls++);
  return aie_now(bound->array);
}

/* Tells an observer what the call did since `start`. */
static void tell(uint32_t kind, uint32_t control, uint32_t number, uint64_t start) {
  struct aie_event event = {
      .start = start,
      .end = aie_now(bound->array),
      .kind = kind,
      .who = AIE_CONTROL,
      .a = control,
      .b = number,
      .by = AIE_CONTROL,
      .mark = bound->first_mark + bound->calls - 1,
  };
  aie_tell(bound->array, &event);
}

/* Control takes `cycles` for one call; tells of it. */
static int spend(uint64_t cycles, uint32_t control, uint32_t number) {
  uint64_t start = begin();
  int status = charge(cycles);
  tell(AIE_EVENT_CONTROL, control, number, start);
  return status;
}

/* ---- binding */

void rhal_emu_bind(struct rhal_emu *emu) {
  struct aie_ddr_counters ddr;
  bound = emu;
  if (!emu)
    return;
  aie_ddr_counters(emu->array, &ddr);
  emu->total = emu->phase_start = (struct rhal_emu_cost){0};
  emu->n_phases = emu->n_timestamps = emu->calls = 0;
  emu->start_cycle = aie_now(emu->array);
  emu->start_read_bytes = ddr.read_bytes;
  emu->start_write_bytes = ddr.write_bytes;
}

static void close_phase(struct rhal_emu *emu) {
  if (emu->n_phases && emu->n_phases <= emu->max_phases)
    emu->phases[emu->n_phases - 1].cost = cost_between(emu->phase_start, emu->total);
}

void rhal_emu_finish(struct rhal_emu *emu) {
  aie_settle(emu->array);
  emu->total = cost_now(emu);
  close_phase(emu);
}

/* ---- RHAL */

int RHAL_DEFINE(write32)(uint32_t address, uint32_t value) {
  int status = spend(write_cycles(address), AIE_CONTROL_WRITE, address);
  return status ? status : status_of(aie_write32(bound->array, address, value));
}

int RHAL_DEFINE(read32)(uint32_t address, uint32_t *value) {
  int status = spend(bound->device->timing.control_read_cycles, AIE_CONTROL_READ, address);
  return status ? status : status_of(aie_read32(bound->array, address, value));
}

int RHAL_DEFINE(mask_write32)(uint32_t address, uint32_t mask, uint32_t value) {
  int status =
      spend(bound->device->timing.control_mask_write_cycles, AIE_CONTROL_MASK_WRITE, address);
  return status ? status : status_of(aie_mask_write32(bound->array, address, mask, value));
}

int RHAL_DEFINE(block_write)(uint32_t address, const uint32_t *words, uint32_t count) {
  int status = spend(block_cycles(count), AIE_CONTROL_BLOCK_WRITE, address);
  return status ? status : status_of(aie_write_block(bound->array, address, words, count));
}

int RHAL_DEFINE(block_set)(uint32_t address, uint32_t value, uint32_t count) {
  int status = spend(block_cycles(count), AIE_CONTROL_BLOCK_SET, address);
  for (uint32_t i = 0; !status && i < count; ++i)
    status = status_of(aie_write32(bound->array, address + 4 * i, value));
  return status;
}

int RHAL_DEFINE(poll)(uint32_t address, uint32_t mask, uint32_t value, uint32_t max_cycles,
                      uint32_t *seen) {
  int status = spend(bound->device->timing.control_read_cycles, AIE_CONTROL_POLL, address);
  if (status)
    return status;
  uint64_t start = aie_now(bound->array);
  status = status_of(aie_run_until_register(bound->array, address, mask, value, max_cycles, seen));
  tell(AIE_EVENT_CONTROL_WAIT, AIE_CONTROL_POLL, address, start);
  return status;
}

int RHAL_DEFINE(wait_task)(uint32_t tile, uint32_t direction, uint32_t channel,
                           uint32_t max_cycles) {
  uint32_t column = RCB_TILE_COLUMN(tile), row = RCB_TILE_ROW(tile);
  uint32_t who = AIE_WHO(direction == AIE_MM2S ? AIE_WHO_MM2S : AIE_WHO_S2MM, column, row, channel);
  int status = spend(bound->device->timing.control_read_cycles, AIE_CONTROL_WAIT_TASK, who);
  if (status)
    return status;
  uint64_t start = aie_now(bound->array);
  status =
      status_of(aie_run_until_token(bound->array, column, row, direction, channel, max_cycles));
  tell(AIE_EVENT_CONTROL_WAIT, AIE_CONTROL_WAIT_TASK, who, start);
  return status;
}

int RHAL_DEFINE(load_core)(uint32_t tile, const uint32_t *words, uint32_t count) {
  uint32_t address =
      AIEML_ADDRESS(RCB_TILE_COLUMN(tile), RCB_TILE_ROW(tile), AIEML_CORE_PROGRAM_MEMORY);
  int status = spend(block_cycles(count), AIE_CONTROL_LOAD_CORE, tile);
  return status ? status : status_of(aie_write_block(bound->array, address, words, count));
}

int RHAL_DEFINE(buffer_address)(uint32_t buffer, uint64_t *address) {
  begin();
  if (buffer >= RCB_BUFFER_COUNT || !bound->buffer_bound[buffer])
    return RHAL_BAD_BUFFER;
  *address = bound->buffer_address[buffer];
  return RHAL_OK;
}

/* Host and emulated array see the same memory, in order. */
int RHAL_DEFINE(cache_sync)(uint32_t buffer, uint32_t direction) {
  (void)direction;
  begin();
  return buffer < RCB_BUFFER_COUNT ? RHAL_OK : RHAL_BAD_BUFFER;
}

int RHAL_DEFINE(barrier)(void) {
  begin();
  return RHAL_OK;
}

uint64_t RHAL_DEFINE(time)(void) { return aie_now(bound->array); }

void RHAL_DEFINE(timestamp)(uint32_t id) {
  tell(AIE_EVENT_CONTROL, AIE_CONTROL_TIMESTAMP, id, begin());
  if (bound->n_timestamps < bound->max_timestamps)
    bound->timestamps[bound->n_timestamps] = (struct rhal_emu_timestamp){id, aie_now(bound->array)};
  ++bound->n_timestamps;
}

void RHAL_DEFINE(phase)(uint32_t phase) {
  tell(AIE_EVENT_CONTROL, AIE_CONTROL_PHASE, phase, begin());
  bound->total = cost_now(bound);
  close_phase(bound);
  bound->phase_start = bound->total;
  if (bound->n_phases < bound->max_phases)
    bound->phases[bound->n_phases] =
        (struct rhal_emu_phase){.id = phase, .start_cycle = bound->total.cycles};
  ++bound->n_phases;
}

void RHAL_DEFINE(log)(uint32_t level, const char *text) {
  if (bound && bound->log)
    bound->log(bound->log_user, level, text);
}
