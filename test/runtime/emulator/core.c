// Cores: control, the core program's instructions, kernel calls, faults.
#include "core_words.h"

enum { C = 2, R = 3 };

#define RUN_WORDS(array, words) START(array, C, R, words)

static int calls;

// buffers[0][0] += immediates[0] and counts.
static void add(uint8_t *const *buffers, const int32_t *immediates) {
  int32_t value = 0;
  memcpy(&value, buffers[0], 4);
  value += immediates[0];
  memcpy(buffers[0], &value, 4);
  ++calls;
}

// buffers[1][i] = buffers[0][i] * immediates[1] for immediates[0] words.
static void scale(uint8_t *const *buffers, const int32_t *immediates) {
  for (int32_t i = 0; i < immediates[0]; ++i) {
    int32_t value = 0;
    memcpy(&value, buffers[0] + 4 * i, 4);
    value *= immediates[1];
    memcpy(buffers[1] + 4 * i, &value, 4);
  }
}

static const aie_kernel_fn kernels[] = {add, scale};

static struct aie_array *open_bound(void) {
  struct aie_array *a = open_array("npu1");
  aie_bind_kernels(a, kernels, 2);
  calls = 0;
  return a;
}

static uint32_t done(struct aie_array *a) {
  return core_status(a, C, R, AIEML_CORE_CORE_STATUS_CORE_DONE_LSB);
}

// A call takes its cycles, and has its effect at their end.
static void call(void) {
  struct aie_array *a = open_bound();
  const uint32_t program[] = {CALL(1, 1), 0, 100, 0x40, (uint32_t)-5, DONE};
  CHECK_EQ(RUN_WORDS(a, program), AIE_OK);
  aie_advance(a, 99);
  CHECK_EQ(word(a, C, R, 16), 0);
  CHECK_EQ(done(a), 0);
  aie_advance(a, 1);
  CHECK_EQ((int32_t)word(a, C, R, 16), -5);
  CHECK_EQ(done(a), 1);
  struct aie_core_counters counters;
  CHECK_EQ(aie_core_counters(a, C, R, &counters), AIE_OK);
  CHECK_EQ(counters.busy_cycles, 100);
  CHECK_EQ(counters.calls, 1);
  CHECK_EQ(counters.done_at, 100);
  close_array(a);
}

// 2 x 3 x 4 x 5 calls in loops nested four deep, 7 cycles each.
static void loops(void) {
  struct aie_array *a = open_bound();
  const uint32_t program[] = {LOOP, 2, LOOP, 3, LOOP, 4,    LOOP, 5,    CALL(1, 1),
                              0,    7, 0,    1, NEXT, NEXT, NEXT, NEXT, DONE};
  RUN_WORDS(a, program);
  CHECK_EQ(aie_run_until_register(a, AIEML_ADDRESS(C, R, AIEML_CORE_CORE_STATUS), 1u << 20,
                                  1u << 20, 100000, NULL),
           AIE_OK);
  CHECK_EQ(aie_now(a), 120 * 7);
  CHECK_EQ(word(a, C, R, 0), 120);
  close_array(a);
}

// A ring of three buffers, 256 bytes apart.
static void windows(void) {
  struct aie_array *a = open_bound();
  const uint32_t program[] = {WINDOW(3, 3), 0x1000, 256,        LOOP, 7,   CALL(1, 1), 0, 1,
                              IN_WINDOW(3), 10,     ADVANCE(3), NEXT, DONE};
  RUN_WORDS(a, program);
  CHECK_EQ(aie_run_until_idle(a, 1000), AIE_OK);
  CHECK_EQ(word(a, C, R, 0x400), 30);
  CHECK_EQ(word(a, C, R, 0x440), 20);
  CHECK_EQ(word(a, C, R, 0x480), 20);
  CHECK_EQ(word(a, C, R, 0x4c0), 0);
  close_array(a);
}

// Streams in and out of the core from and to the one above it, with windows of depth 2.
static void set_up_streams(struct aie_array *a) {
  fill(a, C, R + 1, 0, 128, 100);
  connect(a, C, R + 1, AIEML_PORT_DMA, 0, AIEML_PORT_SOUTH, 0);
  connect(a, C, R, AIEML_PORT_NORTH, 0, AIEML_PORT_DMA, 0);
  connect(a, C, R, AIEML_PORT_DMA, 0, AIEML_PORT_NORTH, 0);
  connect(a, C, R + 1, AIEML_PORT_SOUTH, 0, AIEML_PORT_DMA, 1);
  set_lock(a, C, R, 0, 2);
  set_lock(a, C, R, 2, 2);
  set_bd(a, C, R + 1, 0, (struct bd){.length = 128});
  set_bd(a, C, R + 1, 1, (struct bd){.base = 8192, .length = 128});
  set_bd(a, C, R, 0,
         (struct bd){.base = 0x400,
                     .length = 16,
                     .acquire = 1 + 0,
                     .acquire_value = -1,
                     .release = 1 + 1,
                     .release_value = 1,
                     .iteration_wrap = 2,
                     .iteration_step = 1024});
  set_bd(a, C, R, 1,
         (struct bd){.base = 0x1000,
                     .length = 16,
                     .acquire = 1 + 3,
                     .acquire_value = -1,
                     .release = 1 + 2,
                     .release_value = 1,
                     .iteration_wrap = 2,
                     .iteration_step = 1024});
}

// In and out by DMA with windows of depth 2, as a layer does it: 8 blocks of 16 words, times 3.
static void stream_through(void) {
  struct aie_array *a = open_bound();
  set_up_streams(a);
  const uint32_t program[] = {WINDOW(0, 2),
                              0x1000,
                              4096,
                              WINDOW(1, 2),
                              0x4000,
                              4096,
                              LOOP,
                              8,
                              ACQUIRE(1, -1),
                              ACQUIRE(2, -1),
                              CALL(2, 2),
                              1,
                              50,
                              IN_WINDOW(0),
                              IN_WINDOW(1),
                              16,
                              3,
                              RELEASE(0, 1),
                              RELEASE(3, 1),
                              ADVANCE(0),
                              ADVANCE(1),
                              NEXT,
                              DONE};
  RUN_WORDS(a, program);
  push(a, C, R + 1, AIE_S2MM, 1, 1, 1, 1);
  push(a, C, R, AIE_MM2S, 0, 1, 8, 0);
  push(a, C, R, AIE_S2MM, 0, 0, 8, 0);
  push(a, C, R + 1, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, C, R + 1, AIE_S2MM, 1, 100000), AIE_OK);
  for (uint32_t i = 0; i < 128; ++i)
    CHECK_EQ(word(a, C, R + 1, 8192 + i), 3 * (100 + i));
  CHECK_EQ(done(a), 1);
  struct aie_core_counters counters;
  aie_core_counters(a, C, R, &counters);
  CHECK_EQ(counters.busy_cycles, 8 * 50);
  CHECK_EQ(counters.lock_cycles, 8 * 4);
  CHECK_EQ(counters.stall_cycles, counters.stall_by_lock[1] + counters.stall_by_lock[2]);
  // Nothing is lost: what is neither busy nor asking for locks is waiting for them.
  CHECK_EQ(counters.done_at - counters.started_at,
           counters.busy_cycles + counters.lock_cycles + counters.stall_cycles);
  close_array(a);
}

// Reset takes the core back to the start; the program memory is closed while it is enabled.
static void control(void) {
  struct aie_array *a = open_bound();
  const uint32_t program[] = {CALL(1, 1), 0, 10, 0, 1, ACQUIRE(5, -1),
                              CALL(1, 1), 0, 10, 0, 1, DONE};
  RUN_WORDS(a, program);
  aie_advance(a, 100);
  CHECK_EQ(read_at(a, C, R, AIEML_CORE_CORE_STATUS),
           1u | 1u << AIEML_CORE_CORE_STATUS_LOCK_STALL_E_LSB);
  CHECK_EQ(read_at(a, C, R, AIEML_CORE_CORE_PC), 4 * 6);
  CHECK_EQ(write_at(a, C, R, AIEML_CORE_PROGRAM_MEMORY + 4, DONE), AIE_BAD_ACCESS);
  CHECK_ERROR(a, AIE_ERROR_PROGRAM_MEMORY, "the core is enabled");
  CHECK_EQ(write_at(a, C, R, AIEML_CORE_CORE_CONTROL, 0), AIE_BAD_ACCESS);
  CHECK_EQ(write_at(a, C, R, AIEML_CORE_CORE_CONTROL, 2), AIE_OK);
  set_lock(a, C, R, 5, 1);
  aie_advance(a, 100);
  CHECK_EQ(word(a, C, R, 0), 1);
  CHECK_EQ(get_lock(a, C, R, 5), 1);
  CHECK_EQ(write_at(a, C, R, AIEML_CORE_CORE_CONTROL, 1), AIE_OK);
  aie_advance(a, 100);
  CHECK_EQ(done(a), 1);
  CHECK_EQ(word(a, C, R, 0), 3);
  CHECK_EQ(write_at(a, C, R, AIEML_CORE_CORE_CONTROL, 1), AIE_OK); // done stays done
  aie_advance(a, 100);
  CHECK_EQ(word(a, C, R, 0), 3);
  close_array(a);
}

// A program that starts again: three permits of lock 5 are three passes, and the window goes on
// round its ring of two from pass to pass. It is never done; it waits.
static void restart(void) {
  struct aie_array *a = open_bound();
  const uint32_t program[] = {WINDOW(0, 2), 0x1000, 256,        ACQUIRE(5, -1), CALL(1, 1), 0, 1,
                              IN_WINDOW(0), 10,     ADVANCE(0), RESTART};
  RUN_WORDS(a, program);
  aie_advance(a, 100);
  CHECK_EQ(word(a, C, R, 0x400), 0);
  set_lock(a, C, R, 5, 3);
  aie_advance(a, 100);
  CHECK_EQ(word(a, C, R, 0x400), 20);
  CHECK_EQ(word(a, C, R, 0x440), 10);
  CHECK_EQ(get_lock(a, C, R, 5), 0);
  set_lock(a, C, R, 5, 1);
  aie_advance(a, 100);
  CHECK_EQ(word(a, C, R, 0x440), 20);
  CHECK_EQ(calls, 4);
  CHECK_EQ(done(a), 0);
  close_array(a);
}

static void expect_broken(const uint32_t *program, uint32_t count, const char *part) {
  struct aie_array *a = open_bound();
  run_core(a, C, R, program, count);
  CHECK_EQ(aie_run_until_idle(a, 1000000), AIE_FAULT);
  CHECK_ERROR(a, AIE_ERROR_CORE_PROGRAM, part);
  CHECK_EQ(aie_error(a)->row, R);
  close_array(a);
}

#define EXPECT_BROKEN(part, ...)                                                                   \
  do {                                                                                             \
    const uint32_t program_[] = {__VA_ARGS__};                                                     \
    expect_broken(program_, sizeof program_ / 4, part);                                            \
  } while (0)

static void broken_programs(void) {
  EXPECT_BROKEN("unknown instruction", 99);
  EXPECT_BROKEN("ends past the program's end", CALL(3, 2), 0, 1, 0);
  EXPECT_BROKEN("runs past", ACQUIRE(0, 0));
  EXPECT_BROKEN("NEXT without LOOP", NEXT, DONE);
  EXPECT_BROKEN("a loop of no times", LOOP, 0, NEXT, DONE);
  EXPECT_BROKEN("nest too deep", LOOP, 1, LOOP, 1, LOOP, 1, LOOP, 1, LOOP, 1, DONE);
  EXPECT_BROKEN("no such lock", ACQUIRE(64, 1), DONE);
  EXPECT_BROKEN("not bound", CALL(0, 0), 2, 5, DONE);
  EXPECT_BROKEN("not declared", ADVANCE(2), DONE);
  EXPECT_BROKEN("outside of the data memory", CALL(1, 0), 0, 5, 0x10000, DONE);
  EXPECT_BROKEN("a window that is not declared", CALL(1, 0), 0, 5, IN_WINDOW(1), DONE);
  EXPECT_BROKEN("past the data memory", WINDOW(0, 5), 0, 0x4000, DONE);
  EXPECT_BROKEN("without doing anything", LOOP, 0xffffffff, NEXT, DONE);
  EXPECT_BROKEN("without doing anything", RESTART);
  EXPECT_BROKEN("RESTART in a loop", LOOP, 2, RESTART);
}

static void no_program(void) {
  struct aie_array *a = open_bound();
  CHECK_EQ(write_at(a, C, R, AIEML_CORE_CORE_CONTROL, 1), AIE_FAULT);
  CHECK_ERROR(a, AIE_ERROR_CORE_PROGRAM, "not a core program");
  close_array(a);
}

MAIN(RUN(call); RUN(loops); RUN(windows); RUN(stream_through); RUN(control); RUN(restart);
     RUN(broken_programs); RUN(no_program))
