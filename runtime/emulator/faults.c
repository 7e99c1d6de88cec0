#include "faults.h"

#include "cursor.h"
#include "error.h"
#include "timers.h"

// ---- injecting

// What is wrong with the place, or NULL.
static const char *misplaced(const struct aie_array *array, const struct aie_tile *tile,
                             const struct aie_injection *i) {
  if (i->kind == AIE_INJECT_STALLED_DDR)
    return NULL;
  if (!tile)
    return "there is no such tile";
  const struct adfc_tile *kind = aie_tile_kind(array, tile);
  switch (i->kind) {
  case AIE_INJECT_DEAD_TILE:
    return NULL;
  case AIE_INJECT_STUCK_LOCK:
    return !tile->has_dma || i->index >= kind->locks || i->value > AIE_LOCK_MAX
               ? "there is no such lock, or it cannot have that value"
               : NULL;
  case AIE_INJECT_LOST_WORD:
    return !tile->has_dma || i->index >= kind->mm2s_channels ? "there is no such MM2S channel"
                                                             : NULL;
  case AIE_INJECT_FLIPPED_BIT:
    return !tile->data || i->index % 4 || i->index >= kind->data_bytes || i->value > 31
               ? "there is no such bit of data memory"
               : NULL;
  default:
    return "there is no such kind of fault";
  }
}

enum aie_status aie_inject(struct aie_array *array, const struct aie_injection *injection) {
  const struct aie_tile *tile = aie_tile_at(array, injection->column, injection->row);
  const char *why = misplaced(array, tile, injection);
  if (!why && array->injection_count == AIE_INJECTIONS)
    why = "too many faults";
  if (why) {
    struct aie_text t = aie_refuse(array, AIE_ERROR_ARGUMENT, tile, AIE_NONE);
    aie_put(&t, "to inject: ");
    aie_put(&t, why);
    return AIE_BAD_ACCESS;
  }
  array->injections[array->injection_count++] = *injection;
  return AIE_OK;
}

// ---- in effect

#define FOR_DUE(array, i, wanted)                                                                  \
  for (const struct aie_injection *i = (array)->injections;                                        \
       i < (array)->injections + (array)->injection_count; ++i)                                    \
    if (i->kind == (wanted) && (array)->now >= i->cycle)

static const struct aie_tile *place_of(const struct aie_array *array,
                                       const struct aie_injection *i) {
  return &array->tiles[i->column * array->device->rows + i->row];
}

// Once-only faults are crossed out.
static void done(const struct aie_array *array, const struct aie_injection *i) {
  struct aie_array *a = (struct aie_array *)(uintptr_t)array;
  a->injections[i - array->injections].cycle = UINT64_MAX;
}

static int dead(const struct aie_array *array, uint32_t tile) {
  FOR_DUE(array, i, AIE_INJECT_DEAD_TILE)
  if (place_of(array, i) == &array->tiles[tile])
    return 1;
  return 0;
}

static int flow_is_dead(const struct aie_array *array, const struct aie_channel *source) {
  int found = dead(array, source->tile);
  for (uint32_t sink = source->first_sink; sink && !found;
       sink = array->channels[sink - 1].next_sink)
    found = dead(array, array->channels[sink - 1].tile);
  return found;
}

// Whether DDR does not answer; where it will again, the timer is set to that time.
static int stalled(struct aie_array *array, uint32_t timer) {
  FOR_DUE(array, i, AIE_INJECT_STALLED_DDR) {
    if (i->length == 0)
      return 1;
    if (array->now - i->cycle < i->length) {
      aie_timer_set(array, timer, i->cycle + i->length);
      return 1;
    }
  }
  return 0;
}

int aie_fault_holds(struct aie_array *array, uint32_t timer) {
  if (array->injection_count == 0)
    return 0;
  if (timer < array->core_count)
    return dead(array, array->cores[timer].tile);
  uint32_t channel = timer - array->core_count;
  if (channel < array->channel_count)
    return dead(array, array->channels[channel].tile);
  const struct aie_channel *source = &array->channels[channel - array->channel_count];
  return flow_is_dead(array, source) || (source->flow_weight && stalled(array, timer));
}

void aie_fault_hold_lock(const struct aie_array *array, struct aie_lock *lock) {
  if (array->injection_count == 0)
    return;
  FOR_DUE(array, i, AIE_INJECT_STUCK_LOCK)
  if (&array->locks[place_of(array, i)->locks + i->index] == lock)
    lock->value = (uint8_t)i->value;
}

void aie_fault_lose(struct aie_array *array, uint32_t channel) {
  struct aie_channel *c = &array->channels[channel];
  if (array->injection_count == 0 || c->bd.cursor.left < 2)
    return;
  FOR_DUE(array, i, AIE_INJECT_LOST_WORD)
  if (c->direction == AIE_MM2S && c->number == i->index &&
      &array->tiles[c->tile] == place_of(array, i)) {
    aie_cursor_next(&c->bd.cursor, 1);
    done(array, i);
  }
}

void aie_fault_flip(struct aie_array *array) {
  if (array->injection_count == 0)
    return;
  FOR_DUE(array, i, AIE_INJECT_FLIPPED_BIT) {
    aie_settle(array);
    place_of(array, i)->data[i->index + i->value / 8] ^= (uint8_t)(1u << i->value % 8);
    done(array, i);
  }
}
