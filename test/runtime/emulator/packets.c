// Channels that finish on TLAST (AM025: FOT_MODE 1 of DMA_S2MM_CTRL): packets shorter than the
// descriptors that take them.
#include "test.h"

enum { TO = 2048 }; // word where what arrives is put

static enum aie_status finish_on_tlast(struct aie_array *a, uint32_t column, uint32_t row,
                                       uint32_t value) {
  return write_at(a, column, row, AIEML_CORE_DMA_S2MM_CTRL, value);
}

// Data memory of core (1,3) leads to itself; packets of 5 and 7 words wait in BD 0 and 1.
static struct aie_array *two_packets(void) {
  struct aie_array *a = open_array("npu1");
  connect_loop(a, 1, 3);
  fill(a, 1, 3, 0, 64, 1);
  set_bd(a, 1, 3, 0, (struct bd){.base = 0, .length = 5, .chain = 1 + 1});
  set_bd(a, 1, 3, 1, (struct bd){.base = 20, .length = 7});
  return a;
}

static const struct bd wide = {.base = TO,
                               .length = 16,
                               .iteration_wrap = 8,
                               .iteration_step = 100,
                               .release = 1 + 2,
                               .release_value = 1};

// Each packet ends its run of the descriptor: lock, iteration and task go on as at its full length.
static void short_packets(void) {
  struct aie_array *a = two_packets();
  set_bd(a, 1, 3, 2, wide);
  CHECK_EQ(finish_on_tlast(a, 1, 3, 1u << 16), AIE_OK);
  CHECK_EQ(read_at(a, 1, 3, AIEML_CORE_DMA_S2MM_CTRL), 1u << 16);
  push(a, 1, 3, AIE_S2MM, 0, 2, 2, 1);
  push(a, 1, 3, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, 1, 3, AIE_S2MM, 0, 10000), AIE_OK);
  CHECK_EQ(get_lock(a, 1, 3, 2), 2);
  for (uint32_t i = 0; i < 16; ++i) {
    CHECK_EQ(word(a, 1, 3, TO + i), i < 5 ? 1 + i : 0);
    CHECK_EQ(word(a, 1, 3, TO + 100 + i), i < 7 ? 21 + i : 0);
  }
  struct aie_channel_counters counters;
  aie_channel_counters(a, 1, 3, AIE_S2MM, 0, &counters);
  CHECK_EQ(counters.words, 12);
  CHECK_EQ(counters.bds, 2);
  close_array(a);
}

// The same without it: 12 of 16 words, and the descriptor waits for the rest.
static void without(void) {
  struct aie_array *a = two_packets();
  set_bd(a, 1, 3, 2, wide);
  push(a, 1, 3, AIE_S2MM, 0, 2, 1, 1);
  push(a, 1, 3, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, 1, 3, AIE_S2MM, 0, 10000), AIE_DEADLOCK);
  CHECK_EQ(get_lock(a, 1, 3, 2), 0);
  CHECK_EQ(word(a, 1, 3, TO + 11), 27);
  close_array(a);
}

// TLAST_SUPPRESS makes one packet of two descriptors.
static void suppressed(void) {
  struct aie_array *a = two_packets();
  set_bd(a, 1, 3, 0, (struct bd){.length = 5, .chain = 1 + 1, .tlast_suppress = 1});
  set_bd(a, 1, 3, 2, wide);
  CHECK_EQ(finish_on_tlast(a, 1, 3, 1u << 16), AIE_OK);
  push(a, 1, 3, AIE_S2MM, 0, 2, 1, 1);
  push(a, 1, 3, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, 1, 3, AIE_S2MM, 0, 10000), AIE_OK);
  CHECK_EQ(word(a, 1, 3, TO + 4), 5);
  CHECK_EQ(word(a, 1, 3, TO + 5), 21);
  CHECK_EQ(word(a, 1, 3, TO + 11), 27);
  CHECK_EQ(get_lock(a, 1, 3, 2), 1);
  close_array(a);
}

// A packet of just the length ends well; a longer one is a fault that names the channel.
static void too_long(void) {
  struct aie_array *a = two_packets();
  set_bd(a, 1, 3, 2, (struct bd){.base = TO, .length = 5});
  CHECK_EQ(finish_on_tlast(a, 1, 3, 1u << 16), AIE_OK);
  push(a, 1, 3, AIE_S2MM, 0, 2, 2, 1);
  push(a, 1, 3, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, 1, 3, AIE_S2MM, 0, 10000), AIE_FAULT);
  CHECK_ERROR(a, AIE_ERROR_FOT_LENGTH,
              "S2MM 0 of core (1,3): BD 2 is full before TLAST ends the packet");
  struct aie_channel_counters counters;
  aie_channel_counters(a, 1, 3, AIE_S2MM, 0, &counters);
  CHECK_EQ(counters.bds, 1);
  close_array(a);
}

// A word that is lost makes a packet shorter than its descriptors, one or two, say: a fault that
// names both ends, whether the receiver finishes on TLAST (and would be content) or does not.
static void lost(uint32_t mode, int suppress, const char *said) {
  struct aie_array *a = two_packets();
  struct aie_injection loss = {.kind = AIE_INJECT_LOST_WORD, .column = 1, .row = 3, .index = 0};
  set_bd(a, 1, 3, 0, (struct bd){.length = 5, .chain = 1 + 1, .tlast_suppress = suppress});
  set_bd(a, 1, 3, 2, wide);
  CHECK_EQ(finish_on_tlast(a, 1, 3, mode << 16), AIE_OK);
  CHECK_EQ(aie_inject(a, &loss), AIE_OK);
  push(a, 1, 3, AIE_S2MM, 0, 2, 1, 1);
  push(a, 1, 3, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, 1, 3, AIE_S2MM, 0, 10000), AIE_FAULT);
  CHECK_ERROR(a, AIE_ERROR_LOST_WORDS, said);
  CHECK_EQ(aie_error(a)->column, 1);
  CHECK_EQ(aie_error(a)->row, 3);
  close_array(a);
}

static void lost_words(void) {
  lost(1, 0,
       "S2MM 0 of core (1,3): a packet ends after 4 words, of the 5 that MM2S 0 of core (1,3) "
       "was to send");
  lost(0, 0, "a packet ends after 4 words, of the 5");
  lost(1, 1, "a packet ends after 11 words, of the 12");
}

// One stream to four channels: two that finish on TLAST with room to spare, one of the exact length
// that does, one that does not.
static void multicast(void) {
  static const uint32_t sinks[4][2] = {{1, 2}, {1, 3}, {1, 4}, {2, 2}};
  struct aie_array *a = open_array("npu1");
  fill(a, 1, 2, 0, 64, 1);
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_DMA, 0);
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_EAST, 1);
  connect(a, 1, 2, AIEML_PORT_DMA, 0, AIEML_PORT_NORTH, 0);
  connect(a, 2, 2, AIEML_PORT_WEST, 1, AIEML_PORT_DMA, 0);
  connect(a, 1, 3, AIEML_PORT_SOUTH, 0, AIEML_PORT_DMA, 0);
  connect(a, 1, 3, AIEML_PORT_SOUTH, 0, AIEML_PORT_NORTH, 0);
  connect(a, 1, 4, AIEML_PORT_SOUTH, 0, AIEML_PORT_DMA, 0);
  set_bd(a, 1, 2, 0, (struct bd){.length = 10, .iteration_wrap = 3, .iteration_step = 10});
  for (uint32_t i = 0; i < 4; ++i) {
    struct bd bd = {
        .base = TO, .length = i < 2 ? 12 + i : 10, .iteration_wrap = 3, .iteration_step = 64};
    set_bd(a, sinks[i][0], sinks[i][1], 8, bd);
    if (i < 3)
      CHECK_EQ(finish_on_tlast(a, sinks[i][0], sinks[i][1], 1u << 16), AIE_OK);
    push(a, sinks[i][0], sinks[i][1], AIE_S2MM, 0, 8, 3, 1);
  }
  push(a, 1, 2, AIE_MM2S, 0, 0, 3, 0);
  for (uint32_t i = 0; i < 4; ++i) {
    CHECK_EQ(aie_run_until_token(a, sinks[i][0], sinks[i][1], AIE_S2MM, 0, 10000), AIE_OK);
    for (uint32_t n = 0; n < 30; ++n)
      CHECK_EQ(word(a, sinks[i][0], sinks[i][1], TO + 64 * (n / 10) + n % 10), 1 + n);
    CHECK_EQ(word(a, sinks[i][0], sinks[i][1], TO + 10), 0);
  }
  close_array(a);
}

// A descriptor whose next is itself takes packets for ever, of one task; each as long as it likes.
static void endless(void) {
  struct aie_array *a = two_packets();
  struct bd bd = wide;
  bd.chain = 1 + 2;
  bd.acquire = 1 + 3;
  bd.acquire_value = -1;
  set_bd(a, 1, 3, 2, bd);
  CHECK_EQ(finish_on_tlast(a, 1, 3, 1u << 16), AIE_OK);
  push(a, 1, 3, AIE_S2MM, 0, 2, 1, 1);
  for (uint32_t round = 0; round < 300; ++round) {
    uint32_t slot = 2 * round % 8;
    set_lock(a, 1, 3, 3, 2); // room for two packets
    set_lock(a, 1, 3, 2, 0);
    fill(a, 1, 3, 0, 5, round);
    push(a, 1, 3, AIE_MM2S, 0, 0, 1, 1);
    CHECK_EQ(aie_run_until_token(a, 1, 3, AIE_MM2S, 0, 10000), AIE_OK);
    CHECK_EQ(aie_run_until_idle(a, 10000), AIE_OK);
    CHECK_EQ(get_lock(a, 1, 3, 2), 2);
    CHECK_EQ(word(a, 1, 3, TO + 100 * slot), round);
    CHECK_EQ(word(a, 1, 3, TO + 100 * (slot + 1)), 21);
  }
  int taken = 1;
  aie_take_token(a, 1, 3, AIE_S2MM, 0, &taken);
  CHECK_EQ(taken, 0); // the task never ends
  close_array(a);
}

// The mode of a channel with a task cannot change; with a reset it can. Counts are not modelled.
static void modes(void) {
  struct aie_array *a = two_packets();
  set_bd(a, 1, 3, 2, wide);
  push(a, 1, 3, AIE_S2MM, 0, 2, 1, 0);
  CHECK_EQ(finish_on_tlast(a, 1, 3, 0), AIE_OK);
  CHECK_EQ(finish_on_tlast(a, 1, 3, 1u << 16), AIE_BAD_ACCESS);
  CHECK_ERROR(a, AIE_ERROR_UNMODELLED, "reset the channel first");
  CHECK_EQ(finish_on_tlast(a, 1, 3, 1u << 16 | 2), AIE_OK);
  CHECK_EQ(read_at(a, 1, 3, AIEML_CORE_DMA_S2MM_CTRL), 1u << 16);
  CHECK_EQ(finish_on_tlast(a, 1, 3, 2u << 16), AIE_BAD_ACCESS);
  CHECK_ERROR(a, AIE_ERROR_UNMODELLED, "FOT_MODE 0 and 1");
  CHECK_EQ(write_at(a, 1, 3, AIEML_CORE_DMA_MM2S_CTRL, 1u << 16), AIE_BAD_ACCESS);
  close_array(a);
}

MAIN(RUN(short_packets); RUN(without); RUN(suppressed); RUN(too_long); RUN(lost_words);
     RUN(multicast); RUN(endless); RUN(modes))
