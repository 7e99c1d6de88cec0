#include "error.h"

void aie_put_tile(struct aie_text *text, const struct aie_tile *tile) {
  static const char *const names[3] = {"core (", "memtile (", "shim ("};
  aie_put(text, names[tile->kind]);
  aie_put_number(text, tile->column);
  aie_put(text, ",");
  aie_put_number(text, tile->row);
  aie_put(text, ")");
}

void aie_put_channel(struct aie_text *text, const struct aie_array *array,
                     const struct aie_channel *channel) {
  aie_put(text, channel->direction == AIE_MM2S ? "MM2S " : "S2MM ");
  aie_put_number(text, channel->number);
  aie_put(text, " of ");
  aie_put_tile(text, &array->tiles[channel->tile]);
}

const struct aie_tile *aie_lock_tile(const struct aie_array *array, uint32_t lock) {
  const struct aie_tile *found = &array->tiles[0];
  for (uint32_t i = 0; i < array->tile_count; ++i) {
    const struct aie_tile *tile = &array->tiles[i];
    if (tile->has_dma && lock >= tile->locks &&
        lock - tile->locks < aie_tile_kind(array, tile)->locks)
      found = tile;
  }
  return found;
}

void aie_put_lock_wait(struct aie_text *text, const struct aie_array *array, uint32_t lock,
                       int32_t value) {
  const struct aie_tile *tile = aie_lock_tile(array, lock);
  aie_put(text, "lock ");
  aie_put_number(text, lock - tile->locks);
  aie_put(text, " of ");
  aie_put_tile(text, tile);
  aie_put(text, value < 0 ? " to be at least " : " to be ");
  aie_put_number(text, value < 0 ? -value : value);
  aie_put(text, " (it is ");
  aie_put_number(text, array->locks[lock].value);
  aie_put(text, ")");
}

static struct aie_text begin(struct aie_array *array, enum aie_error_code code,
                             const struct aie_tile *tile, uint32_t offset) {
  struct aie_error *error = &array->error;
  error->code = code;
  error->column = tile ? tile->column : AIE_NONE;
  error->row = tile ? tile->row : AIE_NONE;
  error->offset = offset;
  error->cycle = array->now;
  struct aie_text text;
  aie_text_begin(&text, error->text, sizeof error->text);
  if (tile) {
    aie_put_tile(&text, tile);
    aie_put(&text, ": ");
  }
  return text;
}

// What goes nowhere, so that a first fault's record stays.
static struct aie_text nowhere(void) {
  struct aie_text text;
  aie_text_begin(&text, NULL, 0);
  return text;
}

struct aie_text aie_refuse(struct aie_array *array, enum aie_error_code code,
                           const struct aie_tile *tile, uint32_t offset) {
  return array->faulted ? nowhere() : begin(array, code, tile, offset);
}

struct aie_text aie_fault(struct aie_array *array, enum aie_error_code code,
                          const struct aie_tile *tile, uint32_t offset) {
  if (array->faulted)
    return nowhere();
  struct aie_text text = begin(array, code, tile, offset);
  array->faulted = 1;
  return text;
}
