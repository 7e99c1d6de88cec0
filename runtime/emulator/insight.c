// Counters, and who waits for what.
#include "cascade.h"
#include "error.h"
#include "timers.h"

enum aie_status aie_core_counters(struct aie_array *array, uint32_t column, uint32_t row,
                                  struct aie_core_counters *counters) {
  const struct aie_tile *tile = aie_tile_at(array, column, row);
  if (!tile || tile->core == AIE_NONE) {
    struct aie_text t = aie_refuse(array, AIE_ERROR_ARGUMENT, tile, AIE_NONE);
    aie_put(&t, "there is no core at (");
    aie_put_number(&t, column);
    aie_put(&t, ",");
    aie_put_number(&t, row);
    aie_put(&t, ")");
    return AIE_BAD_ACCESS;
  }
  *counters = array->cores[tile->core].counters;
  return AIE_OK;
}

void aie_ddr_counters(const struct aie_array *array, struct aie_ddr_counters *counters) {
  *counters = array->ddr_counters;
}

void aie_reset_counters(struct aie_array *array) {
  static const struct aie_core_counters no_core;
  static const struct aie_channel_counters no_channel;
  static const struct aie_ddr_counters no_ddr;
  for (uint32_t i = 0; i < array->core_count; ++i)
    array->cores[i].counters = no_core;
  for (uint32_t i = 0; i < array->channel_count; ++i)
    array->channels[i].counters = no_channel;
  array->ddr_counters = no_ddr;
  array->counted_from = array->now;
}

static void explain_core(struct aie_text *t, const struct aie_array *array, uint32_t core) {
  const struct aie_core *c = &array->cores[core];
  aie_put_tile(t, &array->tiles[c->tile]);
  aie_put(t, " at program word ");
  aie_put_number(t, c->pc);
  aie_put(t, " waits for ");
  aie_put_lock_wait(t, array, array->waiters[core].lock, array->waiters[core].value);
}

static void explain_state(struct aie_text *t, const struct aie_channel *channel) {
  switch (channel->state) {
  case AIE_CHANNEL_IDLE:
    aie_put(t, ", which has no task");
    break;
  case AIE_CHANNEL_LOCK:
    aie_put(t, ", which waits for a lock");
    break;
  default:
    aie_put(t, ", which is busy");
  }
}

// What keeps a stream from moving.
static void explain_stream(struct aie_text *t, const struct aie_array *array,
                           const struct aie_channel *channel) {
  if (channel->direction == AIE_S2MM) {
    if (!channel->source) {
      aie_put(t, " waits for data; no stream has reached it yet");
      return;
    }
    const struct aie_channel *source = &array->channels[channel->source - 1];
    aie_put(t, " waits for data from ");
    aie_put_channel(t, array, source);
    if (source->state != AIE_CHANNEL_READY) {
      explain_state(t, source);
      return;
    }
    channel = source;
    aie_put(t, ", which also waits");
  }
  for (uint32_t sink = channel->first_sink; sink; sink = array->channels[sink - 1].next_sink) {
    const struct aie_channel *s = &array->channels[sink - 1];
    if (s->state == AIE_CHANNEL_READY)
      continue;
    aie_put(t, " for ");
    aie_put_channel(t, array, s);
    aie_put(t, " to take data");
    explain_state(t, s);
    return;
  }
}

static void explain_channel(struct aie_text *t, const struct aie_array *array, uint32_t channel) {
  const struct aie_channel *c = &array->channels[channel];
  aie_put_channel(t, array, c);
  aie_put(t, " in BD ");
  aie_put_number(t, c->current_bd);
  if (c->state == AIE_CHANNEL_LOCK) {
    const struct aie_waiter *waiter = &array->waiters[aie_channel_actor(array, channel)];
    aie_put(t, " waits for ");
    aie_put_lock_wait(t, array, waiter->lock, waiter->value);
    return;
  }
  aie_put(t, ", ");
  aie_put_number(t, c->bd.cursor.left);
  aie_put(t, " words to go,");
  if (c->direction == AIE_MM2S)
    aie_put(t, " waits");
  explain_stream(t, array, c);
}

// Busy, and nothing is to come that would ever go on with it: what hardware shows by a status that
// never changes.
static int core_stands_still(const struct aie_array *array, uint32_t core) {
  return array->cores[core].state == AIE_CORE_RUNNING && !aie_timer_is_set(array, core);
}

static int channel_stands_still(const struct aie_array *array, uint32_t channel) {
  const struct aie_channel *c = &array->channels[channel];
  switch (c->state) {
  case AIE_CHANNEL_LOADING:
  case AIE_CHANNEL_STARTING:
  case AIE_CHANNEL_ARRIVING:
  case AIE_CHANNEL_FINISHING:
    return !aie_timer_is_set(array, aie_channel_actor(array, channel));
  case AIE_CHANNEL_MOVING:
    return c->direction == AIE_MM2S && !aie_timer_is_set(array, aie_flow_timer(array, channel));
  default:
    return 0;
  }
}

static uint32_t explain_cascades(struct aie_text *t, const struct aie_array *array) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < array->core_count; ++i) {
    const struct aie_core *core = &array->cores[i];
    if (core->state != AIE_CORE_CASCADE)
      continue;
    aie_put_tile(t, &array->tiles[core->tile]);
    aie_put(t, " at program word ");
    aie_put_number(t, core->pc);
    aie_put(t, aie_cascade_waits_for_input(core) ? " waits for its cascade's block\n"
                                                 : " waits for its cascade's block to be taken\n");
    ++count;
  }
  return count;
}

// Where words go that do not move on: the far end may be what does not answer.
static void explain_way(struct aie_text *t, const struct aie_array *array,
                        const struct aie_channel *channel) {
  if (channel->state != AIE_CHANNEL_MOVING)
    return;
  for (uint32_t sink = channel->first_sink; sink; sink = array->channels[sink - 1].next_sink) {
    aie_put(t, sink == channel->first_sink ? ", on the way to " : ", ");
    aie_put_channel(t, array, &array->channels[sink - 1]);
  }
}

static uint32_t explain_still(struct aie_text *t, const struct aie_array *array) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < array->core_count; ++i)
    if (core_stands_still(array, i)) {
      aie_put_tile(t, &array->tiles[array->cores[i].tile]);
      aie_put(t, " at program word ");
      aie_put_number(t, array->cores[i].pc);
      aie_put(t, " stands still\n");
      ++count;
    }
  for (uint32_t i = 0; i < array->channel_count; ++i)
    if (channel_stands_still(array, i)) {
      aie_put_channel(t, array, &array->channels[i]);
      aie_put(t, " in BD ");
      aie_put_number(t, array->channels[i].current_bd);
      aie_put(t, " stands still");
      explain_way(t, array, &array->channels[i]);
      aie_put(t, "\n");
      ++count;
    }
  return count;
}

uint32_t aie_explain_waits(const struct aie_array *array, char *text, size_t size) {
  struct aie_text t;
  aie_text_begin(&t, text, size);
  uint32_t count = explain_still(&t, array);
  for (uint32_t i = 0; i < array->core_count; ++i)
    if (array->cores[i].state == AIE_CORE_LOCK) {
      explain_core(&t, array, i);
      aie_put(&t, "\n");
      ++count;
    }
  count += explain_cascades(&t, array);
  for (uint32_t i = 0; i < array->channel_count; ++i) {
    enum aie_channel_state state = array->channels[i].state;
    if (state == AIE_CHANNEL_LOCK || state == AIE_CHANNEL_READY) {
      explain_channel(&t, array, i);
      aie_put(&t, "\n");
      ++count;
    }
  }
  return count;
}
