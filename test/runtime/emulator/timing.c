// The virtual clock against the published figures that the constants of spec/devices come from, and
// arithmetic on them.
#include "test.h"

#include <stdlib.h>

enum { MEM = 1 };
static uint32_t ddr[65536];

// Word count -> cycles from the push to the receiver's token, between neighbouring cores, in
// `descriptors` pieces.
static uint64_t tile_to_tile(uint32_t words, uint32_t descriptors) {
  struct aie_array *a = open_array("ve2302");
  connect(a, 4, 2, AIEML_PORT_DMA, 0, AIEML_PORT_EAST, 0);
  connect(a, 5, 2, AIEML_PORT_WEST, 0, AIEML_PORT_DMA, 0);
  for (uint32_t i = 0; i < descriptors; ++i)
    set_bd(a, 4, 2, i,
           (struct bd){.length = words / descriptors, .chain = i + 1 < descriptors ? i + 2 : 0});
  set_bd(a, 5, 2, 0, (struct bd){.length = words});
  push(a, 5, 2, AIE_S2MM, 0, 0, 1, 1);
  push(a, 4, 2, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, 5, 2, AIE_S2MM, 0, 1000000), AIE_OK);
  uint64_t now = aie_now(a);
  close_array(a);
  return now;
}

// 4 + 2 switches * 4 + N; 2 more for each chained descriptor.
static void on_chip(void) {
  CHECK_EQ(tile_to_tile(512, 1), 524);
  CHECK_EQ(tile_to_tile(16, 1), 28);
  CHECK_EQ(tile_to_tile(512, 4), 530);
}

// Shim (column, 0) MM2S 0 to the memtile above it.
static void connect_read(struct aie_array *a, uint32_t column) {
  connect_shim(a, column);
  connect(a, column, 0, AIEML_PORT_SOUTH, 3, AIEML_PORT_NORTH, 0);
  connect(a, column, MEM, AIEML_PORT_SOUTH, 0, AIEML_PORT_DMA, 0);
}

static void start_read(struct aie_array *a, uint32_t column, uint32_t words) {
  set_bd(a, column, 0, 0, (struct bd){.ddr = 0x1000, .length = words});
  set_bd(a, column, MEM, 0, (struct bd){.base = 0x20000, .length = words});
  push(a, column, MEM, AIE_S2MM, 0, 0, 1, 1);
  push(a, column, 0, AIE_MM2S, 0, 0, 1, 0);
}

// 336 + N, as on a warm channel of Phoenix.
static void ddr_read(void) {
  struct aie_array *a = open_array("ve2302");
  aie_ddr_map(a, 0x1000, ddr, sizeof ddr, 1);
  connect_read(a, 2);
  start_read(a, 2, 4096);
  CHECK_EQ(aie_run_until_token(a, 2, MEM, AIE_S2MM, 0, 1000000), AIE_OK);
  CHECK_EQ(aie_now(a), 4432);
  close_array(a);
}

// Phoenix: 1330 * 0.31^i + 336 before the i-th task of a channel: 1666, 748, 463 (rounded down each
// time).
static void cold_reads(void) {
  struct aie_array *a = open_array("npu1");
  aie_ddr_map(a, 0x1000, ddr, sizeof ddr, 1);
  connect_read(a, 1);
  static const uint64_t expected[3] = {1666 + 1000, 748 + 1000, 463 + 1000};
  for (int i = 0; i < 3; ++i) {
    uint64_t start = aie_now(a);
    start_read(a, 1, 1000);
    CHECK_EQ(aie_run_until_token(a, 1, MEM, AIE_S2MM, 0, 1000000), AIE_OK);
    CHECK_EQ(aie_now(a) - start, expected[i]);
  }
  close_array(a);
}

// Phoenix: 341 for the first write of a channel, and 179 for each; before them 4 + 2 switches * 4
// + N on chip.
static void ddr_writes(void) {
  struct aie_array *a = open_array("npu1");
  aie_ddr_map(a, 0x1000, ddr, sizeof ddr, 1);
  connect_shim(a, 1);
  connect(a, 1, MEM, AIEML_PORT_DMA, 0, AIEML_PORT_SOUTH, 2);
  connect(a, 1, 0, AIEML_PORT_NORTH, 2, AIEML_PORT_SOUTH, 2);
  set_bd(a, 1, 0, 0, (struct bd){.ddr = 0x1000, .length = 256});
  set_bd(a, 1, MEM, 0, (struct bd){.base = 0x20000, .length = 256});
  for (int i = 0; i < 2; ++i) {
    uint64_t start = aie_now(a);
    push(a, 1, 0, AIE_S2MM, 0, 0, 1, 1);
    push(a, 1, MEM, AIE_MM2S, 0, 0, 1, 0);
    CHECK_EQ(aie_run_until_token(a, 1, 0, AIE_S2MM, 0, 1000000), AIE_OK);
    CHECK_EQ(aie_now(a) - start, 4 + 8 + 256 + 179 + (i == 0 ? 341 : 0));
  }
  close_array(a);
}

// 15.6 GB/s at 1250 MHz are 3.12 words a cycle (204472 / 65536). Up to three readers are not slowed
// down. Six get 34078 / 65536 of a word a cycle each: 4096 words in 7878 cycles.
static void shared_bandwidth(void) {
  static const uint32_t columns[6] = {2, 3, 6, 7, 10, 11};
  for (uint32_t readers = 3; readers <= 6; readers += 3) {
    struct aie_array *a = open_array("ve2302");
    aie_ddr_map(a, 0x1000, ddr, sizeof ddr, 1);
    for (uint32_t i = 0; i < readers; ++i) {
      connect_read(a, columns[i]);
      start_read(a, columns[i], 4096);
    }
    for (uint32_t i = 0; i < readers; ++i) {
      CHECK_EQ(aie_run_until_token(a, columns[i], MEM, AIE_S2MM, 0, 1000000), AIE_OK);
      CHECK_EQ(aie_now(a), 336 + (readers == 3 ? 4096 : 7878));
    }
    close_array(a);
  }
}

// When one of six is done, the others speed up. One of 1000 words, five of 4096: at 34078 / 65536
// the short one takes 1924 cycles; the others have 4096 * 65536 - 1924 * 34078 left at 40894 /
// 65536: 4961 cycles.
static void bandwidth_is_given_back(void) {
  static const uint32_t columns[6] = {2, 3, 6, 7, 10, 11};
  struct aie_array *a = open_array("ve2302");
  aie_ddr_map(a, 0x1000, ddr, sizeof ddr, 1);
  for (uint32_t i = 0; i < 6; ++i) {
    connect_read(a, columns[i]);
    start_read(a, columns[i], i == 0 ? 1000 : 4096);
  }
  CHECK_EQ(aie_run_until_token(a, 2, MEM, AIE_S2MM, 0, 1000000), AIE_OK);
  CHECK_EQ(aie_now(a), 336 + 1924);
  CHECK_EQ(aie_run_until_token(a, 11, MEM, AIE_S2MM, 0, 1000000), AIE_OK);
  CHECK_EQ(aie_now(a), 336 + 1924 + 4961);
  close_array(a);
}

// Each lock request takes a cycle.
static void lock_requests(void) {
  struct aie_array *a = open_array("npu1");
  const uint32_t program[] = {
      CORE_WORD0(CORE_OP_LOOP, 0u, 0u),         10,
      CORE_WORD0(CORE_OP_RELEASE, 3u, 1u),      CORE_WORD0(CORE_OP_ACQUIRE, 3u, 1u),
      CORE_WORD0(CORE_OP_ACQUIRE, 3u, 0xffffu), CORE_WORD0(CORE_OP_NEXT, 0u, 0u),
      CORE_WORD0(CORE_OP_DONE, 0u, 0u)};
  run_core(a, 0, 2, program, 7);
  CHECK_EQ(aie_run_until_idle(a, 1000), AIE_OK);
  struct aie_core_counters counters;
  aie_core_counters(a, 0, 2, &counters);
  CHECK_EQ(counters.done_at, 30);
  close_array(a);
}

// Waits stop at their bound, and time stands there.
static void bounds(void) {
  struct aie_array *a = open_array("ve2302");
  aie_ddr_map(a, 0x1000, ddr, sizeof ddr, 1);
  connect_read(a, 2);
  start_read(a, 2, 4096);
  CHECK_EQ(aie_run_until_token(a, 2, MEM, AIE_S2MM, 0, 4431), AIE_TIMEOUT);
  CHECK_EQ(aie_now(a), 4431);
  CHECK_EQ(aie_run_until_token(a, 2, MEM, AIE_S2MM, 0, 1), AIE_OK);
  CHECK_EQ(aie_now(a), 4432);
  aie_advance(a, 1000);
  CHECK_EQ(aie_now(a), 5432);
  uint32_t seen = 7;
  CHECK_EQ(aie_run_until_register(a, AIEML_ADDRESS(2, MEM, 0), 1, 1, 100, &seen), AIE_DEADLOCK);
  CHECK_EQ(seen, 0);
  close_array(a);
}

// Six shared readers of different lengths, started at different times, twice: same end, same
// cycles.
static uint64_t mixed(uint32_t *sum) {
  static const uint32_t columns[6] = {2, 3, 6, 7, 10, 11};
  struct aie_array *a = open_array("ve2302");
  aie_ddr_map(a, 0x1000, ddr, sizeof ddr, 1);
  for (uint32_t i = 0; i < 6; ++i) {
    connect_read(a, columns[i]);
    start_read(a, columns[i], 500 + 777 * i);
    aie_advance(a, 123);
  }
  CHECK_EQ(aie_run_until_idle(a, 1000000), AIE_OK);
  *sum = 0;
  for (uint32_t i = 0; i < 6; ++i)
    for (uint32_t n = 0; n < 500; n += 50)
      *sum = *sum * 31 + word(a, columns[i], MEM, n);
  uint64_t now = aie_now(a);
  close_array(a);
  return now;
}

static void deterministic(void) {
  for (uint32_t i = 0; i < 65536; ++i)
    ddr[i] = i * 2654435761u;
  uint32_t first = 0;
  uint32_t second = 0;
  CHECK_EQ(mixed(&first), mixed(&second));
  CHECK_EQ(first, second);
}

MAIN(RUN(on_chip); RUN(ddr_read); RUN(cold_reads); RUN(ddr_writes); RUN(shared_bandwidth);
     RUN(bandwidth_is_given_back); RUN(lock_requests); RUN(bounds); RUN(deterministic))
