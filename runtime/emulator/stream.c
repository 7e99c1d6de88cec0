#include "stream.h"

#include "cursor.h"
#include "ddr.h"
#include "dma.h"
#include "error.h"
#include "events.h"
#include "faults.h"
#include "memory.h"
#include "route.h"
#include "timers.h"

static uint64_t latest(uint64_t a, uint64_t b) { return a > b ? a : b; }

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

// Cycles from the source to the sinks. What DDR takes to answer is already in the source's start.
static uint32_t latency(const struct aie_array *array, const struct aie_channel *source) {
  return source->ddr ? 0 : source->hops * array->device->timing.hop_cycles;
}

#define FOR_SINKS(array, source, sink)                                                             \
  for (struct aie_channel *sink =                                                                  \
           (source)->first_sink ? &(array)->channels[(source)->first_sink - 1] : NULL;             \
       sink; sink = sink->next_sink ? &(array)->channels[sink->next_sink - 1] : NULL)

// ---- moving data

static void copy_words(uint8_t *to, const uint8_t *from, uint32_t words) {
  if (words <= 8)
    for (; words; --words, to += 4, from += 4)
      __builtin_memcpy(to, from, 4);
  else
    __builtin_memmove(to, from, 4ull * words);
}

// Words of a run that lie in one piece from its word `done` on.
static uint32_t piece_of(const struct aie_run *run, uint32_t done, uint64_t bytes) {
  if (run->stride != 4)
    return 1;
  return bytes / 4 < run->words - done ? (uint32_t)(bytes / 4) : run->words - done;
}

// Copies a run to array->stage, word `at` on.
static enum aie_status stage_run(struct aie_array *array, const struct aie_channel *source,
                                 const struct aie_run *run, uint32_t at) {
  uint8_t *to = (uint8_t *)&array->stage[at];
  if (run->zero) {
    __builtin_memset(to, 0, 4ull * run->words);
    return AIE_OK;
  }
  for (uint32_t done = 0; done < run->words;) {
    uint64_t bytes = 0;
    uint64_t address = run->address + (uint64_t)done * run->stride;
    const uint8_t *from = aie_memory_at(array, source, address, 0, &bytes);
    if (!from)
      return AIE_FAULT;
    uint32_t piece = piece_of(run, done, bytes);
    copy_words(to + 4ull * done, from, piece);
    done += piece;
  }
  return AIE_OK;
}

// The source's next words in one piece: where they lie, or gathered in array->stage. NULL: a fault.
static const uint8_t *gather(struct aie_array *array, struct aie_channel *source, uint32_t limit,
                             uint32_t *words) {
  struct aie_run run = aie_cursor_next(&source->bd.cursor, least(limit, AIE_STAGE_WORDS));
  *words = run.words;
  if (!run.zero && run.stride == 4 && (run.words >= AIE_DIRECT_WORDS || run.words == limit)) {
    uint64_t bytes = 0;
    const uint8_t *from = aie_memory_at(array, source, run.address, 0, &bytes);
    if (!from || bytes >= 4ull * run.words)
      return from;
  }
  limit = least(limit, AIE_STAGE_WORDS);
  if (stage_run(array, source, &run, 0) != AIE_OK)
    return NULL;
  while (*words < limit) {
    run = aie_cursor_next(&source->bd.cursor, limit - *words);
    if (stage_run(array, source, &run, *words) != AIE_OK)
      return NULL;
    *words += run.words;
  }
  return (const uint8_t *)array->stage;
}

static enum aie_status scatter(struct aie_array *array, struct aie_channel *sink,
                               const uint8_t *from, uint32_t words) {
  while (words) {
    struct aie_run run = aie_cursor_next(&sink->bd.cursor, words);
    for (uint32_t done = 0; done < run.words;) {
      uint64_t bytes = 0;
      uint8_t *to =
          aie_memory_at(array, sink, run.address + (uint64_t)done * run.stride, 1, &bytes);
      if (!to)
        return AIE_FAULT;
      uint32_t piece = piece_of(&run, done, bytes);
      copy_words(to, from + 4ull * done, piece);
      done += piece;
    }
    from += 4ull * run.words;
    words -= run.words;
  }
  return AIE_OK;
}

static enum aie_status move_words(struct aie_array *array, struct aie_channel *source,
                                  uint32_t words) {
  while (words) {
    uint32_t piece = 0;
    const uint8_t *from = gather(array, source, words, &piece);
    if (!from)
      return AIE_FAULT;
    FOR_SINKS(array, source, sink)
    if (scatter(array, sink, from, piece) != AIE_OK)
      return AIE_FAULT;
    words -= piece;
  }
  return AIE_OK;
}

// ---- starting

// `last`: the channel that was the last to be ready.
static void begin_moving(struct aie_array *array, uint32_t number, uint64_t start, uint32_t last) {
  struct aie_channel *channel = &array->channels[number];
  channel->state = AIE_CHANNEL_MOVING;
  if (start <= channel->ready_at)
    return;
  uint64_t counted = aie_counted(array, channel->ready_at);
  if (start > counted)
    channel->counters.stream_stall_cycles += start - counted;
  aie_event(array, AIE_EVENT_STREAM_WAIT, aie_channel_actor(array, number), channel->ready_at,
            start, channel->current_bd, 0, aie_channel_actor(array, last));
}

// All ends are ready: the words move when the source's reach the sinks, not before the sinks can
// take them.
static void start(struct aie_array *array, uint32_t channel) {
  struct aie_channel *source = &array->channels[channel];
  aie_fault_lose(array, channel);
  uint32_t delay = latency(array, source);
  uint64_t at_sinks = source->ready_at + delay;
  uint32_t words = source->bd.cursor.left;
  uint32_t weight = source->ddr;
  uint32_t last = channel;
  FOR_SINKS(array, source, sink) {
    if (sink->ready_at > at_sinks)
      last = (uint32_t)(sink - array->channels);
    at_sinks = latest(at_sinks, sink->ready_at);
    words = least(words, sink->bd.cursor.left);
    weight += sink->ddr;
  }
  source->flow_words = words;
  source->flow_weight = weight;
  source->flow_start = at_sinks;
  begin_moving(array, channel, at_sinks - delay, last);
  FOR_SINKS(array, source, sink)
  begin_moving(array, (uint32_t)(sink - array->channels), at_sinks, last);
  // The source is done `delay` before the sinks.
  uint64_t timer = weight ? at_sinks - delay : at_sinks + words - delay;
  source->flow_paced = 0;
  aie_timer_set(array, aie_flow_timer(array, channel), latest(timer, array->now));
}

static void try_start(struct aie_array *array, uint32_t channel) {
  struct aie_channel *source = &array->channels[channel];
  if (source->state != AIE_CHANNEL_READY || aie_route_trace(array, channel) != AIE_OK)
    return;
  FOR_SINKS(array, source, sink)
  if (sink->state != AIE_CHANNEL_READY)
    return;
  start(array, channel);
}

void aie_stream_ready(struct aie_array *array, uint32_t channel) {
  struct aie_channel *ready = &array->channels[channel];
  if (ready->direction == AIE_MM2S)
    try_start(array, channel);
  else if (ready->source)
    try_start(array, ready->source - 1);
}

// ---- ending

static void count(struct aie_array *array, struct aie_channel *channel, uint32_t words,
                  uint64_t cycles) {
  channel->counters.words += words;
  channel->counters.moving_cycles += cycles;
  if (!channel->ddr)
    return;
  if (channel->direction == AIE_MM2S)
    array->ddr_counters.read_bytes += 4ull * words;
  else
    array->ddr_counters.write_bytes += 4ull * words;
}

// The words have been moved: by the source from `start` on until now, by the sinks a little later.
static void tell_moved(const struct aie_array *array, uint32_t channel, uint64_t arrival) {
  const struct aie_channel *source = &array->channels[channel];
  uint32_t delay = latency(array, source);
  uint32_t first = source->first_sink - 1;
  aie_event(array, AIE_EVENT_MOVE, aie_channel_actor(array, channel), source->flow_start - delay,
            array->now, source->flow_words, source->current_bd, aie_channel_actor(array, first));
  FOR_SINKS(array, source, sink) {
    uint32_t number = (uint32_t)(sink - array->channels);
    aie_event(array, AIE_EVENT_MOVE, aie_channel_actor(array, number), source->flow_start, arrival,
              source->flow_words, sink->current_bd, aie_channel_actor(array, channel));
  }
}

static void finish(struct aie_array *array, uint32_t channel) {
  struct aie_channel *source = &array->channels[channel];
  uint32_t words = source->flow_words;
  uint64_t arrival = array->now + latency(array, source);
  uint64_t cycles = arrival - source->flow_start;
  if (move_words(array, source, words) != AIE_OK)
    return;
  int tlast = source->bd.cursor.left == 0 && source->bd.ends_packet;
  count(array, source, words, cycles);
  FOR_SINKS(array, source, sink) count(array, sink, words, cycles);
  if (array->observer)
    tell_moved(array, channel, arrival);
  // Sinks first: so the source's next words can move at once. A sink that is done may be led to
  // another stream.
  for (uint32_t sink = source->first_sink; sink;) {
    uint32_t next = array->channels[sink - 1].next_sink;
    aie_dma_arrived(array, sink - 1, arrival, tlast);
    if (array->faulted)
      return;
    sink = next;
  }
  aie_dma_sent(array, channel);
}

void aie_stream_timer(struct aie_array *array, uint32_t channel) {
  struct aie_channel *source = &array->channels[channel];
  if (source->flow_weight && !source->flow_paced) {
    // The first word is under way: from here on the DDR sets the pace.
    source->flow_paced = 1;
    aie_ddr_begin(array, channel);
    return;
  }
  if (source->flow_paced)
    aie_ddr_end(array, channel);
  source->flow_paced = 0;
  finish(array, channel);
}

void aie_stream_abandon(struct aie_array *array, uint32_t channel) {
  struct aie_channel *given_up = &array->channels[channel];
  if (given_up->state != AIE_CHANNEL_MOVING)
    return;
  uint32_t head = given_up->direction == AIE_MM2S ? channel : given_up->source - 1;
  struct aie_channel *source = &array->channels[head];
  aie_timer_cancel(array, aie_flow_timer(array, head));
  if (source->flow_paced)
    aie_ddr_end(array, head);
  source->flow_paced = 0;
  source->state = AIE_CHANNEL_READY;
  source->ready_at = array->now;
  FOR_SINKS(array, source, sink) {
    sink->state = AIE_CHANNEL_READY;
    sink->ready_at = array->now;
  }
}
