// Locks: acquire and release by DMA, core and control processor (AM020, AM025).
#include "test.h"

enum { C = 1, R = 3, MEM = 1 };

static uint32_t request(struct aie_array *a, uint32_t lock, int acquire, int32_t value) {
  uint32_t offset = AIEML_CORE_LOCK_REQUEST + lock * 0x400 + (acquire ? 0x200u : 0) +
                    ((uint32_t)value & 0x7f) * 4;
  return read_at(a, C, R, offset);
}

// Acquire of -n: at least n, and n less afterwards. Acquire of n >= 0: exactly n, and unchanged.
static void requests(void) {
  struct aie_array *a = open_array("npu1");
  set_lock(a, C, R, 4, 3);
  CHECK_EQ(request(a, 4, 1, -4), 0);
  CHECK_EQ(get_lock(a, C, R, 4), 3);
  CHECK_EQ(request(a, 4, 1, -2), 1);
  CHECK_EQ(get_lock(a, C, R, 4), 1);
  CHECK_EQ(request(a, 4, 1, 0), 0);
  CHECK_EQ(request(a, 4, 1, 1), 1);
  CHECK_EQ(get_lock(a, C, R, 4), 1);
  CHECK_EQ(request(a, 4, 0, 5), 1);
  CHECK_EQ(get_lock(a, C, R, 4), 6);
  CHECK_EQ(request(a, 4, 0, -6), 1);
  CHECK_EQ(request(a, 4, 1, 0), 1);
  close_array(a);
}

// 6 bits, unsigned: past 63 and below 0 a sticky bit is set; writing 1 clears it.
static void limits(void) {
  struct aie_array *a = open_array("npu1");
  set_lock(a, C, R, 7, 60);
  request(a, 7, 0, 3);
  CHECK_EQ(get_lock(a, C, R, 7), 63);
  CHECK_EQ(read_at(a, C, R, AIEML_CORE_LOCKS_OVERFLOW), 0);
  request(a, 7, 0, 1);
  CHECK_EQ(read_at(a, C, R, AIEML_CORE_LOCKS_OVERFLOW), 1u << 7);
  set_lock(a, C, R, 9, 1);
  request(a, 9, 0, -2);
  CHECK_EQ(read_at(a, C, R, AIEML_CORE_LOCKS_UNDERFLOW), 1u << 9);
  write_at(a, C, R, AIEML_CORE_LOCKS_OVERFLOW, 1u << 7);
  CHECK_EQ(read_at(a, C, R, AIEML_CORE_LOCKS_OVERFLOW), 0);
  CHECK_EQ(read_at(a, C, R, AIEML_CORE_LOCKS_UNDERFLOW), 1u << 9);
  close_array(a);
}

// The memtile's locks 32 to 63 have their bits in the second register.
static void memtile_limits(void) {
  struct aie_array *a = open_array("npu1");
  set_lock(a, C, MEM, 40, 63);
  read_at(a, C, MEM, AIEML_MEM_LOCK_REQUEST + 40 * 0x400 + 1 * 4);
  CHECK_EQ(read_at(a, C, MEM, AIEML_MEM_LOCKS_OVERFLOW), 0);
  CHECK_EQ(read_at(a, C, MEM, AIEML_MEM_LOCKS_OVERFLOW + 4), 1u << 8);
  close_array(a);
}

// A DMA takes its lock before and gives another one after its words: a window of depth 2 in turns.
static void dma_locks(void) {
  struct aie_array *a = open_array("npu1");
  fill(a, C, R, 0, 16, 1);
  connect_loop(a, C, R);
  set_lock(a, C, R, 0, 2); // empty
  set_bd(
      a, C, R, 0,
      (struct bd){
          .length = 8, .acquire = 1 + 5, .acquire_value = 2, .release = 1 + 6, .release_value = 3});
  set_bd(a, C, R, 1,
         (struct bd){.base = 4096,
                     .length = 4,
                     .acquire = 1 + 0,
                     .acquire_value = -1,
                     .release = 1 + 1,
                     .release_value = 1,
                     .iteration_wrap = 2,
                     .iteration_step = 4});
  push(a, C, R, AIE_S2MM, 0, 1, 3, 1);
  push(a, C, R, AIE_MM2S, 0, 0, 2, 1);
  CHECK_EQ(aie_run_until_token(a, C, R, AIE_MM2S, 0, 1000), AIE_DEADLOCK);
  CHECK_EQ(get_lock(a, C, R, 0), 1); // the sink has one window already
  set_lock(a, C, R, 5, 2);
  CHECK_EQ(aie_run_until_token(a, C, R, AIE_MM2S, 0, 1000), AIE_DEADLOCK);
  CHECK_EQ(get_lock(a, C, R, 0), 0);
  CHECK_EQ(get_lock(a, C, R, 1), 2); // both full
  CHECK_EQ(get_lock(a, C, R, 5), 2); // acquired equal: unchanged
  CHECK_EQ(get_lock(a, C, R, 6), 3);
  request(a, 0, 0, 1);
  CHECK_EQ(aie_run_until_token(a, C, R, AIE_S2MM, 0, 1000), AIE_OK);
  for (uint32_t i = 0; i < 4; ++i) {
    CHECK_EQ(word(a, C, R, 4096 + i), 1 + i); // the source's repeat, in the first half again
    CHECK_EQ(word(a, C, R, 4100 + i), 5 + i);
  }
  close_array(a);
}

// The memtile's DMA counts locks of the western tile from 0, its own from 64, the eastern one's
// from 128.
static void memtile_windows(void) {
  struct aie_array *a = open_array("npu1");
  connect_loop(a, C, MEM);
  set_lock(a, C - 1, MEM, 5, 1);
  set_bd(a, C, MEM, 0,
         (struct bd){.base = 0x20000,
                     .length = 4,
                     .acquire = 1 + 5,
                     .acquire_value = -1,
                     .release = 1 + 128 + 6,
                     .release_value = 1});
  set_bd(a, C, MEM, 1,
         (struct bd){.base = 0x20000 + 64, .length = 4, .release = 1 + 64 + 7, .release_value = 2});
  push(a, C, MEM, AIE_S2MM, 0, 1, 1, 1);
  push(a, C, MEM, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, C, MEM, AIE_S2MM, 0, 1000), AIE_OK);
  CHECK_EQ(get_lock(a, C - 1, MEM, 5), 0);
  CHECK_EQ(get_lock(a, C + 1, MEM, 6), 1);
  CHECK_EQ(get_lock(a, C, MEM, 7), 2);
  close_array(a);
}

// Memtile (0,1) has no western neighbour; channel 4 reaches its own locks only.
static void no_such_lock(void) {
  for (uint32_t channel = 0; channel <= 4; channel += 4) {
    struct aie_array *a = open_array("npu1");
    uint32_t column = channel ? 1 : 0;
    connect(a, column, MEM, AIEML_PORT_DMA, channel, AIEML_PORT_DMA, channel);
    set_bd(a, column, MEM, 0,
           (struct bd){.base = 0x20000, .length = 4, .acquire = 1 + 5, .acquire_value = -1});
    push(a, column, MEM, AIE_MM2S, channel, 0, 1, 0);
    CHECK_EQ(aie_run_until_idle(a, 1000), AIE_FAULT);
    CHECK_ERROR(a, AIE_ERROR_LOCK, "does not exist");
    close_array(a);
  }
}

// Those that wait are served in the order of their coming, and a value that fits a later one does
// not wait for an earlier one that it does not fit.
static void order(void) {
  struct aie_array *a = open_array("npu1");
  uint32_t wait2[] = {CORE_WORD0(CORE_OP_ACQUIRE, 2u, (uint32_t)-2),
                      CORE_WORD0(CORE_OP_DONE, 0, 0)};
  set_bd(a, C, R, 0, (struct bd){.length = 1, .acquire = 1 + 2, .acquire_value = -1});
  run_core(a, C, R, wait2, 2);
  aie_advance(a, 10);
  push(a, C, R, AIE_MM2S, 0, 0, 1, 0);
  aie_advance(a, 10);
  connect_loop(a, C, R);
  request(a, 2, 0, 1);
  CHECK_EQ(get_lock(a, C, R, 2), 0); // the DMA has it
  aie_advance(a, 10);
  request(a, 2, 0, 2);
  CHECK_EQ(get_lock(a, C, R, 2), 0); // the core has it
  aie_advance(a, 10);
  CHECK_EQ(read_at(a, C, R, AIEML_CORE_CORE_STATUS) >> 20 & 1, 1);
  close_array(a);
}

MAIN(RUN(requests); RUN(limits); RUN(memtile_limits); RUN(dma_locks); RUN(memtile_windows);
     RUN(no_such_lock); RUN(order))
