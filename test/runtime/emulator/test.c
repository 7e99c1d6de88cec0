#include "test.h"

#include <stdlib.h>

// An executor that does its work at once, but on copies, as another thread would.
static uint64_t work[1024];

static void *reserve(void *user, uint32_t bytes) {
  (void)user;
  return bytes <= sizeof work ? work : NULL;
}

static void submit(void *user, aie_work_fn function) {
  (void)user;
  function(work);
  memset(work, 0xee, sizeof work);
}

static void wait_for_work(void *user) { (void)user; }

static const struct aie_executor executor = {NULL, reserve, submit, wait_for_work};

struct aie_array *open_array(const char *name) {
  const struct adfc_device *device = adfc_device_find(name);
  size_t bytes = aie_array_size(device);
  void *memory = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  memset(memory, 0, bytes);
  struct aie_array *array = aie_array_create(memory, bytes, device);
  if (getenv("ADFC_TEST_EXECUTOR"))
    aie_set_executor(array, &executor);
  return array;
}

void close_array(struct aie_array *array) { free(array); }

uint32_t read_at(struct aie_array *array, uint32_t column, uint32_t row, uint32_t offset) {
  uint32_t value = 0;
  CHECK_EQ(aie_read32(array, AIEML_ADDRESS(column, row, offset), &value), AIE_OK);
  return value;
}

enum aie_status write_at(struct aie_array *array, uint32_t column, uint32_t row, uint32_t offset,
                         uint32_t value) {
  return aie_write32(array, AIEML_ADDRESS(column, row, offset), value);
}

void fill(struct aie_array *array, uint32_t column, uint32_t row, uint32_t offset, uint32_t count,
          uint32_t first) {
  for (uint32_t i = 0; i < count; ++i)
    CHECK_EQ(write_at(array, column, row, offset + 4 * i, first + i), AIE_OK);
}

uint32_t word(struct aie_array *array, uint32_t column, uint32_t row, uint32_t index) {
  return read_at(array, column, row, 4 * index);
}

static enum aieml_tile_kind kind_of(uint32_t row) {
  // All tests run on arrays with one row of memtiles.
  return row == 0 ? AIEML_TILE_SHIM : row == 1 ? AIEML_TILE_MEM : AIEML_TILE_CORE;
}

void connect(struct aie_array *array, uint32_t column, uint32_t row, enum aieml_port slave,
             uint32_t slave_number, enum aieml_port master, uint32_t master_number) {
  enum aieml_tile_kind kind = kind_of(row);
  uint32_t from = aieml_slave_ports[kind][slave].first + slave_number;
  uint32_t to = aieml_master_ports[kind][master].first + master_number;
  uint32_t masters = kind == AIEML_TILE_MEM ? AIEML_MEM_SWITCH_MASTER : AIEML_CORE_SWITCH_MASTER;
  uint32_t slaves = kind == AIEML_TILE_MEM ? AIEML_MEM_SWITCH_SLAVE : AIEML_CORE_SWITCH_SLAVE;
  CHECK_EQ(write_at(array, column, row, slaves + 4 * from, 1u << 31), AIE_OK);
  CHECK_EQ(write_at(array, column, row, masters + 4 * to, 1u << 31 | from), AIE_OK);
}

void connect_shim(struct aie_array *array, uint32_t column) {
  uint32_t mux = 0;
  uint32_t demux = 0;
  mux = AIEML_FIELD_SET(mux, AIEML_SHIM_MUX_CONFIG_SOUTH3, 1);
  mux = AIEML_FIELD_SET(mux, AIEML_SHIM_MUX_CONFIG_SOUTH7, 1);
  demux = AIEML_FIELD_SET(demux, AIEML_SHIM_DEMUX_CONFIG_SOUTH2, 1);
  demux = AIEML_FIELD_SET(demux, AIEML_SHIM_DEMUX_CONFIG_SOUTH3, 1);
  CHECK_EQ(write_at(array, column, 0, AIEML_SHIM_MUX_CONFIG, mux), AIE_OK);
  CHECK_EQ(write_at(array, column, 0, AIEML_SHIM_DEMUX_CONFIG, demux), AIE_OK);
}

uint32_t core_status(struct aie_array *array, uint32_t column, uint32_t row, uint32_t bit) {
  return read_at(array, column, row, AIEML_CORE_CORE_STATUS) >> bit & 1;
}

void connect_loop(struct aie_array *array, uint32_t column, uint32_t row) {
  connect(array, column, row, AIEML_PORT_DMA, 0, AIEML_PORT_DMA, 0);
}

static uint32_t less_one(uint32_t value) { return value ? value - 1 : 0; }

#define SET_COMMON(KIND)                                                                           \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_BUFFER_LENGTH, bd->length);                                \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_D0_WRAP, bd->wrap[0]);                                     \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_D1_WRAP, bd->wrap[1]);                                     \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_D0_STEPSIZE, less_one(bd->step[0]));                       \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_D1_STEPSIZE, less_one(bd->step[1]));                       \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_D2_STEPSIZE, less_one(bd->step[2]));                       \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_ITERATION_WRAP, less_one(bd->iteration_wrap));             \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_ITERATION_STEPSIZE, less_one(bd->iteration_step));         \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_VALID_BD, bd->invalid ? 0 : 1);                            \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_USE_NEXT_BD, bd->chain != 0);                              \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_NEXT_BD, less_one(bd->chain));                             \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_LOCK_ACQ_ENABLE, bd->acquire != 0);                        \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_LOCK_ACQ_ID, less_one(bd->acquire));                       \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_LOCK_ACQ_VALUE, bd->acquire_value);                        \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_LOCK_REL_ID, less_one(bd->release));                       \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_LOCK_REL_VALUE, bd->release_value);                        \
  AIEML_BD_SET(w, AIEML_##KIND##_DMA_BD_TLAST_SUPPRESS, bd->tlast_suppress)

static uint32_t core_words(const struct bd *bd, uint32_t *w) {
  SET_COMMON(CORE);
  AIEML_BD_SET(w, AIEML_CORE_DMA_BD_BASE_ADDRESS, bd->base);
  return AIEML_CORE_DMA_BD_WORDS;
}

static uint32_t mem_words(const struct bd *bd, uint32_t *w) {
  SET_COMMON(MEM);
  AIEML_BD_SET(w, AIEML_MEM_DMA_BD_BASE_ADDRESS, bd->base);
  AIEML_BD_SET(w, AIEML_MEM_DMA_BD_D2_WRAP, bd->wrap[2]);
  AIEML_BD_SET(w, AIEML_MEM_DMA_BD_D3_STEPSIZE, less_one(bd->step[3]));
  AIEML_BD_SET(w, AIEML_MEM_DMA_BD_D0_ZERO_BEFORE, bd->before[0]);
  AIEML_BD_SET(w, AIEML_MEM_DMA_BD_D1_ZERO_BEFORE, bd->before[1]);
  AIEML_BD_SET(w, AIEML_MEM_DMA_BD_D2_ZERO_BEFORE, bd->before[2]);
  AIEML_BD_SET(w, AIEML_MEM_DMA_BD_D0_ZERO_AFTER, bd->after[0]);
  AIEML_BD_SET(w, AIEML_MEM_DMA_BD_D1_ZERO_AFTER, bd->after[1]);
  AIEML_BD_SET(w, AIEML_MEM_DMA_BD_D2_ZERO_AFTER, bd->after[2]);
  return AIEML_MEM_DMA_BD_WORDS;
}

static uint32_t shim_words(const struct bd *bd, uint32_t *w) {
  SET_COMMON(SHIM);
  w[AIEML_SHIM_DMA_BD_BASE_ADDRESS_LOW_WORD] = (uint32_t)bd->ddr;
  AIEML_BD_SET(w, AIEML_SHIM_DMA_BD_BASE_ADDRESS_HIGH, (uint32_t)(bd->ddr >> 32));
  return AIEML_SHIM_DMA_BD_WORDS;
}

void set_bd(struct aie_array *array, uint32_t column, uint32_t row, uint32_t id, struct bd bd) {
  uint32_t words[AIEML_MAX_BD_WORDS] = {0};
  uint32_t offset = AIEML_CORE_DMA_BD;
  uint32_t count = 0;
  switch (kind_of(row)) {
  case AIEML_TILE_CORE:
    count = core_words(&bd, words);
    break;
  case AIEML_TILE_MEM:
    count = mem_words(&bd, words);
    offset = AIEML_MEM_DMA_BD;
    break;
  default:
    count = shim_words(&bd, words);
    offset = AIEML_SHIM_DMA_BD;
  }
  uint32_t address = AIEML_ADDRESS(column, row, offset + AIEML_CORE_DMA_BD_STRIDE * id);
  CHECK_EQ(aie_write_block(array, address, words, count), AIE_OK);
}

enum aie_status push(struct aie_array *array, uint32_t column, uint32_t row, uint32_t direction,
                     uint32_t channel, uint32_t bd, uint32_t times, int token) {
  static const uint32_t queues[3][2] = {
      {AIEML_CORE_DMA_S2MM_QUEUE, AIEML_CORE_DMA_MM2S_QUEUE},
      {AIEML_MEM_DMA_S2MM_QUEUE, AIEML_MEM_DMA_MM2S_QUEUE},
      {AIEML_SHIM_DMA_S2MM_QUEUE, AIEML_SHIM_DMA_MM2S_QUEUE},
  };
  uint32_t value = bd | (times - 1) << 16 | (token ? 1u << 31 : 0);
  return write_at(array, column, row, queues[kind_of(row)][direction] + 8 * channel, value);
}

uint32_t dma_status(struct aie_array *array, uint32_t column, uint32_t row, uint32_t direction,
                    uint32_t channel) {
  static const uint32_t statuses[3][2] = {
      {AIEML_CORE_DMA_S2MM_STATUS, AIEML_CORE_DMA_MM2S_STATUS},
      {AIEML_MEM_DMA_S2MM_STATUS, AIEML_MEM_DMA_MM2S_STATUS},
      {AIEML_SHIM_DMA_S2MM_STATUS, AIEML_SHIM_DMA_MM2S_STATUS},
  };
  return read_at(array, column, row, statuses[kind_of(row)][direction] + 4 * channel);
}

static uint32_t lock_offset(uint32_t row, uint32_t lock) {
  static const uint32_t first[3] = {AIEML_CORE_LOCK, AIEML_MEM_LOCK, AIEML_SHIM_LOCK};
  return first[kind_of(row)] + 16 * lock;
}

void set_lock(struct aie_array *array, uint32_t column, uint32_t row, uint32_t lock,
              uint32_t value) {
  CHECK_EQ(write_at(array, column, row, lock_offset(row, lock), value), AIE_OK);
}

uint32_t get_lock(struct aie_array *array, uint32_t column, uint32_t row, uint32_t lock) {
  return read_at(array, column, row, lock_offset(row, lock));
}

enum aie_status run_core(struct aie_array *array, uint32_t column, uint32_t row,
                         const uint32_t *words, uint32_t count) {
  CHECK_EQ(write_at(array, column, row, AIEML_CORE_CORE_CONTROL, 2), AIE_OK);
  CHECK_EQ(write_at(array, column, row, AIEML_CORE_PROGRAM_MEMORY, CORE_PROGRAM_HEADER(count + 1)),
           AIE_OK);
  uint32_t address = AIEML_ADDRESS(column, row, AIEML_CORE_PROGRAM_MEMORY + 4);
  CHECK_EQ(aie_write_block(array, address, words, count), AIE_OK);
  return write_at(array, column, row, AIEML_CORE_CORE_CONTROL, 1);
}
