// Channels: chains, repeats, task queue, tokens, status, reset.
#include "test.h"

enum { C = 0, R = 2 };

static struct aie_array *loop(void) {
  struct aie_array *a = open_array("npu1");
  fill(a, C, R, 0, 1024, 0);
  connect_loop(a, C, R);
  return a;
}

// BD 0 -> 3 -> 1, then the task ends.
static void chain(void) {
  struct aie_array *a = loop();
  set_bd(a, C, R, 0, (struct bd){.base = 10, .length = 4, .chain = 1 + 3});
  set_bd(a, C, R, 3, (struct bd){.base = 200, .length = 2, .chain = 1 + 1});
  set_bd(a, C, R, 1, (struct bd){.base = 30, .length = 3});
  set_bd(a, C, R, 2, (struct bd){.base = 4096, .length = 9});
  push(a, C, R, AIE_S2MM, 0, 2, 1, 1);
  push(a, C, R, AIE_MM2S, 0, 0, 1, 1);
  CHECK_EQ(aie_run_until_token(a, C, R, AIE_S2MM, 0, 1000), AIE_OK);
  static const uint32_t expected[9] = {10, 11, 12, 13, 200, 201, 30, 31, 32};
  for (uint32_t i = 0; i < 9; ++i)
    CHECK_EQ(word(a, C, R, 4096 + i), expected[i]);
  CHECK_EQ(aie_run_until_token(a, C, R, AIE_MM2S, 0, 1000), AIE_OK);
  struct aie_channel_counters counters;
  aie_channel_counters(a, C, R, AIE_MM2S, 0, &counters);
  CHECK_EQ(counters.bds, 3);
  CHECK_EQ(counters.tasks, 1);
  CHECK_EQ(counters.words, 9);
  close_array(a);
}

// A repeat runs the whole chain again; one token for the task.
static void repeat_chain(void) {
  struct aie_array *a = loop();
  set_bd(a, C, R, 0, (struct bd){.base = 10, .length = 1, .chain = 1 + 1});
  set_bd(a, C, R, 1, (struct bd){.base = 50, .length = 1});
  set_bd(a, C, R, 2, (struct bd){.base = 4096, .length = 6});
  push(a, C, R, AIE_S2MM, 0, 2, 1, 1);
  push(a, C, R, AIE_MM2S, 0, 0, 3, 1);
  CHECK_EQ(aie_run_until_token(a, C, R, AIE_S2MM, 0, 1000), AIE_OK);
  static const uint32_t expected[6] = {10, 50, 10, 50, 10, 50};
  for (uint32_t i = 0; i < 6; ++i)
    CHECK_EQ(word(a, C, R, 4096 + i), expected[i]);
  int taken = 0;
  aie_take_token(a, C, R, AIE_MM2S, 0, &taken);
  CHECK_EQ(taken, 1);
  aie_take_token(a, C, R, AIE_MM2S, 0, &taken);
  CHECK_EQ(taken, 0);
  close_array(a);
}

// 256 repeats, the most that a push can carry.
static void most_repeats(void) {
  struct aie_array *a = loop();
  set_bd(a, C, R, 0, (struct bd){.length = 2, .iteration_wrap = 64, .iteration_step = 2});
  set_bd(a, C, R, 1, (struct bd){.base = 4096, .length = 512});
  push(a, C, R, AIE_S2MM, 0, 1, 1, 1);
  push(a, C, R, AIE_MM2S, 0, 0, 256, 0);
  CHECK_EQ(aie_run_until_token(a, C, R, AIE_S2MM, 0, 100000), AIE_OK);
  for (uint32_t i = 0; i < 512; ++i)
    CHECK_EQ(word(a, C, R, 4096 + i), i % 128);
  close_array(a);
}

// One task runs and four wait; the sixth push is dropped and leaves the sticky bit, which a write
// of 1 clears.
static void queue_overflow(void) {
  struct aie_array *a = loop();
  set_bd(a, C, R, 0, (struct bd){.length = 1});
  for (int i = 0; i < 5; ++i)
    CHECK_EQ(push(a, C, R, AIE_MM2S, 0, 0, 1, 1), AIE_OK);
  uint32_t status = dma_status(a, C, R, AIE_MM2S, 0);
  CHECK_EQ(AIEML_FIELD_GET(status, AIEML_CORE_DMA_MM2S_STATUS_TASK_QUEUE_SIZE), 4);
  CHECK_EQ(AIEML_FIELD_GET(status, AIEML_CORE_DMA_MM2S_STATUS_TASK_QUEUE_OVERFLOW), 0);
  CHECK_EQ(push(a, C, R, AIE_MM2S, 0, 0, 1, 1), AIE_OK);
  status = dma_status(a, C, R, AIE_MM2S, 0);
  CHECK_EQ(AIEML_FIELD_GET(status, AIEML_CORE_DMA_MM2S_STATUS_TASK_QUEUE_SIZE), 4);
  CHECK_EQ(AIEML_FIELD_GET(status, AIEML_CORE_DMA_MM2S_STATUS_TASK_QUEUE_OVERFLOW), 1);
  set_bd(a, C, R, 1, (struct bd){.base = 4096, .length = 5});
  push(a, C, R, AIE_S2MM, 0, 1, 1, 1);
  CHECK_EQ(aie_run_until_token(a, C, R, AIE_S2MM, 0, 1000), AIE_OK);
  CHECK_EQ(aie_run_until_idle(a, 1000), AIE_OK);
  int tokens = 0;
  for (int taken = 1; taken; tokens += taken)
    aie_take_token(a, C, R, AIE_MM2S, 0, &taken);
  CHECK_EQ(tokens, 5);
  write_at(a, C, R, AIEML_CORE_DMA_MM2S_STATUS, 1u << 18);
  CHECK_EQ(dma_status(a, C, R, AIE_MM2S, 0) & (1u << 18 | 1u << 19), 0);
  close_array(a);
}

// Status: 0 idle, 1 starting, 2 running; stalled on a lock, stalled on the stream.
static void status(void) {
  struct aie_array *a = loop();
  CHECK_EQ(dma_status(a, C, R, AIE_MM2S, 0), 0);
  set_bd(a, C, R, 5, (struct bd){.length = 1, .acquire = 1 + 3, .acquire_value = -1});
  push(a, C, R, AIE_MM2S, 0, 5, 1, 0);
  CHECK_EQ(dma_status(a, C, R, AIE_MM2S, 0) & 3, 1);
  aie_advance(a, 100);
  uint32_t status = dma_status(a, C, R, AIE_MM2S, 0);
  CHECK_EQ(status & 3, 2);
  CHECK_EQ(AIEML_FIELD_GET(status, AIEML_CORE_DMA_MM2S_STATUS_STALLED_LOCK_ACQ), 1);
  CHECK_EQ(AIEML_FIELD_GET(status, AIEML_CORE_DMA_MM2S_STATUS_CUR_BD), 5);
  CHECK_EQ(AIEML_FIELD_GET(status, AIEML_CORE_DMA_MM2S_STATUS_CHANNEL_RUNNING), 1);
  set_lock(a, C, R, 3, 1);
  aie_advance(a, 100);
  status = dma_status(a, C, R, AIE_MM2S, 0);
  CHECK_EQ(AIEML_FIELD_GET(status, AIEML_CORE_DMA_MM2S_STATUS_STALLED_LOCK_ACQ), 0);
  CHECK_EQ(AIEML_FIELD_GET(status, AIEML_CORE_DMA_MM2S_STATUS_STALLED_STREAM_BACKPRESSURE), 1);
  close_array(a);
}

// A reset drops the task under way, the queue and the sticky bit; the channel works on when it is
// no longer in reset.
static void reset(void) {
  struct aie_array *a = loop();
  set_bd(a, C, R, 0, (struct bd){.base = 64, .length = 64});
  set_bd(a, C, R, 1, (struct bd){.base = 4096, .length = 64});
  push(a, C, R, AIE_S2MM, 0, 1, 1, 1);
  for (int i = 0; i < 6; ++i)
    push(a, C, R, AIE_MM2S, 0, 0, 1, 0);
  aie_advance(a, 40); // data under way
  CHECK_EQ(write_at(a, C, R, AIEML_CORE_DMA_MM2S_CTRL, 2), AIE_OK);
  CHECK_EQ(dma_status(a, C, R, AIE_MM2S, 0) & ~(0xfu << 24), 0);
  CHECK_EQ(aie_run_until_token(a, C, R, AIE_S2MM, 0, 1000), AIE_DEADLOCK);
  CHECK_EQ(write_at(a, C, R, AIEML_CORE_DMA_MM2S_QUEUE, 0), AIE_BAD_ACCESS);
  CHECK_ERROR(a, AIE_ERROR_UNMODELLED, "clear RESET in its control register first");
  CHECK_EQ(write_at(a, C, R, AIEML_CORE_DMA_MM2S_CTRL, 0), AIE_OK);
  push(a, C, R, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, C, R, AIE_S2MM, 0, 1000), AIE_OK);
  CHECK_EQ(word(a, C, R, 4096 + 63), 127);
  close_array(a);
}

// The descriptor is taken when it is loaded: rewriting it later changes the next task only.
static void descriptor_is_latched(void) {
  struct aie_array *a = loop();
  set_bd(a, C, R, 0, (struct bd){.base = 1, .length = 8});
  set_bd(a, C, R, 1, (struct bd){.base = 4096, .length = 8});
  push(a, C, R, AIE_MM2S, 0, 0, 1, 0);
  aie_advance(a, 50);
  set_bd(a, C, R, 0, (struct bd){.base = 500, .length = 8});
  push(a, C, R, AIE_S2MM, 0, 1, 1, 1);
  CHECK_EQ(aie_run_until_token(a, C, R, AIE_S2MM, 0, 1000), AIE_OK);
  CHECK_EQ(word(a, C, R, 4096), 1);
  close_array(a);
}

MAIN(RUN(chain); RUN(repeat_chain); RUN(most_repeats); RUN(queue_overflow); RUN(status); RUN(reset);
     RUN(descriptor_is_latched))
