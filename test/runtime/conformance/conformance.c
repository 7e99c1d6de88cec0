#include "conformance.h"

#include "adfc/rhal.h"
#include "adfc/spec/core_program.h"
#include "check.h"

#include <stdlib.h>

static const struct adfc_device *device;
static uint32_t column; /* one whose shim has a DMA */

#define CORE(offset) AIEML_ADDRESS(column, device->core_row_first, offset)
#define MEM(offset) AIEML_ADDRESS(column, device->mem_row_first, offset)
#define SHIM(offset) AIEML_ADDRESS(column, 0, offset)
#define CORE_TILE RCB_TILE(column, device->core_row_first)
#define SHIM_TILE RCB_TILE(column, 0)

enum { BOUND = 20000 }; /* cycles: enough for any transfer here */

static uint32_t read(uint32_t address) {
  uint32_t value = 0xdeadbeef;
  CHECK_EQ(rhal_read32(address, &value), RHAL_OK);
  return value;
}

/* A wait that fails says so in one of two ways: only a backend that sees the whole array knows a
 * deadlock. */
static int gave_up(int status) { return status == RHAL_TIMEOUT || status == RHAL_DEADLOCK; }

/* ---- registers and memory */

static void a_word_is_written_and_read(void) {
  CHECK_EQ(rhal_write32(CORE(0x20), 0x12345678), RHAL_OK);
  CHECK_EQ(rhal_write32(MEM(0x20), 0x9abcdef0), RHAL_OK);
  CHECK_EQ(read(CORE(0x20)), 0x12345678);
  CHECK_EQ(read(MEM(0x20)), 0x9abcdef0);
  CHECK_EQ(read(CORE(0x1c)), 0);
  CHECK_EQ(read(CORE(0x24)), 0);
}

static void a_masked_write_keeps_the_other_bits(void) {
  CHECK_EQ(rhal_write32(CORE(0x20), 0xffff0000), RHAL_OK);
  CHECK_EQ(rhal_mask_write32(CORE(0x20), 0x00ffff00, 0x00123400), RHAL_OK);
  CHECK_EQ(read(CORE(0x20)), 0xff123400);
}

static void blocks_fill_their_words_and_no_others(void) {
  static const uint32_t words[] = {21, 22, 23};
  CHECK_EQ(rhal_block_write(CORE(0x40), words, 3), RHAL_OK);
  CHECK_EQ(rhal_block_set(CORE(0x80), 7, 2), RHAL_OK);
  static const uint32_t expected[][2] = {{0x3c, 0}, {0x40, 21}, {0x44, 22}, {0x48, 23}, {0x4c, 0},
                                         {0x7c, 0}, {0x80, 7},  {0x84, 7},  {0x88, 0}};
  for (unsigned i = 0; i < sizeof expected / sizeof *expected; ++i)
    CHECK_EQ(read(CORE(expected[i][0])), expected[i][1]);
}

static void registers_keep_their_fields(void) {
  CHECK_EQ(rhal_write32(CORE(AIEML_CORE_LOCK), 5), RHAL_OK);
  CHECK_EQ(read(CORE(AIEML_CORE_LOCK)), 5);
  uint32_t bd[AIEML_CORE_DMA_BD_WORDS] = {0x01000010, 2, 3};
  CHECK_EQ(rhal_block_write(CORE(AIEML_CORE_DMA_BD), bd, AIEML_CORE_DMA_BD_WORDS), RHAL_OK);
  CHECK_EQ(read(CORE(AIEML_CORE_DMA_BD)), bd[0]);
  CHECK_EQ(rhal_mask_write32(SHIM(AIEML_SHIM_DMA_BD + 8), 0xffff, 0x1234), RHAL_OK);
  CHECK_EQ(read(SHIM(AIEML_SHIM_DMA_BD + 8)) & 0xffff, 0x1234);
}

static void what_is_not_there_is_refused(void) {
  uint32_t value;
  uint32_t outside[] = {AIEML_ADDRESS(device->columns, 0, 0),
                        AIEML_ADDRESS(column, device->rows, 0), CORE(0x10000)};
  unsigned count = conformance_traits.finds_registers ? 3 : 2;
  for (unsigned i = 0; i < count; ++i) {
    CHECK_EQ(rhal_write32(outside[i], 1), RHAL_BAD_ADDRESS);
    CHECK_EQ(rhal_read32(outside[i], &value), RHAL_BAD_ADDRESS);
    CHECK_EQ(rhal_mask_write32(outside[i], 1, 1), RHAL_BAD_ADDRESS);
    CHECK_EQ(rhal_block_set(outside[i], 1, 1), RHAL_BAD_ADDRESS);
    CHECK_EQ(rhal_block_write(outside[i], &(uint32_t){1}, 1), RHAL_BAD_ADDRESS);
    CHECK_EQ(rhal_poll(outside[i], 1, 1, 10, &value), RHAL_BAD_ADDRESS);
  }
  CHECK_EQ(rhal_wait_task(SHIM_TILE, RCB_DIRECTION_S2MM, 2, 10), RHAL_BAD_ADDRESS);
  CHECK_EQ(rhal_wait_task(RCB_TILE(device->columns, 0), RCB_DIRECTION_S2MM, 0, 10),
           RHAL_BAD_ADDRESS);
}

/* ---- buffers */

static void buffers_have_addresses_when_bound(void) {
  uint64_t address = 1, other = 1;
  CHECK_EQ(rhal_buffer_address(RCB_BUFFER_INPUT, &address), RHAL_OK);
  CHECK_EQ(rhal_buffer_address(RCB_BUFFER_OUTPUT, &other), RHAL_OK);
  CHECK(address % 4 == 0 && other % 4 == 0);
  CHECK(address >= other + CONFORMANCE_BUFFER_BYTES || other >= address + CONFORMANCE_BUFFER_BYTES);
  CHECK_EQ(rhal_buffer_address(RCB_BUFFER_WEIGHTS, &address), RHAL_BAD_BUFFER);
  CHECK_EQ(rhal_buffer_address(RCB_BUFFER_COUNT, &address), RHAL_BAD_BUFFER);
  CHECK_EQ(rhal_cache_sync(RCB_BUFFER_INPUT, RCB_DIRECTION_MM2S), RHAL_OK);
  CHECK_EQ(rhal_cache_sync(RCB_BUFFER_OUTPUT, RCB_DIRECTION_S2MM), RHAL_OK);
  CHECK_EQ(rhal_cache_sync(RCB_BUFFER_COUNT, RCB_DIRECTION_S2MM), RHAL_BAD_BUFFER);
}

/* ---- waits */

static void a_poll_sees_what_is_there(void) {
  uint32_t seen = 0;
  CHECK_EQ(rhal_write32(CORE(0x20), 0x1250), RHAL_OK);
  uint64_t before = rhal_time();
  CHECK_EQ(rhal_poll(CORE(0x20), 0xf0, 0x50, BOUND, &seen), RHAL_OK);
  CHECK_EQ(seen, 0x1250);
  CHECK(rhal_time() - before < BOUND);
}

static void waits_end_at_their_bound(void) {
  static const uint32_t bounds[] = {1, 100, BOUND};
  uint32_t seen = 0;
  CHECK_EQ(rhal_write32(CORE(0x20), 0x1250), RHAL_OK);
  for (unsigned i = 0; i < sizeof bounds / sizeof *bounds; ++i) {
    uint64_t before = rhal_time();
    CHECK(gave_up(rhal_poll(CORE(0x20), 0xf0, 0x60, bounds[i], &seen)));
    CHECK_EQ(seen, 0x1250);
    CHECK(gave_up(rhal_wait_task(SHIM_TILE, RCB_DIRECTION_S2MM, 0, bounds[i])));
    /* Two waits, and what looking at registers takes. */
    CHECK(rhal_time() - before <= 2 * (uint64_t)bounds[i] + 1000);
  }
  CHECK_EQ(read(CORE(0x20)), 0x1250);
}

static void time_never_goes_back(void) {
  uint64_t last = rhal_time(), start = last;
  uint32_t seen;
  for (int i = 0; i < 20; ++i) {
    rhal_write32(CORE(0x20), (uint32_t)i);
    if (i % 5 == 0)
      rhal_poll(CORE(0x20), 0xffff, 0xffff, 50, &seen);
    uint64_t now = rhal_time();
    CHECK(now >= last);
    last = now;
  }
  CHECK(last > start);
}

/* ---- transfers: input -> memtile -> output */

static void connect(uint32_t row, enum aieml_port slave, uint32_t slave_number,
                    enum aieml_port master, uint32_t master_number) {
  int mem = row != 0;
  const struct aieml_port_range *from =
      &aieml_slave_ports[mem ? AIEML_TILE_MEM : AIEML_TILE_SHIM][slave];
  const struct aieml_port_range *to =
      &aieml_master_ports[mem ? AIEML_TILE_MEM : AIEML_TILE_SHIM][master];
  uint32_t slaves = mem ? AIEML_MEM_SWITCH_SLAVE : AIEML_SHIM_SWITCH_SLAVE;
  uint32_t masters = mem ? AIEML_MEM_SWITCH_MASTER : AIEML_SHIM_SWITCH_MASTER;
  uint32_t source = from->first + slave_number, target = to->first + master_number;
  CHECK_EQ(rhal_write32(AIEML_ADDRESS(column, row, slaves + 4 * source), 1u << 31), RHAL_OK);
  CHECK_EQ(rhal_write32(AIEML_ADDRESS(column, row, masters + 4 * target), 1u << 31 | source),
           RHAL_OK);
}

/* Shim MM2S 0 enters the switch at South 3, S2MM 0 leaves it at South 2 (aie-rt xaie_plif.c). */
static void connect_all(void) {
  uint32_t mux = AIEML_FIELD_SET(0u, AIEML_SHIM_MUX_CONFIG_SOUTH3, AIEML_MUX_DMA);
  uint32_t demux = AIEML_FIELD_SET(0u, AIEML_SHIM_DEMUX_CONFIG_SOUTH2, AIEML_MUX_DMA);
  CHECK_EQ(rhal_write32(SHIM(AIEML_SHIM_MUX_CONFIG), mux), RHAL_OK);
  CHECK_EQ(rhal_write32(SHIM(AIEML_SHIM_DEMUX_CONFIG), demux), RHAL_OK);
  connect(0, AIEML_PORT_SOUTH, 3, AIEML_PORT_NORTH, 0);
  connect(0, AIEML_PORT_NORTH, 0, AIEML_PORT_SOUTH, 2);
  connect(device->mem_row_first, AIEML_PORT_SOUTH, 0, AIEML_PORT_DMA, 0);
  connect(device->mem_row_first, AIEML_PORT_DMA, 0, AIEML_PORT_SOUTH, 0);
}

/* A memtile's own locks and memory follow those of its western neighbour (AM020). */
static void set_mem_bd(uint32_t id, uint32_t words, int sends) {
  uint32_t w[AIEML_MEM_DMA_BD_WORDS] = {0};
  AIEML_BD_SET(w, AIEML_MEM_DMA_BD_BUFFER_LENGTH, words);
  AIEML_BD_SET(w, AIEML_MEM_DMA_BD_BASE_ADDRESS, AIEML_MEMTILE_DATA_WINDOW / 4);
  AIEML_BD_SET(w, AIEML_MEM_DMA_BD_VALID_BD, 1);
  if (sends) {
    AIEML_BD_SET(w, AIEML_MEM_DMA_BD_LOCK_ACQ_ENABLE, 1);
    AIEML_BD_SET(w, AIEML_MEM_DMA_BD_LOCK_ACQ_ID, AIEML_MEMTILE_LOCK_WINDOW);
    AIEML_BD_SET(w, AIEML_MEM_DMA_BD_LOCK_ACQ_VALUE, -1);
  } else {
    AIEML_BD_SET(w, AIEML_MEM_DMA_BD_LOCK_REL_ID, AIEML_MEMTILE_LOCK_WINDOW);
    AIEML_BD_SET(w, AIEML_MEM_DMA_BD_LOCK_REL_VALUE, 1);
  }
  CHECK_EQ(rhal_block_write(MEM(AIEML_MEM_DMA_BD + id * AIEML_MEM_DMA_BD_STRIDE), w,
                            AIEML_MEM_DMA_BD_WORDS),
           RHAL_OK);
}

static void set_shim_bd(uint32_t id, uint32_t words, uint32_t buffer) {
  uint32_t w[AIEML_SHIM_DMA_BD_WORDS] = {words};
  uint64_t address = 0;
  CHECK_EQ(rhal_buffer_address(buffer, &address), RHAL_OK);
  w[AIEML_SHIM_DMA_BD_BASE_ADDRESS_LOW_WORD] = (uint32_t)address;
  AIEML_BD_SET(w, AIEML_SHIM_DMA_BD_BASE_ADDRESS_HIGH, (uint32_t)(address >> 32));
  AIEML_BD_SET(w, AIEML_SHIM_DMA_BD_VALID_BD, 1);
  CHECK_EQ(rhal_block_write(SHIM(AIEML_SHIM_DMA_BD + id * AIEML_SHIM_DMA_BD_STRIDE), w,
                            AIEML_SHIM_DMA_BD_WORDS),
           RHAL_OK);
}

enum { TOKEN = 1 << 31 };

static void push(uint32_t queue, uint32_t bd, uint32_t token) {
  CHECK_EQ(rhal_write32(queue, bd | token), RHAL_OK);
}

static void prepare_copy(uint32_t words) {
  for (uint32_t i = 0; i < 4 * words; ++i)
    conformance_buffer(RCB_BUFFER_INPUT)[i] = (uint8_t)(i * 7 + 1);
  CHECK_EQ(rhal_cache_sync(RCB_BUFFER_INPUT, RCB_DIRECTION_MM2S), RHAL_OK);
  connect_all();
  set_mem_bd(0, words, 0);
  set_mem_bd(1, words, 1);
  set_shim_bd(0, words, RCB_BUFFER_INPUT);
  set_shim_bd(1, words, RCB_BUFFER_OUTPUT);
  CHECK_EQ(rhal_barrier(), RHAL_OK);
}

static void check_copy(uint32_t words) {
  CHECK_EQ(rhal_cache_sync(RCB_BUFFER_OUTPUT, RCB_DIRECTION_S2MM), RHAL_OK);
  for (uint32_t i = 0; i < 4 * words; ++i)
    CHECK_EQ(conformance_buffer(RCB_BUFFER_OUTPUT)[i], (uint8_t)(i * 7 + 1));
  CHECK_EQ(conformance_buffer(RCB_BUFFER_OUTPUT)[4 * words], 0);
}

static void data_comes_through_and_one_token_comes_once(void) {
  enum { WORDS = 64 };
  prepare_copy(WORDS);
  push(MEM(AIEML_MEM_DMA_S2MM_QUEUE), 0, 0);
  push(MEM(AIEML_MEM_DMA_MM2S_QUEUE), 1, 0);
  push(SHIM(AIEML_SHIM_DMA_S2MM_QUEUE), 1, (uint32_t)TOKEN);
  CHECK(gave_up(rhal_wait_task(SHIM_TILE, RCB_DIRECTION_S2MM, 0, 10)));
  push(SHIM(AIEML_SHIM_DMA_MM2S_QUEUE), 0, 0);
  CHECK_EQ(rhal_wait_task(SHIM_TILE, RCB_DIRECTION_S2MM, 0, BOUND), RHAL_OK);
  check_copy(WORDS);
  CHECK(gave_up(rhal_wait_task(SHIM_TILE, RCB_DIRECTION_S2MM, 0, 100)));
  CHECK(gave_up(rhal_wait_task(SHIM_TILE, RCB_DIRECTION_MM2S, 0, 100))); /* it sends none */
}

static void tokens_wait_to_be_taken(void) {
  enum { WORDS = 16, TIMES = 3 };
  prepare_copy(WORDS);
  for (int i = 0; i < TIMES; ++i) {
    push(MEM(AIEML_MEM_DMA_S2MM_QUEUE), 0, 0);
    push(MEM(AIEML_MEM_DMA_MM2S_QUEUE), 1, 0);
    /* Of the three tasks, the second sends no token. */
    push(SHIM(AIEML_SHIM_DMA_S2MM_QUEUE), 1, i == 1 ? 0 : (uint32_t)TOKEN);
    push(SHIM(AIEML_SHIM_DMA_MM2S_QUEUE), 0, 0);
  }
  CHECK_EQ(rhal_wait_task(SHIM_TILE, RCB_DIRECTION_S2MM, 0, BOUND), RHAL_OK);
  CHECK_EQ(rhal_wait_task(SHIM_TILE, RCB_DIRECTION_S2MM, 0, BOUND), RHAL_OK);
  check_copy(WORDS);
  CHECK(gave_up(rhal_wait_task(SHIM_TILE, RCB_DIRECTION_S2MM, 0, 1000)));
}

/* ---- cores */

static void a_loaded_core_runs_to_its_end(void) {
  static const uint32_t program[] = {CORE_PROGRAM_HEADER(3u), CORE_WORD0(CORE_OP_RELEASE, 2u, 1u),
                                     CORE_OP_DONE};
  uint32_t seen = 0, done = AIEML_FIELD_SET(0u, AIEML_CORE_CORE_STATUS_CORE_DONE, 1);
  if (!conformance_traits.runs_programs)
    return;
  CHECK_EQ(rhal_load_core(CORE_TILE, program, 3), RHAL_OK);
  CHECK_EQ(rhal_mask_write32(CORE(AIEML_CORE_CORE_CONTROL), 1, 1), RHAL_OK);
  CHECK_EQ(rhal_poll(CORE(AIEML_CORE_CORE_STATUS), done, done, BOUND, &seen), RHAL_OK);
  CHECK(seen & done);
  CHECK_EQ(read(CORE(AIEML_CORE_LOCK + 2 * AIEML_CORE_LOCK_STRIDE)), 1);
}

/* ---- notes */

static void notes_change_nothing(void) {
  CHECK_EQ(rhal_write32(CORE(0x20), 77), RHAL_OK);
  rhal_phase(5);
  rhal_timestamp(6);
  rhal_log(2, "a line");
  CHECK_EQ(read(CORE(0x20)), 77);
}

static void (*const checks[])(void) = {
    a_word_is_written_and_read,
    a_masked_write_keeps_the_other_bits,
    blocks_fill_their_words_and_no_others,
    registers_keep_their_fields,
    what_is_not_there_is_refused,
    buffers_have_addresses_when_bound,
    a_poll_sees_what_is_there,
    waits_end_at_their_bound,
    time_never_goes_back,
    data_comes_through_and_one_token_comes_once,
    tokens_wait_to_be_taken,
    a_loaded_core_runs_to_its_end,
    notes_change_nothing,
};

int main(void) {
  for (unsigned i = 0; i < sizeof checks / sizeof *checks; ++i) {
    device = conformance_start();
    for (column = 0; !adfc_device_has_noc(device, column);)
      ++column;
    RUN(checks[i]);
    conformance_stop();
  }
  printf("%s: %u checks\n", conformance_traits.name, (unsigned)(sizeof checks / sizeof *checks));
  return check_report();
}
