// Register accesses: what is refused, with which words, and that a refusal changes nothing.
#include "test.h"

#include <stdlib.h>

static void expect_refused(struct aie_array *a, enum aie_status status, enum aie_error_code code,
                           const char *part) {
  CHECK_EQ(status, AIE_BAD_ACCESS);
  CHECK_ERROR(a, code, part);
}

static void no_such_tile(void) {
  struct aie_array *a = open_array("npu1");
  uint32_t value = 0;
  expect_refused(a, aie_write32(a, AIEML_ADDRESS(5, 0, 0), 0), AIE_ERROR_NO_TILE,
                 "there is no tile (5,0) on npu1");
  expect_refused(a, aie_read32(a, AIEML_ADDRESS(0, 6, 0), &value), AIE_ERROR_NO_TILE,
                 "there is no tile (0,6)");
  close_array(a);
}

static void no_such_register(void) {
  struct aie_array *a = open_array("npu1");
  uint32_t value = 0;
  expect_refused(a, write_at(a, 1, 2, 0x30000, 0), AIE_ERROR_NO_REGISTER,
                 "core (1,2): offset 0x30000 is no register");
  CHECK_EQ(aie_error(a)->column, 1);
  CHECK_EQ(aie_error(a)->row, 2);
  CHECK_EQ(aie_error(a)->offset, 0x30000);
  // Between two words of BDs, past the last BD, an unaligned address, past the last lock.
  expect_refused(a, write_at(a, 1, 2, AIEML_CORE_DMA_BD + 24, 0), AIE_ERROR_NO_REGISTER, "0x1d018");
  expect_refused(a, write_at(a, 1, 2, AIEML_CORE_DMA_BD + 16 * 32, 0), AIE_ERROR_NO_REGISTER, "");
  expect_refused(a, write_at(a, 1, 2, 2, 0), AIE_ERROR_NO_REGISTER, "");
  expect_refused(a, write_at(a, 1, 2, AIEML_CORE_LOCK + 16 * 16, 0), AIE_ERROR_NO_REGISTER, "");
  expect_refused(a, write_at(a, 1, 0, 0, 0), AIE_ERROR_NO_REGISTER, "shim (1,0)");
  // Column 4 of the npu1 has no NoC connection, but a switch.
  expect_refused(a, aie_read32(a, AIEML_ADDRESS(4, 0, AIEML_SHIM_DMA_BD), &value),
                 AIE_ERROR_NO_REGISTER, "no NoC connection");
  CHECK_EQ(aie_read32(a, AIEML_ADDRESS(4, 0, AIEML_SHIM_SWITCH_MASTER), &value), AIE_OK);
  close_array(a);
}

static void expect_words(struct aie_array *a, uint32_t address, const uint32_t *words,
                         uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t value = 0;
    CHECK_EQ(aie_read32(a, address + 4 * i, &value), AIE_OK);
    CHECK_EQ(value, words[i]);
  }
}

// Each word of a block goes to its register, and the block ends at the first that has none.
static void blocks(void) {
  struct aie_array *a = open_array("npu1");
  uint32_t words[24], value = 0;
  for (uint32_t i = 0; i < 24; ++i)
    words[i] = 100 + i;
  // A memtile's descriptors have no words in between (AM025): 8 each.
  uint32_t mem = AIEML_ADDRESS(1, 1, AIEML_MEM_DMA_BD);
  CHECK_EQ(aie_write_block(a, mem + 8, words, 24), AIE_OK);
  expect_words(a, mem + 8, words, 24);
  // A core tile's have 6 words in 8.
  uint32_t core = AIEML_ADDRESS(1, 2, AIEML_CORE_DMA_BD);
  expect_refused(a, aie_write_block(a, core, words, 24), AIE_ERROR_NO_REGISTER, "offset 0x1d018");
  expect_words(a, core, words, 6);
  CHECK_EQ(aie_read32(a, core + 32, &value), AIE_OK);
  CHECK_EQ(value, 0);
  // The last two words of program memory, 16 KB from 0x20000 on.
  uint32_t program = AIEML_ADDRESS(1, 2, AIEML_CORE_PROGRAM_MEMORY) + 16384 - 8;
  expect_refused(a, aie_write_block(a, program, words, 3), AIE_ERROR_NO_REGISTER, "0x24000");
  expect_words(a, program, words, 2);
  // Locks are 16 bytes apart; the second word of this block is none.
  uint32_t lock = AIEML_ADDRESS(1, 2, AIEML_CORE_LOCK);
  expect_refused(a, aie_write_block(a, lock, words, 2), AIE_ERROR_NO_REGISTER, "0x1f004");
  close_array(a);
}

static void direction(void) {
  struct aie_array *a = open_array("npu1");
  uint32_t value = 0;
  expect_refused(a, write_at(a, 1, 2, AIEML_CORE_CORE_STATUS, 0), AIE_ERROR_READ_ONLY,
                 "CORE_STATUS 0) can only be read");
  expect_refused(a, aie_read32(a, AIEML_ADDRESS(1, 1, AIEML_MEM_DMA_MM2S_QUEUE + 16), &value),
                 AIE_ERROR_WRITE_ONLY, "DMA_MM2S_QUEUE 2) can only be written");
  close_array(a);
}

static void unmodelled(void) {
  struct aie_array *a = open_array("npu1");
  expect_refused(a, write_at(a, 1, 2, AIEML_CORE_DMA_S2MM_CTRL + 8, 2u << 16), AIE_ERROR_UNMODELLED,
                 "DMA_S2MM_CTRL 1)");
  expect_refused(a, write_at(a, 1, 0, AIEML_SHIM_DMA_MM2S_CTRL, 2), AIE_ERROR_UNMODELLED, "");
  CHECK_EQ(write_at(a, 1, 1, AIEML_MEM_DMA_MM2S_CTRL, 0x500), AIE_OK); // controller id
  // A descriptor that sends packets is refused when it is loaded.
  uint32_t words[AIEML_CORE_DMA_BD_WORDS] = {0};
  AIEML_BD_SET(words, AIEML_CORE_DMA_BD_BUFFER_LENGTH, 4);
  AIEML_BD_SET(words, AIEML_CORE_DMA_BD_VALID_BD, 1);
  AIEML_BD_SET(words, AIEML_CORE_DMA_BD_ENABLE_PACKET, 1);
  aie_write_block(a, AIEML_ADDRESS(1, 2, AIEML_CORE_DMA_BD), words, AIEML_CORE_DMA_BD_WORDS);
  push(a, 1, 2, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_idle(a, 100), AIE_FAULT);
  CHECK_ERROR(a, AIE_ERROR_UNMODELLED, "MM2S 0 of core (1,2) loads BD 0, which sends packets");
  CHECK_EQ(aie_run_until_idle(a, 100), AIE_FAULT); // for good
  close_array(a);
}

static void values(void) {
  struct aie_array *a = open_array("npu1");
  CHECK_EQ(write_at(a, 1, 2, 0xfffc, 0x12345678), AIE_OK);
  CHECK_EQ(read_at(a, 1, 2, 0xfffc), 0x12345678);
  CHECK_EQ(write_at(a, 4, 1, 0x7fffc, 99), AIE_OK);
  CHECK_EQ(read_at(a, 4, 1, 0x7fffc), 99);
  CHECK_EQ(aie_mask_write32(a, AIEML_ADDRESS(1, 2, 0xfffc), 0xff00, 0xabcdef), AIE_OK);
  CHECK_EQ(read_at(a, 1, 2, 0xfffc), 0x1234cd78);
  for (uint32_t i = 0; i < 48; ++i)
    for (uint32_t w = 0; w < 8; ++w)
      CHECK_EQ(write_at(a, 2, 1, AIEML_MEM_DMA_BD + 32 * i + 4 * w, 100 * i + w), AIE_OK);
  for (uint32_t i = 0; i < 48; ++i)
    for (uint32_t w = 0; w < 8; ++w)
      CHECK_EQ(read_at(a, 2, 1, AIEML_MEM_DMA_BD + 32 * i + 4 * w), 100 * i + w);
  CHECK_EQ(write_at(a, 3, 0, AIEML_SHIM_MUX_CONFIG, 0x400), AIE_OK);
  CHECK_EQ(read_at(a, 3, 0, AIEML_SHIM_MUX_CONFIG), 0x400);
  CHECK_EQ(write_at(a, 1, 2, AIEML_CORE_PROGRAM_MEMORY + 0x3ffc, 5), AIE_OK);
  CHECK_EQ(read_at(a, 1, 2, AIEML_CORE_PROGRAM_MEMORY + 0x3ffc), 5);
  close_array(a);
}

static void arguments(void) {
  struct aie_array *a = open_array("npu1");
  static uint32_t host[16];
  expect_refused(a, aie_run_until_token(a, 1, 2, AIE_MM2S, 2, 10), AIE_ERROR_ARGUMENT,
                 "there is no DMA channel MM2S 2 at (1,2)");
  expect_refused(a, aie_run_until_token(a, 4, 0, AIE_S2MM, 0, 10), AIE_ERROR_ARGUMENT, "S2MM 0");
  CHECK_EQ(aie_ddr_map(a, 0x1000, host, sizeof host, 0), AIE_OK);
  expect_refused(a, aie_ddr_map(a, 0x103c, host, 4, 0), AIE_ERROR_ARGUMENT, "overlaps");
  expect_refused(a, aie_ddr_map(a, 0x2001, host, 4, 0), AIE_ERROR_ARGUMENT, "whole words");
  expect_refused(a, aie_ddr_map(a, 1ull << 48, host, 4, 0), AIE_ERROR_ARGUMENT, "48-bit");
  struct aie_core_counters counters;
  expect_refused(a, aie_core_counters(a, 1, 1, &counters), AIE_ERROR_ARGUMENT, "no core at (1,1)");
  close_array(a);
}

// DDR accesses outside of the mapped regions, and writes to a read-only one.
static void ddr_regions(void) {
  static uint32_t host[16];
  for (int writing = 0; writing < 2; ++writing) {
    struct aie_array *a = open_array("npu1");
    aie_ddr_map(a, 0x1000, host, sizeof host, 0);
    connect_shim(a, 1);
    connect(a, 1, 0, AIEML_PORT_SOUTH, 3, AIEML_PORT_SOUTH, 2);
    set_bd(a, 1, 0, 0, (struct bd){.ddr = writing ? 0x1000 : 0x1020, .length = 9});
    set_bd(a, 1, 0, 1, (struct bd){.ddr = 0x1000, .length = 9});
    push(a, 1, 0, AIE_S2MM, 0, 1, 1, 0);
    push(a, 1, 0, AIE_MM2S, 0, 0, 1, 0);
    CHECK_EQ(aie_run_until_idle(a, 100000), AIE_FAULT);
    CHECK_ERROR(a, AIE_ERROR_ADDRESS, writing ? "read-only" : "0x1040 is in no mapped DDR region");
    close_array(a);
  }
}

static void creation(void) {
  const struct adfc_device *device = adfc_device_find("ve2302");
  size_t bytes = aie_array_size(device);
  void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
  memset(memory, 0, bytes);
  CHECK(aie_array_create(memory, bytes - 1, device) == NULL);
  CHECK(aie_array_create((char *)memory + 4, bytes, device) == NULL);
  CHECK(aie_array_create(memory, bytes, device) == memory);
  free(memory);
}

MAIN(RUN(no_such_tile); RUN(no_such_register); RUN(blocks); RUN(direction); RUN(unmodelled);
     RUN(values); RUN(arguments); RUN(ddr_regions); RUN(creation))
