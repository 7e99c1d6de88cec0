#include "adfc/rhal_mmio.h"

#include "adfc/rhal.h"

static struct rhal_mmio *bound;

/* A build may lead loads and stores elsewhere: the header defines mmio_load() and mmio_store(). */
#ifdef RHAL_MMIO_ACCESS
#include RHAL_MMIO_ACCESS
#else
static uint32_t mmio_load(uintptr_t address) { return *(volatile uint32_t *)address; }
static void mmio_store(uintptr_t address, uint32_t value) { *(volatile uint32_t *)address = value; }
#endif

/* Every store before is performed before any access after. */
static void order(void) {
#if defined(__aarch64__)
  __asm__ volatile("dsb sy" ::: "memory");
#else
  __asm__ volatile("" ::: "memory");
#endif
}

void rhal_mmio_bind(struct rhal_mmio *mmio) {
  bound = mmio;
  if (!mmio)
    return;
  for (uint32_t column = 0; column < RHAL_MMIO_COLUMNS; ++column)
    for (uint32_t i = 0; i < RHAL_MMIO_SHIM_CHANNELS; ++i)
      mmio->channels[column][i] = (struct rhal_mmio_channel){0};
}

/* Whether `words` words from `address` on are addresses of one tile that the device has. */
static int check(uint32_t address, uint32_t words) {
  return address % 4 == 0 && AIEML_ADDRESS_COLUMN(address) < bound->device->columns &&
                 AIEML_ADDRESS_ROW(address) < bound->device->rows && words &&
                 words <= (AIEML_ADDRESS_OFFSET(UINT32_MAX) + 1 - AIEML_ADDRESS_OFFSET(address)) / 4
             ? RHAL_OK
             : RHAL_BAD_ADDRESS;
}

static uint32_t load(uint32_t address) { return mmio_load(bound->base + address); }

/* ---- tasks of shim channels */

static struct rhal_mmio_channel *shim_channel(uint32_t column, uint32_t direction,
                                              uint32_t channel) {
  if (column >= RHAL_MMIO_COLUMNS || !adfc_device_has_noc(bound->device, column) ||
      direction >= RCB_DIRECTION_COUNT || channel >= AIEML_SHIM_DMA_S2MM_QUEUE_COUNT)
    return 0;
  return &bound->channels[column][direction * AIEML_SHIM_DMA_S2MM_QUEUE_COUNT + channel];
}

/* Notes the task that a store to a shim's queue pushes. */
static void note_push(uint32_t address, uint32_t value) {
  uint32_t index, word;
  if (AIEML_ADDRESS_ROW(address) != 0)
    return;
  const struct aieml_register_class *c =
      aieml_find_register(AIEML_TILE_SHIM, AIEML_ADDRESS_OFFSET(address), &index, &word);
  if (!c || (c->id != AIEML_REGISTER_DMA_S2MM_QUEUE && c->id != AIEML_REGISTER_DMA_MM2S_QUEUE))
    return;
  uint32_t direction =
      c->id == AIEML_REGISTER_DMA_MM2S_QUEUE ? RCB_DIRECTION_MM2S : RCB_DIRECTION_S2MM;
  struct rhal_mmio_channel *t = shim_channel(AIEML_ADDRESS_COLUMN(address), direction, index);
  if (!t || t->pending == 32)
    return; /* the queue is long past overflowing */
  t->token_bits |= AIEML_FIELD_GET(value, AIEML_SHIM_DMA_S2MM_QUEUE_ENABLE_TOKEN_ISSUE)
                   << t->pending;
  ++t->pending;
}

static uint32_t status_address(uint32_t column, uint32_t direction, uint32_t channel) {
  return direction == RCB_DIRECTION_MM2S ? AIEML_ADDRESS(column, 0, AIEML_SHIM_DMA_MM2S_STATUS) +
                                               channel * AIEML_SHIM_DMA_MM2S_STATUS_STRIDE
                                         : AIEML_ADDRESS(column, 0, AIEML_SHIM_DMA_S2MM_STATUS) +
                                               channel * AIEML_SHIM_DMA_S2MM_STATUS_STRIDE;
}

/* Takes note of the tasks that the channel has finished, by its status. */
static void note_done(struct rhal_mmio_channel *t, uint32_t status) {
  uint32_t left = AIEML_FIELD_GET(status, AIEML_SHIM_DMA_S2MM_STATUS_TASK_QUEUE_SIZE);
  /* The task under way is no longer in the queue (assumed). */
  left += AIEML_FIELD_GET(status, AIEML_SHIM_DMA_S2MM_STATUS_STATUS) != 0;
  for (; t->pending > left; --t->pending, t->token_bits >>= 1)
    t->tokens += t->token_bits & 1;
}

static int failed(uint32_t status) {
  return AIEML_FIELD_GET(status, AIEML_SHIM_DMA_S2MM_STATUS_ERROR_BD_INVALID) ||
         AIEML_FIELD_GET(status, AIEML_SHIM_DMA_S2MM_STATUS_AXI_MM_DECODE_ERROR) ||
         AIEML_FIELD_GET(status, AIEML_SHIM_DMA_S2MM_STATUS_AXI_MM_SLAVE_ERROR) ||
         AIEML_FIELD_GET(status, AIEML_SHIM_DMA_S2MM_STATUS_TASK_QUEUE_OVERFLOW);
}

/* ---- RHAL */

static void store(uint32_t address, uint32_t value) {
  note_push(address, value);
  mmio_store(bound->base + address, value);
}

int RHAL_DEFINE(write32)(uint32_t address, uint32_t value) {
  int status = check(address, 1);
  if (!status)
    store(address, value);
  return status;
}

int RHAL_DEFINE(read32)(uint32_t address, uint32_t *value) {
  int status = check(address, 1);
  if (!status)
    *value = load(address);
  return status;
}

int RHAL_DEFINE(mask_write32)(uint32_t address, uint32_t mask, uint32_t value) {
  int status = check(address, 1);
  if (!status)
    store(address, (load(address) & ~mask) | (value & mask));
  return status;
}

int RHAL_DEFINE(block_write)(uint32_t address, const uint32_t *words, uint32_t count) {
  int status = check(address, count);
  for (uint32_t i = 0; !status && i < count; ++i)
    store(address + 4 * i, words[i]);
  return status;
}

int RHAL_DEFINE(block_set)(uint32_t address, uint32_t value, uint32_t count) {
  int status = check(address, count);
  for (uint32_t i = 0; !status && i < count; ++i)
    store(address + 4 * i, value);
  return status;
}

int RHAL_DEFINE(poll)(uint32_t address, uint32_t mask, uint32_t value, uint32_t max_cycles,
                      uint32_t *seen) {
  int status = check(address, 1);
  if (status)
    return status;
  uint64_t start = bound->cycles(bound->user);
  for (int late = 0;; late = bound->cycles(bound->user) - start >= max_cycles) {
    *seen = load(address);
    if ((*seen & mask) == value)
      return RHAL_OK;
    if (late)
      return RHAL_TIMEOUT;
  }
}

int RHAL_DEFINE(wait_task)(uint32_t tile, uint32_t direction, uint32_t channel,
                           uint32_t max_cycles) {
  uint32_t column = RCB_TILE_COLUMN(tile);
  if (column < bound->device->columns && RCB_TILE_ROW(tile) != 0 &&
      RCB_TILE_ROW(tile) < bound->device->rows)
    return RHAL_UNSUPPORTED;
  struct rhal_mmio_channel *t =
      RCB_TILE_ROW(tile) == 0 ? shim_channel(column, direction, channel) : 0;
  if (!t)
    return RHAL_BAD_ADDRESS;
  uint64_t start = bound->cycles(bound->user);
  for (int late = 0;; late = bound->cycles(bound->user) - start >= max_cycles) {
    uint32_t status = load(status_address(column, direction, channel));
    if (failed(status))
      return RHAL_FAULT;
    note_done(t, status);
    if (t->tokens) {
      --t->tokens;
      return RHAL_OK;
    }
    if (late)
      return RHAL_TIMEOUT;
  }
}

int RHAL_DEFINE(load_core)(uint32_t tile, const uint32_t *words, uint32_t count) {
  return RHAL_DEFINE(block_write)(
      AIEML_ADDRESS(RCB_TILE_COLUMN(tile), RCB_TILE_ROW(tile), AIEML_CORE_PROGRAM_MEMORY), words,
      count);
}

int RHAL_DEFINE(buffer_address)(uint32_t buffer, uint64_t *address) {
  if (buffer >= RCB_BUFFER_COUNT || !bound->buffer_bytes[buffer])
    return RHAL_BAD_BUFFER;
  *address = bound->buffer_address[buffer];
  return RHAL_OK;
}

int RHAL_DEFINE(cache_sync)(uint32_t buffer, uint32_t direction) {
  if (buffer >= RCB_BUFFER_COUNT)
    return RHAL_BAD_BUFFER;
  if (bound->sync && bound->buffer_bytes[buffer])
    bound->sync(bound->user, bound->buffer_address[buffer], bound->buffer_bytes[buffer], direction);
  return RHAL_OK;
}

int RHAL_DEFINE(barrier)(void) {
  order();
  return RHAL_OK;
}

uint64_t RHAL_DEFINE(time)(void) { return bound->cycles(bound->user); }

void RHAL_DEFINE(timestamp)(uint32_t id) {
  bound->timestamp_id = id;
  bound->timestamp_cycle = bound->cycles(bound->user);
}

void RHAL_DEFINE(phase)(uint32_t phase) { bound->phase = phase; }

void RHAL_DEFINE(log)(uint32_t level, const char *text) {
  if (bound && bound->log)
    bound->log(bound->user, level, text);
}
