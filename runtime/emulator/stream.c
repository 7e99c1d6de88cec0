#include "stream.h"

#include "ddr.h"
#include "dma.h"
#include "error.h"
#include "events.h"
#include "faults.h"
#include "move.h"
#include "route.h"
#include "timers.h"

static uint64_t latest(uint64_t a, uint64_t b) { return a > b ? a : b; }

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

// Cycles from the source to the sinks. What DDR takes to answer is already in the source's start.
static uint32_t latency(const struct aie_array *array, const struct aie_channel *source) {
  return source->ddr ? 0 : source->hops * array->device->timing.hop_cycles;
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

static void words_lost(struct aie_array *array, const struct aie_channel *source) {
  const struct aie_channel *sink = &array->channels[source->first_sink - 1];
  struct aie_text t = aie_fault(array, AIE_ERROR_LOST_WORDS, &array->tiles[sink->tile], AIE_NONE);
  aie_put_channel(&t, array, sink);
  aie_put(&t, ": a packet ends after ");
  aie_put_number(&t, source->packet_sent);
  aie_put(&t, " words, of the ");
  aie_put_number(&t, source->packet_words);
  aie_put(&t, " that ");
  aie_put_channel(&t, array, source);
  aie_put(&t, " was to send: words were lost");
}

static void finish(struct aie_array *array, uint32_t channel) {
  struct aie_channel *source = &array->channels[channel];
  uint32_t words = source->flow_words;
  uint64_t arrival = array->now + latency(array, source);
  uint64_t cycles = arrival - source->flow_start;
  if (aie_move(array, source, words) != AIE_OK)
    return;
  source->packet_sent += words;
  int tlast = source->bd.cursor.left == 0 && source->bd.ends_packet;
  if (tlast && source->packet_sent != source->packet_words) {
    words_lost(array, source);
    return;
  }
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
