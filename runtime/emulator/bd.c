#include "bd.h"

#include "cursor.h"
#include "error.h"

// The fields of a descriptor, in the units of the registers but for the biases of steps and wraps.
struct fields {
  uint64_t base; // bytes
  uint32_t length;
  uint32_t wrap[3];
  uint32_t step[4];
  uint32_t before[3];
  uint32_t after[3];
  uint32_t iteration_step;
  uint32_t iteration_wrap;
  uint32_t iteration_current;
  uint32_t valid;
  uint32_t use_next;
  uint32_t next;
  uint32_t acquire;
  uint32_t acquire_lock;
  int32_t acquire_value;
  uint32_t release_lock;
  int32_t release_value;
  uint32_t tlast_suppress;
  uint32_t unmodelled; // packets, compression
};

// The fields that all kinds of tiles have, under the same names.
#define COMMON_FIELDS(f, words, KIND)                                                              \
  (f)->length = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_BUFFER_LENGTH);                          \
  (f)->wrap[0] = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_D0_WRAP);                               \
  (f)->wrap[1] = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_D1_WRAP);                               \
  (f)->step[0] = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_D0_STEPSIZE) + AIEML_STEP_BIAS;         \
  (f)->step[1] = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_D1_STEPSIZE) + AIEML_STEP_BIAS;         \
  (f)->step[2] = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_D2_STEPSIZE) + AIEML_STEP_BIAS;         \
  (f)->iteration_step =                                                                            \
      AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_ITERATION_STEPSIZE) + AIEML_STEP_BIAS;             \
  (f)->iteration_wrap =                                                                            \
      AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_ITERATION_WRAP) + AIEML_ITERATION_WRAP_BIAS;       \
  (f)->iteration_current = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_ITERATION_CURRENT);           \
  (f)->valid = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_VALID_BD);                                \
  (f)->use_next = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_USE_NEXT_BD);                          \
  (f)->next = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_NEXT_BD);                                  \
  (f)->acquire = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_LOCK_ACQ_ENABLE);                       \
  (f)->acquire_lock = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_LOCK_ACQ_ID);                      \
  (f)->acquire_value = AIEML_SIGNED(AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_LOCK_ACQ_VALUE),     \
                                    AIEML_##KIND##_DMA_BD_LOCK_ACQ_VALUE_WIDTH);                   \
  (f)->release_lock = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_LOCK_REL_ID);                      \
  (f)->release_value = AIEML_SIGNED(AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_LOCK_REL_VALUE),     \
                                    AIEML_##KIND##_DMA_BD_LOCK_REL_VALUE_WIDTH);                   \
  (f)->tlast_suppress = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_TLAST_SUPPRESS);                 \
  (f)->unmodelled = AIEML_BD_GET(words, AIEML_##KIND##_DMA_BD_ENABLE_PACKET)

#define ITERATION_NEXT(words, KIND, value)                                                         \
  AIEML_BD_SET(words, AIEML_##KIND##_DMA_BD_ITERATION_CURRENT, value)

static void read_core(const uint32_t *words, struct fields *f) {
  COMMON_FIELDS(f, words, CORE);
  f->base = 4ull * AIEML_BD_GET(words, AIEML_CORE_DMA_BD_BASE_ADDRESS);
  f->unmodelled |= AIEML_BD_GET(words, AIEML_CORE_DMA_BD_ENABLE_COMPRESSION);
}

static void read_mem(const uint32_t *words, struct fields *f) {
  COMMON_FIELDS(f, words, MEM);
  f->base = 4ull * AIEML_BD_GET(words, AIEML_MEM_DMA_BD_BASE_ADDRESS);
  f->wrap[2] = AIEML_BD_GET(words, AIEML_MEM_DMA_BD_D2_WRAP);
  f->step[3] = AIEML_BD_GET(words, AIEML_MEM_DMA_BD_D3_STEPSIZE) + AIEML_STEP_BIAS;
  f->before[0] = AIEML_BD_GET(words, AIEML_MEM_DMA_BD_D0_ZERO_BEFORE);
  f->before[1] = AIEML_BD_GET(words, AIEML_MEM_DMA_BD_D1_ZERO_BEFORE);
  f->before[2] = AIEML_BD_GET(words, AIEML_MEM_DMA_BD_D2_ZERO_BEFORE);
  f->after[0] = AIEML_BD_GET(words, AIEML_MEM_DMA_BD_D0_ZERO_AFTER);
  f->after[1] = AIEML_BD_GET(words, AIEML_MEM_DMA_BD_D1_ZERO_AFTER);
  f->after[2] = AIEML_BD_GET(words, AIEML_MEM_DMA_BD_D2_ZERO_AFTER);
  f->unmodelled |= AIEML_BD_GET(words, AIEML_MEM_DMA_BD_ENABLE_COMPRESSION);
}

static void read_shim(const uint32_t *words, struct fields *f) {
  COMMON_FIELDS(f, words, SHIM);
  uint64_t low = AIEML_BD_GET(words, AIEML_SHIM_DMA_BD_BASE_ADDRESS_LOW);
  uint64_t high = AIEML_BD_GET(words, AIEML_SHIM_DMA_BD_BASE_ADDRESS_HIGH);
  f->base = high << 32 | low << AIEML_SHIM_DMA_BD_BASE_ADDRESS_LOW_LSB;
}

static enum aie_status bad(struct aie_array *array, const struct aie_channel *channel,
                           enum aie_error_code code, const char *why) {
  struct aie_text t = aie_fault(array, code, &array->tiles[channel->tile], AIE_NONE);
  aie_put_channel(&t, array, channel);
  aie_put(&t, " loads BD ");
  aie_put_number(&t, channel->current_bd);
  aie_put(&t, ", ");
  aie_put(&t, why);
  return AIE_FAULT;
}

// aie-rt xaie_dma_aieml.c: a dimension that does not wrap has no end to pad, nor have those outside
// of it.
static const char *padding_error(const struct aie_channel *channel, const struct fields *f) {
  uint32_t any = 0;
  for (uint32_t d = 0; d < 3; ++d) {
    any |= f->before[d] | f->after[d];
    if (f->wrap[d] != 0)
      continue;
    if (f->after[d])
      return "which pads the end of a dimension that does not wrap";
    for (uint32_t outer = d + 1; outer < 3; ++outer)
      if (f->before[outer] | f->after[outer])
        return "which pads outside of a dimension that does not wrap";
  }
  return any && channel->direction == AIE_S2MM ? "which pads, on an S2MM channel" : NULL;
}

// The array's index of a lock as this channel counts; AIE_NONE where there is none.
static uint32_t lock_index(struct aie_array *array, const struct aie_channel *channel,
                           uint32_t lock) {
  const struct aie_tile *tile = &array->tiles[channel->tile];
  uint32_t count = aie_tile_kind(array, tile)->locks;
  if (tile->kind != AIEML_TILE_MEM)
    return lock < count ? tile->locks + lock : AIE_NONE;
  uint32_t window = lock / AIEML_MEMTILE_LOCK_WINDOW;
  if (window > 2 || (window != 1 && channel->number > 3))
    return AIE_NONE;
  const struct aie_tile *owner = aie_tile_at(array, tile->column + window - 1, tile->row);
  return owner ? owner->locks + lock % AIEML_MEMTILE_LOCK_WINDOW : AIE_NONE;
}

static const char *check(const struct aie_array *array, const struct aie_channel *channel,
                         const struct fields *f) {
  const struct aie_tile *tile = &array->tiles[channel->tile];
  if (!f->valid)
    return "which is not valid";
  if (f->length == 0)
    return "which is 0 words long";
  if (f->use_next && f->next >= aie_tile_kind(array, tile)->bds)
    return "whose next BD does not exist";
  if (tile->kind == AIEML_TILE_MEM && (channel->current_bd < 24) != (channel->number % 2 == 0))
    return "which this channel cannot use: even channels have 0 to 23, odd ones 24 to 47";
  if (f->iteration_current >= f->iteration_wrap)
    return "whose current iteration is past its wrap";
  return padding_error(channel, f);
}

static void set_cursor(struct aie_cursor *cursor, const struct fields *f) {
  cursor->base = f->base + 4ull * f->iteration_current * f->iteration_step;
  cursor->left = f->length;
  cursor->padded = 0;
  for (uint32_t d = 0; d < 4; ++d) {
    struct aie_dimension *dim = &cursor->dims[d];
    dim->wrap = d < 3 ? f->wrap[d] : 0;
    dim->step = f->step[d];
    dim->before = d < 3 ? f->before[d] : 0;
    dim->after = d < 3 ? f->after[d] : 0;
    cursor->padded |= dim->before | dim->after;
    cursor->position[d] = 0;
  }
  aie_cursor_simplify(cursor);
}

enum aie_status aie_bd_load(struct aie_array *array, struct aie_channel *channel) {
  const struct aie_tile *tile = &array->tiles[channel->tile];
  uint32_t *words = tile->bds + AIEML_MAX_BD_WORDS * channel->current_bd;
  struct fields f = {.step = {1, 1, 1, 1}};
  if (tile->kind == AIEML_TILE_CORE)
    read_core(words, &f);
  else if (tile->kind == AIEML_TILE_MEM)
    read_mem(words, &f);
  else
    read_shim(words, &f);
  if (f.unmodelled)
    return bad(array, channel, AIE_ERROR_UNMODELLED,
               "which sends packets or compresses: not modelled");
  const char *why = check(array, channel, &f);
  if (why)
    return bad(array, channel, AIE_ERROR_BD, why);

  struct aie_bd *bd = &channel->bd;
  bd->next = f.use_next ? f.next : AIE_NONE;
  bd->acquire_lock = f.acquire ? lock_index(array, channel, f.acquire_lock) : AIE_NONE;
  bd->acquire_value = f.acquire_value;
  bd->release_lock = f.release_value ? lock_index(array, channel, f.release_lock) : AIE_NONE;
  bd->release_value = f.release_value;
  bd->ends_packet = !f.tlast_suppress;
  if ((f.acquire && bd->acquire_lock == AIE_NONE) ||
      (f.release_value && bd->release_lock == AIE_NONE))
    return bad(array, channel, AIE_ERROR_LOCK, "whose lock does not exist for this channel");
  set_cursor(&bd->cursor, &f);

  uint32_t next = f.iteration_current + 1 == f.iteration_wrap ? 0 : f.iteration_current + 1;
  if (tile->kind == AIEML_TILE_CORE)
    ITERATION_NEXT(words, CORE, next);
  else if (tile->kind == AIEML_TILE_MEM)
    ITERATION_NEXT(words, MEM, next);
  else
    ITERATION_NEXT(words, SHIM, next);
  return AIE_OK;
}
