// Streams: pieces, multicast, back-pressure, order.
#include "test.h"

// MM2S 0 of (1,2) to S2MM 0 of (1,2), (1,3), (1,4), (2,2).
static struct aie_array *fan(void) {
  struct aie_array *a = open_array("npu1");
  fill(a, 1, 2, 0, 256, 1);
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_DMA, 0);
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_EAST, 1);
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_NORTH, 0);
  connect(a, 2, 2, AIEML_PORT_WEST, 1, AIEML_PORT_DMA, 0);
  connect(a, 1, 3, AIEML_PORT_SOUTH, 0, AIEML_PORT_DMA, 0);
  connect(a, 1, 3, AIEML_PORT_SOUTH, 0, AIEML_PORT_NORTH, 0);
  connect(a, 1, 4, AIEML_PORT_SOUTH, 0, AIEML_PORT_DMA, 0);
  return a;
}

static const uint32_t sinks[4][2] = {{1, 2}, {1, 3}, {1, 4}, {2, 2}};

// Every sink gets every word, each in its own pattern and its own pieces.
static void multicast(void) {
  struct aie_array *a = fan();
  set_bd(a, 1, 2, 0, (struct bd){.length = 96});
  for (uint32_t i = 0; i < 4; ++i) {
    uint32_t column = sinks[i][0];
    uint32_t row = sinks[i][1];
    // 96 words as 1, 2, 3 or 4 descriptors, reversed columns of 8 for the odd ones
    set_bd(a, column, row, 8,
           (struct bd){.base = 2048,
                       .length = 96 / (i + 1),
                       .iteration_wrap = 4,
                       .iteration_step = 96 / (i + 1)});
    push(a, column, row, AIE_S2MM, 0, 8, i + 1, 1);
  }
  push(a, 1, 2, AIE_MM2S, 0, 0, 1, 0);
  for (uint32_t i = 0; i < 4; ++i) {
    CHECK_EQ(aie_run_until_token(a, sinks[i][0], sinks[i][1], AIE_S2MM, 0, 10000), AIE_OK);
    for (uint32_t n = 0; n < 96; ++n)
      CHECK_EQ(word(a, sinks[i][0], sinks[i][1], 2048 + n), 1 + n);
  }
  close_array(a);
}

// One sink whose lock is taken holds all of them back, from the first word on.
static void back_pressure(void) {
  struct aie_array *a = fan();
  set_bd(a, 1, 2, 0, (struct bd){.length = 32});
  for (uint32_t i = 0; i < 4; ++i) {
    struct bd bd = {.base = 2048, .length = 32};
    if (i == 2)
      bd.acquire = 1 + 3, bd.acquire_value = -1;
    set_bd(a, sinks[i][0], sinks[i][1], 8, bd);
    push(a, sinks[i][0], sinks[i][1], AIE_S2MM, 0, 8, 1, 1);
  }
  push(a, 1, 2, AIE_MM2S, 0, 0, 1, 1);
  CHECK_EQ(aie_run_until_token(a, 1, 2, AIE_MM2S, 0, 10000), AIE_DEADLOCK);
  for (uint32_t i = 0; i < 4; ++i)
    CHECK_EQ(word(a, sinks[i][0], sinks[i][1], 2048), 0);
  set_lock(a, 1, 4, 3, 1);
  CHECK_EQ(aie_run_until_token(a, 1, 2, AIE_MM2S, 0, 10000), AIE_OK);
  CHECK_EQ(aie_run_until_idle(a, 10000), AIE_OK);
  for (uint32_t i = 0; i < 4; ++i)
    CHECK_EQ(word(a, sinks[i][0], sinks[i][1], 2048 + 31), 32);
  close_array(a);
}

// Descriptors of the two ends need not agree: 5 + 7 words are sent as 4 + 4 + 4 are received.
static void pieces(void) {
  struct aie_array *a = fan();
  connect_loop(a, 1, 3);
  fill(a, 1, 3, 0, 64, 1);
  set_bd(a, 1, 3, 0, (struct bd){.base = 0, .length = 5, .chain = 1 + 1});
  set_bd(a, 1, 3, 1, (struct bd){.base = 20, .length = 7});
  set_bd(a, 1, 3, 2,
         (struct bd){.base = 2048, .length = 4, .iteration_wrap = 3, .iteration_step = 100});
  push(a, 1, 3, AIE_S2MM, 0, 2, 3, 1);
  push(a, 1, 3, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, 1, 3, AIE_S2MM, 0, 10000), AIE_OK);
  static const uint32_t expected[12] = {1, 2, 3, 4, 5, 21, 22, 23, 24, 25, 26, 27};
  for (uint32_t i = 0; i < 12; ++i)
    CHECK_EQ(word(a, 1, 3, 2048 + 100 * (i / 4) + i % 4), expected[i]);
  close_array(a);
}

// A source without a receiver waits, and goes on when the receiver comes; what is sent is what lies
// there then.
static void late_receiver(void) {
  struct aie_array *a = fan();
  connect_loop(a, 2, 3);
  set_bd(a, 2, 3, 0, (struct bd){.length = 4});
  set_bd(a, 2, 3, 1, (struct bd){.base = 64, .length = 4});
  push(a, 2, 3, AIE_MM2S, 0, 0, 1, 1);
  aie_advance(a, 5000);
  fill(a, 2, 3, 0, 4, 9);
  push(a, 2, 3, AIE_S2MM, 0, 1, 1, 1);
  CHECK_EQ(aie_run_until_token(a, 2, 3, AIE_S2MM, 0, 10000), AIE_OK);
  CHECK_EQ(word(a, 2, 3, 64), 9);
  struct aie_channel_counters counters;
  aie_channel_counters(a, 2, 3, AIE_MM2S, 0, &counters);
  CHECK_EQ(counters.words, 4);
  CHECK(counters.stream_stall_cycles > 4900);
  close_array(a);
}

// Counters that are reset in the middle of a wait get the rest of it: on the stream, and for a
// lock.
static void counters_from_a_reset_on(void) {
  struct aie_array *a = fan();
  struct aie_channel_counters counters;
  connect_loop(a, 2, 3);
  set_bd(a, 2, 3, 0, (struct bd){.length = 4});
  set_bd(a, 2, 3, 1, (struct bd){.base = 64, .length = 4, .acquire = 1, .acquire_value = -1});
  push(a, 2, 3, AIE_MM2S, 0, 0, 1, 1);
  push(a, 2, 3, AIE_S2MM, 0, 1, 1, 1);
  aie_advance(a, 5000);
  aie_reset_counters(a);
  aie_advance(a, 100);
  set_lock(a, 2, 3, 0, 1);
  CHECK_EQ(aie_run_until_token(a, 2, 3, AIE_S2MM, 0, 10000), AIE_OK);
  CHECK_EQ(word(a, 2, 3, 64 + 3), word(a, 2, 3, 3));
  aie_channel_counters(a, 2, 3, AIE_S2MM, 0, &counters);
  CHECK_EQ(counters.lock_stall_cycles, 100);
  aie_channel_counters(a, 2, 3, AIE_MM2S, 0, &counters);
  CHECK(counters.stream_stall_cycles <= 100);
  CHECK_EQ(counters.words, 4);
  close_array(a);
}

// A stream through memory: DMA writes, a second DMA of the tile sends on, in lock step by locks.
static void relay(void) {
  struct aie_array *a = open_array("npu1");
  fill(a, 1, 2, 0, 1024, 77);
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_NORTH, 1);
  connect(a, 1, 3, AIEML_PORT_SOUTH, 1, AIEML_PORT_DMA, 1);
  connect(a, 1, 3, AIEML_PORT_DMA, 0, AIEML_PORT_NORTH, 2);
  connect(a, 1, 4, AIEML_PORT_SOUTH, 2, AIEML_PORT_DMA, 0);
  set_lock(a, 1, 3, 0, 1);
  set_bd(a, 1, 2, 0, (struct bd){.length = 64, .iteration_wrap = 16, .iteration_step = 64});
  set_bd(a, 1, 3, 0,
         (struct bd){.length = 64,
                     .acquire = 1 + 0,
                     .acquire_value = -1,
                     .release = 1 + 1,
                     .release_value = 1});
  set_bd(a, 1, 3, 1,
         (struct bd){.length = 64,
                     .acquire = 1 + 1,
                     .acquire_value = -1,
                     .release = 1 + 0,
                     .release_value = 1});
  set_bd(a, 1, 4, 0, (struct bd){.base = 4096, .length = 1024});
  push(a, 1, 4, AIE_S2MM, 0, 0, 1, 1);
  push(a, 1, 3, AIE_MM2S, 0, 1, 16, 0);
  push(a, 1, 3, AIE_S2MM, 1, 0, 16, 0);
  push(a, 1, 2, AIE_MM2S, 0, 0, 16, 0);
  CHECK_EQ(aie_run_until_token(a, 1, 4, AIE_S2MM, 0, 100000), AIE_OK);
  for (uint32_t i = 0; i < 1024; ++i)
    CHECK_EQ(word(a, 1, 4, 4096 + i), 77 + i);
  CHECK_EQ(get_lock(a, 1, 3, 0), 1);
  close_array(a);
}

MAIN(RUN(multicast); RUN(back_pressure); RUN(pieces); RUN(late_receiver);
     RUN(counters_from_a_reset_on); RUN(relay))
