#include "dma.h"

#include "bd.h"
#include "error.h"
#include "events.h"
#include "locks.h"
#include "stream.h"
#include "timers.h"

static void wake_at(struct aie_array *array, uint32_t channel, enum aie_channel_state state,
                    uint64_t time) {
  array->channels[channel].state = state;
  aie_timer_set(array, aie_channel_actor(array, channel), time);
}

static void load(struct aie_array *array, uint32_t channel, uint32_t bd) {
  array->channels[channel].current_bd = bd;
  array->channels[channel].bd_start = array->now;
  wake_at(array, channel, AIE_CHANNEL_LOADING, array->now + array->device->timing.bd_chain_cycles);
}

static void start_task(struct aie_array *array, uint32_t channel) {
  struct aie_channel *c = &array->channels[channel];
  c->task = c->queue[0];
  --c->queued;
  for (uint32_t i = 0; i < c->queued; ++i)
    c->queue[i] = c->queue[i + 1];
  c->first_of_task = 1;
  c->repeats = 0;
  c->task_start = array->now;
  load(array, channel, c->task.bd);
}

void aie_dma_push(struct aie_array *array, uint32_t channel, struct aie_task task) {
  struct aie_channel *c = &array->channels[channel];
  if (c->queued == AIE_QUEUE_DEPTH) {
    c->overflow = 1;
    return;
  }
  c->queue[c->queued++] = task;
  if (c->state == AIE_CHANNEL_IDLE)
    start_task(array, channel);
}

// Cycles from a task's first buffer descriptor to its first word.
static uint32_t start_cycles(struct aie_array *array, struct aie_channel *c) {
  const struct adfc_timing *timing = &array->device->timing;
  if (c->direction == AIE_S2MM)
    return 0;
  uint32_t cycles = timing->dma_start_cycles;
  if (c->ddr) {
    cycles = timing->ddr_read_cycles + c->cold_cycles;
    c->cold_cycles =
        (uint32_t)((uint64_t)c->cold_cycles * timing->ddr_read_cold_decay_permille / 1000);
  }
  return cycles > timing->bd_chain_cycles ? cycles - timing->bd_chain_cycles : 0;
}

static void become_ready(struct aie_array *array, uint32_t channel, uint64_t time) {
  array->channels[channel].state = AIE_CHANNEL_READY;
  array->channels[channel].ready_at = time;
  aie_stream_ready(array, channel);
}

static void acquired(struct aie_array *array, uint32_t channel) {
  struct aie_channel *c = &array->channels[channel];
  uint32_t cycles = c->first_of_task ? start_cycles(array, c) : 0;
  c->first_of_task = 0;
  if (cycles)
    aie_event(array, AIE_EVENT_START, aie_channel_actor(array, channel), array->now,
              array->now + cycles, c->current_bd, 0, AIE_NONE);
  if (cycles)
    wake_at(array, channel, AIE_CHANNEL_STARTING, array->now + cycles);
  else
    become_ready(array, channel, array->now);
}

void aie_dma_granted(struct aie_array *array, uint32_t channel, uint64_t waited) {
  array->channels[channel].counters.lock_stall_cycles += waited;
  acquired(array, channel);
}

static void loaded(struct aie_array *array, uint32_t channel) {
  struct aie_channel *c = &array->channels[channel];
  if (aie_bd_load(array, c) != AIE_OK)
    return;
  c->packet_words += c->bd.cursor.left;
  c->state = AIE_CHANNEL_LOCK;
  if (c->bd.acquire_lock == AIE_NONE ||
      aie_lock_acquire(array, c->bd.acquire_lock, c->bd.acquire_value,
                       aie_channel_actor(array, channel)))
    acquired(array, channel);
}

static void task_done(struct aie_array *array, uint32_t channel) {
  struct aie_channel *c = &array->channels[channel];
  ++c->counters.tasks;
  aie_event(array, AIE_EVENT_TASK, aie_channel_actor(array, channel), c->task_start, array->now,
            c->task.bd, c->repeats, AIE_NONE);
  c->tokens += c->task.token;
  c->state = AIE_CHANNEL_IDLE;
  if (c->queued)
    start_task(array, channel);
}

static void bd_done(struct aie_array *array, uint32_t channel) {
  struct aie_channel *c = &array->channels[channel];
  ++c->counters.bds;
  aie_event(array, AIE_EVENT_BD, aie_channel_actor(array, channel), c->bd_start, array->now,
            c->current_bd, 0, AIE_NONE);
  if (c->bd.release_lock != AIE_NONE)
    aie_lock_release(array, c->bd.release_lock, c->bd.release_value,
                     aie_channel_actor(array, channel));
  if (c->bd.next != AIE_NONE) {
    load(array, channel, c->bd.next);
  } else if (c->task.repeat) {
    --c->task.repeat;
    ++c->repeats;
    load(array, channel, c->task.bd);
  } else {
    task_done(array, channel);
  }
}

// The last write of a task is done when the DDR confirms it.
static uint32_t confirm_cycles(struct aie_array *array, struct aie_channel *c) {
  if (!c->ddr || c->bd.next != AIE_NONE || c->task.repeat)
    return 0;
  uint32_t cycles = array->device->timing.ddr_write_cycles + c->cold_cycles;
  c->cold_cycles = 0;
  return cycles;
}

static void received(struct aie_array *array, uint32_t channel) {
  uint32_t cycles = confirm_cycles(array, &array->channels[channel]);
  if (cycles)
    aie_event(array, AIE_EVENT_CONFIRM, aie_channel_actor(array, channel), array->now,
              array->now + cycles, array->channels[channel].current_bd, 0, AIE_NONE);
  if (cycles)
    wake_at(array, channel, AIE_CHANNEL_FINISHING, array->now + cycles);
  else
    bd_done(array, channel);
}

void aie_dma_sent(struct aie_array *array, uint32_t channel) {
  struct aie_channel *c = &array->channels[channel];
  if (c->bd.cursor.left) {
    become_ready(array, channel, array->now);
    return;
  }
  if (c->bd.ends_packet)
    c->packet_words = c->packet_sent = 0;
  bd_done(array, channel);
}

// A channel that finishes on TLAST has room for the whole packet.
static void packet_too_long(struct aie_array *array, const struct aie_channel *c) {
  struct aie_text t = aie_fault(array, AIE_ERROR_FOT_LENGTH, &array->tiles[c->tile], AIE_NONE);
  aie_put_channel(&t, array, c);
  aie_put(&t, ": BD ");
  aie_put_number(&t, c->current_bd);
  aie_put(&t, " is full before TLAST ends the packet (ERROR_FOT_LENGTH_EXCEEDED)");
}

void aie_dma_arrived(struct aie_array *array, uint32_t channel, uint64_t time, int tlast) {
  struct aie_channel *c = &array->channels[channel];
  if (c->finish_on_tlast && tlast) {
    c->bd.cursor.left = 0;
  } else if (c->finish_on_tlast && c->bd.cursor.left == 0) {
    packet_too_long(array, c);
    return;
  }
  if (array->channels[channel].bd.cursor.left)
    become_ready(array, channel, time);
  else if (time > array->now)
    wake_at(array, channel, AIE_CHANNEL_ARRIVING, time);
  else
    received(array, channel);
}

void aie_dma_timer(struct aie_array *array, uint32_t channel) {
  switch (array->channels[channel].state) {
  case AIE_CHANNEL_LOADING:
    loaded(array, channel);
    break;
  case AIE_CHANNEL_STARTING:
    become_ready(array, channel, array->now);
    break;
  case AIE_CHANNEL_ARRIVING:
    received(array, channel);
    break;
  case AIE_CHANNEL_FINISHING:
    bd_done(array, channel);
    break;
  default:
    break;
  }
}

// What a channel's first task pays for a DDR path that nothing has used yet.
static uint32_t cold_start(const struct aie_array *array, const struct aie_channel *c) {
  const struct adfc_timing *timing = &array->device->timing;
  if (!c->ddr)
    return 0;
  return c->direction == AIE_MM2S ? timing->ddr_read_cold_cycles : timing->ddr_write_cold_cycles;
}

void aie_dma_reset(struct aie_array *array, uint32_t channel) {
  struct aie_channel *c = &array->channels[channel];
  uint32_t actor = aie_channel_actor(array, channel);
  if (c->state == AIE_CHANNEL_LOCK)
    aie_lock_forget(array, actor);
  aie_stream_abandon(array, channel);
  aie_timer_cancel(array, actor);
  c->state = AIE_CHANNEL_IDLE;
  c->queued = 0;
  c->overflow = 0;
  c->tokens = 0;
  c->packet_words = c->packet_sent = 0;
  c->cold_cycles = cold_start(array, c);
}

int aie_dma_finish_on_tlast(struct aie_array *array, uint32_t channel, uint32_t mode) {
  struct aie_channel *c = &array->channels[channel];
  if (c->finish_on_tlast != mode && c->state != AIE_CHANNEL_IDLE)
    return 0;
  c->finish_on_tlast = (uint8_t)mode;
  return 1;
}

uint32_t aie_dma_status(const struct aie_channel *channel) {
  uint32_t running = channel->state != AIE_CHANNEL_IDLE;
  uint32_t starting =
      channel->state == AIE_CHANNEL_LOADING || channel->state == AIE_CHANNEL_STARTING;
  uint32_t status = 0;
  status = AIEML_FIELD_SET(status, AIEML_CORE_DMA_MM2S_STATUS_STATUS,
                           running ? (starting ? 1u : 2u) : 0u);
  status = AIEML_FIELD_SET(status, AIEML_CORE_DMA_MM2S_STATUS_STALLED_LOCK_ACQ,
                           channel->state == AIE_CHANNEL_LOCK);
  status = AIEML_FIELD_SET(status, AIEML_CORE_DMA_MM2S_STATUS_STALLED_STREAM_BACKPRESSURE,
                           channel->state == AIE_CHANNEL_READY);
  status =
      AIEML_FIELD_SET(status, AIEML_CORE_DMA_MM2S_STATUS_TASK_QUEUE_OVERFLOW, channel->overflow);
  status = AIEML_FIELD_SET(status, AIEML_CORE_DMA_MM2S_STATUS_CHANNEL_RUNNING,
                           running || channel->queued);
  status = AIEML_FIELD_SET(status, AIEML_CORE_DMA_MM2S_STATUS_TASK_QUEUE_SIZE, channel->queued);
  // Memtiles have 6 bits of it, the others 4: the same lowest bit.
  return AIEML_FIELD_SET(status, AIEML_MEM_DMA_MM2S_STATUS_CUR_BD, channel->current_bd);
}
