/* The RHAL over the emulator: each call reaches the array, each failure has its status, control
 * costs what the device's table says, and the trace tells it all. Numbers are those of
 * spec/devices/ve2802.toml. */
#include "adfc/rhal.h"
#include "adfc/rhal_emu.h"
#include "adfc/rhal_trace.h"
#include "check.h"

#include <stdlib.h>

#define CORE(offset) AIEML_ADDRESS(2, 3, offset)
#define SHIM(offset) AIEML_ADDRESS(2, 0, offset)

static const struct adfc_device *device;
static void *memory;
static struct rhal_emu emu;
static struct rhal_emu_phase phases[2];
static struct rhal_emu_timestamp timestamps[2];

static void start(void) {
  size_t bytes = aie_array_size(device);
  memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
  memset(memory, 0, bytes);
  emu = (struct rhal_emu){.array = aie_array_create(memory, bytes, device),
                          .device = device,
                          .phases = phases,
                          .max_phases = 2,
                          .timestamps = timestamps,
                          .max_timestamps = 2};
  emu.buffer_bound[RCB_BUFFER_ARENA] = 1;
  emu.buffer_address[RCB_BUFFER_ARENA] = 0x123456789000u;
  CHECK(emu.array != NULL);
  rhal_emu_bind(&emu);
}

static void stop(void) {
  rhal_trace_bind(NULL);
  rhal_emu_bind(NULL);
  free(memory);
}

static uint32_t read(uint32_t address) {
  uint32_t value = 0xdeadbeef;
  CHECK_EQ(aie_read32(emu.array, address, &value), AIE_OK);
  return value;
}

static void writes_reach_the_array(void) {
  static const uint32_t words[] = {21, 22, 23};
  uint32_t value = 0;
  start();
  CHECK_EQ(rhal_write32(CORE(0x20), 0x1234), RHAL_OK);
  CHECK_EQ(rhal_mask_write32(CORE(0x20), 0xff, 0x56), RHAL_OK);
  CHECK_EQ(rhal_read32(CORE(0x20), &value), RHAL_OK);
  CHECK_EQ(value, 0x1256);
  CHECK_EQ(rhal_block_write(CORE(0x40), words, 3), RHAL_OK);
  CHECK_EQ(read(CORE(0x48)), 23);
  CHECK_EQ(rhal_block_set(CORE(0x80), 7, 2), RHAL_OK);
  CHECK_EQ(read(CORE(0x80)), 7);
  CHECK_EQ(read(CORE(0x84)), 7);
  CHECK_EQ(read(CORE(0x88)), 0);
  CHECK_EQ(rhal_load_core(2 << 8 | 3, words, 3), RHAL_OK);
  CHECK_EQ(read(CORE(AIEML_CORE_PROGRAM_MEMORY + 4)), 22);
  stop();
}

static void control_takes_time(void) {
  static const uint32_t words[8] = {0};
  uint32_t value;
  const struct adfc_timing *t = &device->timing;
  start();
  rhal_write32(CORE(0), 1);
  CHECK_EQ(rhal_time(), t->control_write_cycles);
  rhal_block_write(CORE(0), words, 8);
  rhal_mask_write32(CORE(0), 1, 1);
  rhal_read32(CORE(0), &value);
  rhal_barrier();
  rhal_cache_sync(RCB_BUFFER_ARENA, RCB_DIRECTION_MM2S);
  uint64_t expected = 2 * t->control_write_cycles + 7 * t->control_block_word_cycles +
                      t->control_mask_write_cycles + t->control_read_cycles;
  CHECK_EQ(rhal_time(), expected);
  rhal_emu_finish(&emu);
  CHECK_EQ(emu.total.cycles, expected);
  CHECK_EQ(emu.total.control_cycles, expected);
  CHECK_EQ(emu.total.exposed_cycles, expected); /* the array did nothing meanwhile */
  stop();
}

/* A valid buffer descriptor whose lock is never given: the channel runs, and waits. */
static void make_channel_wait(void) {
  uint32_t bd[AIEML_SHIM_DMA_BD_WORDS] = {16};
  AIEML_BD_SET(bd, AIEML_SHIM_DMA_BD_LOCK_ACQ_ENABLE, 1);
  AIEML_BD_SET(bd, AIEML_SHIM_DMA_BD_LOCK_ACQ_VALUE, -1);
  AIEML_BD_SET(bd, AIEML_SHIM_DMA_BD_VALID_BD, 1);
  CHECK_EQ(rhal_block_write(SHIM(AIEML_SHIM_DMA_BD), bd, AIEML_SHIM_DMA_BD_WORDS), RHAL_OK);
}

static void pushes_to_shim_queues_are_dear(void) {
  start();
  make_channel_wait();
  uint64_t before = rhal_time();
  CHECK_EQ(rhal_write32(SHIM(AIEML_SHIM_DMA_S2MM_QUEUE), 0), RHAL_OK);
  CHECK_EQ(rhal_time() - before, device->timing.control_push_cold_cycles);
  before = rhal_time();
  CHECK_EQ(rhal_write32(SHIM(AIEML_SHIM_DMA_S2MM_QUEUE), 0), RHAL_OK);
  CHECK_EQ(rhal_time() - before, device->timing.control_push_busy_cycles);
  before = rhal_time();
  CHECK_EQ(rhal_write32(SHIM(AIEML_SHIM_DMA_S2MM_QUEUE + AIEML_SHIM_DMA_S2MM_QUEUE_STRIDE), 0),
           RHAL_OK);
  CHECK_EQ(rhal_time() - before, device->timing.control_push_cold_cycles); /* the other channel */
  stop();
}

static void refused_accesses_are_bad_addresses(void) {
  uint32_t value;
  start();
  CHECK_EQ(rhal_write32(CORE(0x10000), 0), RHAL_BAD_ADDRESS);
  CHECK_EQ(rhal_write32(CORE(AIEML_CORE_CORE_STATUS), 0), RHAL_BAD_ADDRESS);
  CHECK_EQ(rhal_read32(AIEML_ADDRESS(38, 0, 0), &value), RHAL_BAD_ADDRESS);
  CHECK_EQ(rhal_mask_write32(CORE(0x10000), 1, 1), RHAL_BAD_ADDRESS);
  CHECK_EQ(rhal_block_set(CORE(0xfffc), 0, 2), RHAL_BAD_ADDRESS);
  CHECK_EQ(rhal_poll(CORE(0x10000), 1, 1, 10, &value), RHAL_BAD_ADDRESS);
  CHECK_EQ(rhal_wait_task(2 << 8 | 0, 0, 2, 10), RHAL_BAD_ADDRESS);
  CHECK_EQ(rhal_load_core(2 << 8 | 1, &(uint32_t){0}, 1),
           RHAL_OK); /* a memtile has memory there: */
  CHECK_EQ(read(AIEML_ADDRESS(2, 1, AIEML_CORE_PROGRAM_MEMORY)), 0); /* the verifier's to refuse */
  stop();
}

static void buffers_have_addresses_when_bound(void) {
  uint64_t address = 0;
  start();
  CHECK_EQ(rhal_buffer_address(RCB_BUFFER_ARENA, &address), RHAL_OK);
  CHECK_EQ(address, 0x123456789000u);
  CHECK_EQ(rhal_buffer_address(RCB_BUFFER_INPUT, &address), RHAL_BAD_BUFFER);
  CHECK_EQ(rhal_buffer_address(RCB_BUFFER_COUNT, &address), RHAL_BAD_BUFFER);
  CHECK_EQ(rhal_cache_sync(RCB_BUFFER_COUNT, 0), RHAL_BAD_BUFFER);
  stop();
}

/* Nothing moves and nothing can: that is told at once, not after the wait's bound. */
static void waits_that_cannot_end_are_deadlocks(void) {
  uint32_t seen = 1;
  char text[512];
  start();
  CHECK_EQ(rhal_poll(CORE(AIEML_CORE_CORE_STATUS), 0x100000, 0x100000, 1000000, &seen),
           RHAL_DEADLOCK);
  CHECK_EQ(seen & 0x100000, 0);
  CHECK(rhal_time() < 1000);
  make_channel_wait();
  CHECK_EQ(rhal_write32(SHIM(AIEML_SHIM_DMA_S2MM_QUEUE), 1u << 31), RHAL_OK);
  CHECK_EQ(rhal_wait_task(2 << 8 | 0, RCB_DIRECTION_S2MM, 0, 1000000), RHAL_DEADLOCK);
  CHECK_EQ(aie_explain_waits(emu.array, text, sizeof text), 1);
  CHECK_CONTAINS(text, "lock");
  stop();
}

static void phases_split_the_costs(void) {
  start();
  rhal_write32(CORE(0), 1);
  rhal_phase(5);
  rhal_write32(CORE(0), 1);
  rhal_timestamp(8);
  rhal_write32(CORE(0), 1);
  rhal_phase(6);
  rhal_phase(7); /* past the table: counted only */
  rhal_write32(CORE(0), 1);
  rhal_emu_finish(&emu);
  CHECK_EQ(emu.n_phases, 3);
  CHECK(phases[0].id == 5 && phases[0].start_cycle == 100 && phases[0].cost.cycles == 200);
  CHECK(phases[1].id == 6 && phases[1].start_cycle == 300 && phases[1].cost.cycles == 0);
  CHECK(emu.n_timestamps == 1 && timestamps[0].id == 8 && timestamps[0].cycle == 200);
  CHECK_EQ(emu.total.cycles, 400);
  stop();
}

/* ---- trace */

static char lines[2048];

static void keep(void *user, const char *text) {
  (void)user;
  strcat(lines, text);
  strcat(lines, "\n");
}

static void every_call_is_a_line(void) {
  static const uint32_t words[] = {1, 2};
  uint32_t value;
  uint64_t address;
  struct rhal_trace trace = {.line = keep};
  start();
  lines[0] = 0;
  rhal_trace_bind(&trace);
  rhal_phase(3);
  rhal_write32(CORE(0x20), 17);
  rhal_read32(CORE(0x20), &value);
  rhal_mask_write32(CORE(0x20), 1, 1);
  rhal_block_write(CORE(0x40), words, 2);
  rhal_block_set(CORE(0x40), 9, 3);
  rhal_poll(CORE(0x40), 0xff, 9, 100, &value);
  rhal_wait_task(2 << 8 | 0, 1, 0, 5);
  rhal_load_core(2 << 8 | 3, words, 2);
  rhal_buffer_address(2, &address);
  rhal_cache_sync(2, 1);
  rhal_barrier();
  rhal_timestamp(4);
  /* CRC-32 of the bytes 01 00 00 00 02 00 00 00: 0x381177c (Python: zlib.crc32) */
  CHECK(strcmp(lines, "phase 3\n"
                      "write32 (2, 3) 0x20, 0x11\n"
                      "read32 (2, 3) 0x20\n"
                      "mask_write32 (2, 3) 0x20, 0x1, 0x1\n"
                      "block_write (2, 3) 0x40 words 2 crc 0x381177c\n"
                      "block_set (2, 3) 0x40, 0x9, 0x3\n"
                      "poll (2, 3) 0x40, 0xff, 0x9, 0x64\n"
                      "wait_task (2, 0) 1, 0, 5\n"
                      "load_core (2, 3) words 2 crc 0x381177c\n"
                      "buffer_address 2\n"
                      "cache_sync 2, 1\n"
                      "barrier\n"
                      "timestamp 4\n") == 0);
  CHECK_EQ(trace.calls, 13);
  stop();
}

static uint64_t digest_of(uint32_t address, uint32_t value, uint32_t block) {
  struct rhal_trace trace = {0};
  start();
  rhal_trace_bind(&trace);
  rhal_write32(address, value);
  rhal_block_write(CORE(0), &block, 1);
  stop();
  return trace.digest;
}

static void digests_tell_programs_apart(void) {
  uint64_t digest = digest_of(CORE(4), 1, 2);
  CHECK(digest == digest_of(CORE(4), 1, 2));
  CHECK(digest != digest_of(CORE(8), 1, 2));
  CHECK(digest != digest_of(CORE(4), 2, 2));
  CHECK(digest != digest_of(CORE(4), 1, 3));
}

int main(void) {
  device = adfc_device_find("ve2802");
  RUN(writes_reach_the_array);
  RUN(control_takes_time);
  RUN(pushes_to_shim_queues_are_dear);
  RUN(refused_accesses_are_bad_addresses);
  RUN(buffers_have_addresses_when_bound);
  RUN(waits_that_cannot_end_are_deadlocks);
  RUN(phases_split_the_costs);
  RUN(every_call_is_a_line);
  RUN(digests_tell_programs_apart);
  return check_report();
}
