// Register accesses of the control processor: decoding, and what each register does.
#include "cascade.h"
#include "core.h"
#include "dma.h"
#include "error.h"
#include "locks.h"

#define BITS(field) AIEML_FIELD_MASK(field)

// A decoded access.
struct access {
  struct aie_tile *tile;
  uint32_t offset;
  const struct aieml_register_class *reg;
  uint32_t index; // which of them
  uint32_t word;  // which word of it
};

static enum aie_status refuse(struct aie_array *array, enum aie_error_code code,
                              const struct access *access, const char *why) {
  struct aie_text t = aie_refuse(array, code, access->tile, access->offset);
  aie_put(&t, "offset ");
  aie_put_hex(&t, access->offset);
  if (access->reg) {
    aie_put(&t, " (");
    aie_put(&t, access->reg->name);
    aie_put(&t, " ");
    aie_put_number(&t, access->index);
    aie_put(&t, ")");
  }
  aie_put(&t, why);
  return AIE_BAD_ACCESS;
}

static enum aie_status decode(struct aie_array *array, uint32_t address, struct access *access) {
  uint32_t column = AIEML_ADDRESS_COLUMN(address);
  uint32_t row = AIEML_ADDRESS_ROW(address);
  access->tile = aie_tile_at(array, column, row);
  access->offset = AIEML_ADDRESS_OFFSET(address);
  access->reg = NULL;
  if (!access->tile) {
    struct aie_text t = aie_refuse(array, AIE_ERROR_NO_TILE, NULL, access->offset);
    aie_put(&t, "address ");
    aie_put_hex(&t, address);
    aie_put(&t, ": there is no tile (");
    aie_put_number(&t, column);
    aie_put(&t, ",");
    aie_put_number(&t, row);
    aie_put(&t, ") on ");
    aie_put(&t, array->device->name);
    return AIE_BAD_ACCESS;
  }
  access->reg =
      aieml_find_register(access->tile->kind, access->offset, &access->index, &access->word);
  if (!access->reg)
    return refuse(array, AIE_ERROR_NO_REGISTER, access,
                  " is no register, or none that is modelled");
  if (access->reg->noc_only && !access->tile->has_dma)
    return refuse(array, AIE_ERROR_NO_REGISTER, access,
                  " does not exist: this shim has no NoC connection");
  return AIE_OK;
}

// Makes an access that of the next word. Returns 0 where that must be decoded anew.
static int step(struct access *access) {
  const struct aieml_register_class *reg = access->reg;
  if (access->word + 1 < reg->words)
    ++access->word;
  else if (reg->stride == 4 * reg->words && access->index + 1 < reg->count)
    ++access->index, access->word = 0;
  else
    return 0;
  access->offset += 4;
  return 1;
}

static uint32_t channel_of(const struct aie_array *array, const struct access *access,
                           uint32_t direction) {
  uint32_t first = direction == AIE_MM2S ? aie_tile_kind(array, access->tile)->s2mm_channels : 0;
  return access->tile->channels + first + access->index;
}

// ---- writes

static enum aie_status write_memory(struct aie_array *array, const struct access *access,
                                    uint32_t value) {
  aie_settle(array);
  __builtin_memcpy(access->tile->data + 4ull * access->index, &value, 4);
  return AIE_OK;
}

static enum aie_status write_program(struct aie_array *array, const struct access *access,
                                     uint32_t value) {
  struct aie_core *core = &array->cores[access->tile->core];
  if (core->enable && !core->reset)
    return refuse(array, AIE_ERROR_PROGRAM_MEMORY, access,
                  ": the core is enabled; reset or disable it first");
  core->program[access->index] = value;
  return AIE_OK;
}

static enum aie_status write_queue(struct aie_array *array, const struct access *access,
                                   uint32_t value, uint32_t direction) {
  // The fields lie in the same bits on all kinds of tiles; memtiles have the widest BD number.
  struct aie_task task = {
      AIEML_FIELD_GET(value, AIEML_MEM_DMA_MM2S_QUEUE_START_BD_ID),
      AIEML_FIELD_GET(value, AIEML_MEM_DMA_MM2S_QUEUE_REPEAT_COUNT),
      AIEML_FIELD_GET(value, AIEML_MEM_DMA_MM2S_QUEUE_ENABLE_TOKEN_ISSUE),
      array->mark,
  };
  if (task.bd >= aie_tile_kind(array, access->tile)->bds)
    return refuse(array, AIE_ERROR_BD, access, ": no such buffer descriptor");
  uint32_t channel = channel_of(array, access, direction);
  if (array->channels[channel].in_reset)
    return refuse(array, AIE_ERROR_UNMODELLED, access,
                  ": a task for a channel in reset; clear RESET in its control register first");
  aie_dma_push(array, channel, task);
  return array->faulted ? AIE_FAULT : AIE_OK;
}

// Channel control: a reset of core and memtile channels; a controller id, which only routes tokens;
// FOT_MODE of S2MM channels, whose bits are the same on all kinds of tiles.
static enum aie_status write_channel(struct aie_array *array, const struct access *access,
                                     uint32_t value, uint32_t direction) {
  uint32_t reset = access->tile->kind == AIEML_TILE_SHIM ? 0 : BITS(AIEML_CORE_DMA_MM2S_CTRL_RESET);
  uint32_t fot = direction == AIE_S2MM ? BITS(AIEML_CORE_DMA_S2MM_CTRL_FOT_MODE) : 0;
  uint32_t mode = AIEML_FIELD_GET(value, AIEML_CORE_DMA_S2MM_CTRL_FOT_MODE);
  if (value & ~(reset | fot | BITS(AIEML_CORE_DMA_MM2S_CTRL_CONTROLLER_ID)) || mode > 1)
    return refuse(array, AIE_ERROR_UNMODELLED, access,
                  ": of DMA channels only RESET, CONTROLLER_ID and, of S2MM, FOT_MODE 0 and 1 are "
                  "modelled");
  uint32_t channel = channel_of(array, access, direction);
  if (value & reset)
    aie_dma_reset(array, channel);
  array->channels[channel].in_reset = (value & reset) != 0;
  if (!aie_dma_finish_on_tlast(array, channel, mode))
    return refuse(array, AIE_ERROR_UNMODELLED, access,
                  ": FOT_MODE of a channel with a task cannot change; reset the channel first");
  return AIE_OK;
}

static enum aie_status write_status(struct aie_array *array, const struct access *access,
                                    uint32_t value, uint32_t direction) {
  if (value & BITS(AIEML_CORE_DMA_MM2S_STATUS_TASK_QUEUE_OVERFLOW))
    array->channels[channel_of(array, access, direction)].overflow = 0;
  return AIE_OK;
}

static enum aie_status write_route(struct aie_array *array, uint32_t *config, uint32_t value) {
  if (*config != value)
    ++array->route_generation;
  *config = value;
  return AIE_OK;
}

static void clear_sticky(uint64_t *bits, uint32_t word, uint32_t value) {
  *bits &= ~((uint64_t)value << 32 * word);
}

static enum aie_status write_register(struct aie_array *array, const struct access *access,
                                      uint32_t value) {
  struct aie_tile *tile = access->tile;
  switch (access->reg->id) {
  case AIEML_REGISTER_DATA_MEMORY:
    return write_memory(array, access, value);
  case AIEML_REGISTER_PROGRAM_MEMORY:
    return write_program(array, access, value);
  case AIEML_REGISTER_CORE_CONTROL:
    return aie_core_control(array, tile->core, value);
  case AIEML_REGISTER_ACCUMULATOR_CONTROL:
    aie_cascade_control(&array->cores[tile->core], value);
    return AIE_OK;
  case AIEML_REGISTER_DMA_BD:
    tile->bds[AIEML_MAX_BD_WORDS * access->index + access->word] = value;
    return AIE_OK;
  case AIEML_REGISTER_DMA_S2MM_QUEUE:
    return write_queue(array, access, value, AIE_S2MM);
  case AIEML_REGISTER_DMA_MM2S_QUEUE:
    return write_queue(array, access, value, AIE_MM2S);
  case AIEML_REGISTER_DMA_S2MM_CTRL:
    return write_channel(array, access, value, AIE_S2MM);
  case AIEML_REGISTER_DMA_MM2S_CTRL:
    return write_channel(array, access, value, AIE_MM2S);
  case AIEML_REGISTER_DMA_S2MM_STATUS:
    return write_status(array, access, value, AIE_S2MM);
  case AIEML_REGISTER_DMA_MM2S_STATUS:
    return write_status(array, access, value, AIE_MM2S);
  case AIEML_REGISTER_LOCK:
    aie_lock_set(array, tile->locks + access->index, value);
    return AIE_OK;
  case AIEML_REGISTER_LOCKS_OVERFLOW:
    clear_sticky(&tile->lock_overflow, access->index, value);
    return AIE_OK;
  case AIEML_REGISTER_LOCKS_UNDERFLOW:
    clear_sticky(&tile->lock_underflow, access->index, value);
    return AIE_OK;
  case AIEML_REGISTER_SWITCH_MASTER:
    return write_route(array, &tile->masters[access->index], value);
  case AIEML_REGISTER_SWITCH_SLAVE:
    return write_route(array, &tile->slaves[access->index], value);
  case AIEML_REGISTER_MUX_CONFIG:
    return write_route(array, &tile->mux, value);
  case AIEML_REGISTER_DEMUX_CONFIG:
    return write_route(array, &tile->demux, value);
  default:
    return refuse(array, AIE_ERROR_NO_REGISTER, access, " is not modelled");
  }
}

// ---- reads

// Reading a lock request's address is the request: lock * 0x400 + acquire * 0x200 + value * 4.
static uint32_t request_lock(struct aie_array *array, const struct access *access) {
  uint32_t lock = access->tile->locks + access->index / 256;
  int32_t value = AIEML_SIGNED(access->index & 0x7f, 7);
  if (access->index & 0x80)
    return (uint32_t)aie_lock_try(array, lock, value);
  aie_lock_release(array, lock, value, AIE_NONE);
  return 1;
}

// The registers of a core.
static uint32_t read_core(const struct aie_core *core, const struct access *access) {
  switch (access->reg->id) {
  case AIEML_REGISTER_PROGRAM_MEMORY:
    return core->program[access->index];
  case AIEML_REGISTER_CORE_CONTROL:
    return AIEML_FIELD_SET(core->enable, AIEML_CORE_CORE_CONTROL_RESET, core->reset);
  case AIEML_REGISTER_CORE_STATUS:
    return aie_core_status(core);
  case AIEML_REGISTER_ACCUMULATOR_CONTROL:
    return aie_cascade_control_word(core);
  default:
    return 4 * core->pc;
  }
}

static enum aie_status read_register(struct aie_array *array, const struct access *access,
                                     uint32_t *value) {
  struct aie_tile *tile = access->tile;
  switch (access->reg->id) {
  case AIEML_REGISTER_DATA_MEMORY:
    aie_settle(array);
    __builtin_memcpy(value, tile->data + 4ull * access->index, 4);
    return AIE_OK;
  case AIEML_REGISTER_PROGRAM_MEMORY:
  case AIEML_REGISTER_CORE_CONTROL:
  case AIEML_REGISTER_CORE_STATUS:
  case AIEML_REGISTER_ACCUMULATOR_CONTROL:
  case AIEML_REGISTER_CORE_PC:
    *value = read_core(&array->cores[tile->core], access);
    return AIE_OK;
  case AIEML_REGISTER_DMA_BD:
    *value = tile->bds[AIEML_MAX_BD_WORDS * access->index + access->word];
    return AIE_OK;
  case AIEML_REGISTER_DMA_S2MM_CTRL:
    *value = AIEML_FIELD_SET(0, AIEML_CORE_DMA_S2MM_CTRL_FOT_MODE,
                             array->channels[channel_of(array, access, AIE_S2MM)].finish_on_tlast);
    return AIE_OK;
  case AIEML_REGISTER_DMA_MM2S_CTRL:
    *value = 0;
    return AIE_OK;
  case AIEML_REGISTER_DMA_S2MM_STATUS:
    *value = aie_dma_status(&array->channels[channel_of(array, access, AIE_S2MM)]);
    return AIE_OK;
  case AIEML_REGISTER_DMA_MM2S_STATUS:
    *value = aie_dma_status(&array->channels[channel_of(array, access, AIE_MM2S)]);
    return AIE_OK;
  case AIEML_REGISTER_LOCK:
    *value = array->locks[tile->locks + access->index].value;
    return AIE_OK;
  case AIEML_REGISTER_LOCKS_OVERFLOW:
    *value = (uint32_t)(tile->lock_overflow >> 32 * access->index);
    return AIE_OK;
  case AIEML_REGISTER_LOCKS_UNDERFLOW:
    *value = (uint32_t)(tile->lock_underflow >> 32 * access->index);
    return AIE_OK;
  case AIEML_REGISTER_LOCK_REQUEST:
    *value = request_lock(array, access);
    return array->faulted ? AIE_FAULT : AIE_OK;
  case AIEML_REGISTER_SWITCH_MASTER:
    *value = tile->masters[access->index];
    return AIE_OK;
  case AIEML_REGISTER_SWITCH_SLAVE:
    *value = tile->slaves[access->index];
    return AIE_OK;
  case AIEML_REGISTER_MUX_CONFIG:
    *value = tile->mux;
    return AIE_OK;
  case AIEML_REGISTER_DEMUX_CONFIG:
    *value = tile->demux;
    return AIE_OK;
  default:
    return refuse(array, AIE_ERROR_NO_REGISTER, access, " is not modelled");
  }
}

// ---- the interface

static enum aie_status write_decoded(struct aie_array *array, const struct access *access,
                                     uint32_t value) {
  if (!access->reg->writable)
    return refuse(array, AIE_ERROR_READ_ONLY, access, " can only be read");
  return write_register(array, access, value);
}

enum aie_status aie_write32(struct aie_array *array, uint32_t address, uint32_t value) {
  struct access access;
  if (array->faulted)
    return AIE_FAULT;
  if (decode(array, address, &access) != AIE_OK)
    return AIE_BAD_ACCESS;
  return write_decoded(array, &access, value);
}

enum aie_status aie_read32(struct aie_array *array, uint32_t address, uint32_t *value) {
  struct access access;
  *value = 0;
  if (array->faulted)
    return AIE_FAULT;
  if (decode(array, address, &access) != AIE_OK)
    return AIE_BAD_ACCESS;
  if (!access.reg->readable)
    return refuse(array, AIE_ERROR_WRITE_ONLY, &access, " can only be written");
  return read_register(array, &access, value);
}

enum aie_status aie_mask_write32(struct aie_array *array, uint32_t address, uint32_t mask,
                                 uint32_t value) {
  uint32_t old = 0;
  enum aie_status status = aie_read32(array, address, &old);
  return status == AIE_OK ? aie_write32(array, address, (old & ~mask) | (value & mask)) : status;
}

enum aie_status aie_write_block(struct aie_array *array, uint32_t address, const uint32_t *words,
                                uint32_t count) {
  enum aie_status status = AIE_OK;
  struct access access;
  for (uint32_t i = 0; i < count && status == AIE_OK; ++i) {
    if (array->faulted)
      return AIE_FAULT;
    if ((i == 0 || !step(&access)) && decode(array, address + 4 * i, &access) != AIE_OK)
      return AIE_BAD_ACCESS;
    status = write_decoded(array, &access, words[i]);
  }
  return status;
}

enum aie_status aie_read_block(struct aie_array *array, uint32_t address, uint32_t *words,
                               uint32_t count) {
  enum aie_status status = AIE_OK;
  for (uint32_t i = 0; i < count && status == AIE_OK; ++i)
    status = aie_read32(array, address + 4 * i, &words[i]);
  return status;
}
