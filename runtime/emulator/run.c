// The virtual clock: lets time pass, from timer to timer.
#include "actors.h"
#include "core.h"
#include "dma.h"
#include "error.h"
#include "faults.h"
#include "stream.h"
#include "timers.h"

void aie_actor_granted(struct aie_array *array, uint32_t actor, uint64_t waited) {
  if (actor < array->core_count)
    aie_core_granted(array, actor, waited);
  else
    aie_dma_granted(array, actor - array->core_count, waited);
}

void aie_timer_run(struct aie_array *array, uint32_t timer) {
  if (aie_fault_holds(array, timer))
    return;
  if (timer < array->core_count)
    aie_core_timer(array, timer);
  else if (timer - array->core_count < array->channel_count)
    aie_dma_timer(array, timer - array->core_count);
  else
    aie_stream_timer(array, timer - array->core_count - array->channel_count);
}

// Runs all timers of the next cycle that has any, if it is not past `limit`.
// AIE_OK: it did; AIE_TIMEOUT: the next one is later, and now it is `limit`; AIE_DEADLOCK: there is
// none.
static enum aie_status run_cycle(struct aie_array *array, uint64_t limit) {
  uint64_t time = 0;
  if (array->faulted)
    return AIE_FAULT;
  if (!aie_timer_next(array, &time))
    return AIE_DEADLOCK;
  if (time > limit) {
    array->now = limit;
    return AIE_TIMEOUT;
  }
  array->now = time;
  aie_fault_flip(array);
  uint64_t next = time;
  do {
    aie_timer_run(array, aie_timer_take(array));
    if (array->faulted)
      return AIE_FAULT;
  } while (aie_timer_next(array, &next) && next == time);
  return AIE_OK;
}

static uint64_t limit_after(const struct aie_array *array, uint64_t cycles) {
  return cycles > UINT64_MAX - array->now ? UINT64_MAX : array->now + cycles;
}

enum aie_status aie_advance(struct aie_array *array, uint64_t cycles) {
  uint64_t limit = limit_after(array, cycles);
  for (;;) {
    enum aie_status status = run_cycle(array, limit);
    if (status == AIE_FAULT)
      return AIE_FAULT;
    if (status == AIE_OK)
      continue;
    array->now = limit;
    return AIE_OK;
  }
}

enum aie_status aie_run_until_register(struct aie_array *array, uint32_t address, uint32_t mask,
                                       uint32_t value, uint64_t max_cycles, uint32_t *seen) {
  uint64_t limit = limit_after(array, max_cycles);
  for (;;) {
    uint32_t read = 0;
    enum aie_status status = aie_read32(array, address, &read);
    if (seen)
      *seen = read;
    if (status != AIE_OK || (read & mask) == value)
      return status;
    status = run_cycle(array, limit);
    if (status != AIE_OK)
      return status;
  }
}

// The channel, or NULL and a refusal.
static struct aie_channel *find_channel(struct aie_array *array, uint32_t column, uint32_t row,
                                        uint32_t direction, uint32_t channel) {
  const struct aie_tile *tile = aie_tile_at(array, column, row);
  if (tile && tile->has_dma && direction <= AIE_MM2S) {
    const struct adfc_tile *kind = aie_tile_kind(array, tile);
    uint32_t first = direction == AIE_MM2S ? kind->s2mm_channels : 0;
    uint32_t count = direction == AIE_MM2S ? kind->mm2s_channels : kind->s2mm_channels;
    if (channel < count)
      return &array->channels[tile->channels + first + channel];
  }
  struct aie_text t = aie_refuse(array, AIE_ERROR_ARGUMENT, tile, AIE_NONE);
  aie_put(&t, "there is no DMA channel ");
  aie_put(&t, direction == AIE_MM2S ? "MM2S " : "S2MM ");
  aie_put_number(&t, channel);
  aie_put(&t, " at (");
  aie_put_number(&t, column);
  aie_put(&t, ",");
  aie_put_number(&t, row);
  aie_put(&t, ")");
  return NULL;
}

enum aie_status aie_run_until_token(struct aie_array *array, uint32_t column, uint32_t row,
                                    uint32_t direction, uint32_t channel, uint64_t max_cycles) {
  struct aie_channel *c = find_channel(array, column, row, direction, channel);
  if (!c)
    return AIE_BAD_ACCESS;
  uint64_t limit = limit_after(array, max_cycles);
  while (c->tokens == 0) {
    enum aie_status status = run_cycle(array, limit);
    if (status != AIE_OK)
      return status;
  }
  --c->tokens;
  return AIE_OK;
}

enum aie_status aie_run_until_idle(struct aie_array *array, uint64_t max_cycles) {
  uint64_t limit = limit_after(array, max_cycles);
  for (;;) {
    enum aie_status status = run_cycle(array, limit);
    if (status == AIE_DEADLOCK)
      return AIE_OK;
    if (status != AIE_OK)
      return status;
  }
}

enum aie_status aie_take_token(struct aie_array *array, uint32_t column, uint32_t row,
                               uint32_t direction, uint32_t channel, int *taken) {
  struct aie_channel *c = find_channel(array, column, row, direction, channel);
  *taken = 0;
  if (!c)
    return AIE_BAD_ACCESS;
  if (c->tokens) {
    --c->tokens;
    *taken = 1;
  }
  return AIE_OK;
}

enum aie_status aie_channel_counters(struct aie_array *array, uint32_t column, uint32_t row,
                                     uint32_t direction, uint32_t channel,
                                     struct aie_channel_counters *counters) {
  const struct aie_channel *c = find_channel(array, column, row, direction, channel);
  if (!c)
    return AIE_BAD_ACCESS;
  *counters = c->counters;
  return AIE_OK;
}
