// What a core does in its neighbours' tiles: their data memory and their locks (AM020), the ends of
// the array, and what is said of waits there.
#include "adfc/emulator_events.h"
#include "core_words.h"

enum { C = 2, R = 3, LAST = 5 }; // npu1: five columns, cores in rows 2 to 5

enum { SOUTH = CORE_PROGRAM_SOUTH, WEST = CORE_PROGRAM_WEST, NORTH = CORE_PROGRAM_NORTH };
enum { S = 16, W = 32, N = 48 }; // their locks

// The first word of buffers[0] is the immediate.
static void put(uint8_t *const *buffers, const int32_t *immediates) {
  memcpy(buffers[0], &immediates[0], 4);
}

// 16 words of buffers[1] are those of buffers[0], times the immediate.
static void scale(uint8_t *const *buffers, const int32_t *immediates) {
  for (int32_t i = 0; i < 16; ++i) {
    int32_t value = 0;
    memcpy(&value, buffers[0] + 4 * i, 4);
    value *= immediates[0];
    memcpy(buffers[1] + 4 * i, &value, 4);
  }
}

static const aie_kernel_fn kernels[] = {put, scale};

static struct aie_array *open_bound(void) {
  struct aie_array *a = open_array("npu1");
  aie_bind_kernels(a, kernels, 2);
  return a;
}

static uint32_t done(struct aie_array *a, uint32_t column, uint32_t row) {
  return core_status(a, column, row, AIEML_CORE_CORE_STATUS_CORE_DONE_LSB);
}

// The last word of each memory that it reaches; its own, and its eastern neighbour's, which it does
// not reach, stay as they are.
static void each_side(void) {
  struct aie_array *a = open_bound();
  const uint32_t program[] = {
      CALL(1, 1), 0, 1, SOUTH + 0xfffc, 11, CALL(1, 1), 0, 1, WEST + 0xfffc, 22,
      CALL(1, 1), 0, 1, NORTH + 0xfffc, 33, CALL(1, 1), 0, 1, 0xfff8,        44,
      DONE};
  START(a, C, R, program);
  CHECK_EQ(aie_run_until_idle(a, 1000), AIE_OK);
  CHECK_EQ(word(a, C, R - 1, 0x3fff), 11);
  CHECK_EQ(word(a, C - 1, R, 0x3fff), 22);
  CHECK_EQ(word(a, C, R + 1, 0x3fff), 33);
  CHECK_EQ(word(a, C, R, 0x3ffe), 44);
  CHECK_EQ(word(a, C, R, 0x3fff), 0);
  CHECK_EQ(word(a, C + 1, R, 0x3fff), 0);
  CHECK_EQ(done(a, C, R), 1);
  close_array(a);
}

// Lock 15 of each side, given and taken; the eastern neighbour's is not reached.
static void locks(void) {
  struct aie_array *a = open_bound();
  const uint32_t program[] = {
      ACQUIRE(15, -1),     RELEASE(S + 15, 2), RELEASE(W + 15, 3),      RELEASE(N + 15, 4),
      ACQUIRE(S + 15, -1), ACQUIRE(W + 15, 3), ACQUIRE(N + 15, 0xfffc), DONE};
  START(a, C, R, program);
  aie_advance(a, 100);
  CHECK_EQ(get_lock(a, C, R - 1, 15), 0);
  set_lock(a, C, R, 15, 1);
  aie_advance(a, 100);
  CHECK_EQ(done(a, C, R), 1);
  CHECK_EQ(get_lock(a, C, R, 15), 0);
  CHECK_EQ(get_lock(a, C, R - 1, 15), 1);
  CHECK_EQ(get_lock(a, C - 1, R, 15), 3);
  CHECK_EQ(get_lock(a, C, R + 1, 15), 0);
  CHECK_EQ(get_lock(a, C + 1, R, 15), 0);
  close_array(a);
}

// A release past 63 is the lock's tile's own overflow.
static void overflow(void) {
  struct aie_array *a = open_bound();
  const uint32_t program[] = {RELEASE(W + 3, 63), RELEASE(W + 3, 1), DONE};
  START(a, C, R, program);
  aie_advance(a, 100);
  CHECK_EQ(get_lock(a, C - 1, R, 3), 63);
  CHECK_EQ(read_at(a, C - 1, R, AIEML_CORE_LOCKS_OVERFLOW), 1u << 3);
  CHECK_EQ(read_at(a, C, R, AIEML_CORE_LOCKS_OVERFLOW), 0);
  close_array(a);
}

// A block of the ring that begins with `value`.
#define WRITTEN(value) ACQUIRE(S + 0, -1), CALL(1, 1), 0, 20, IN_WINDOW(0), value, RELEASE(S + 1, 1)

// A core writes a ring of two in its southern neighbour's memory, whose DMA sends it on to a third
// tile: 4 blocks, of 1, 2, 3 and 4. Both keep to that tile's locks 0 (empty) and 1 (full).
static void neighbours_dma_sends(void) {
  struct aie_array *a = open_bound();
  const uint32_t program[] = {WINDOW(0, 2), SOUTH + 0x800, 0x100,      WRITTEN(1),
                              ADVANCE(0),   WRITTEN(2),    ADVANCE(0), WRITTEN(3),
                              ADVANCE(0),   WRITTEN(4),    DONE};
  connect(a, C, R - 1, AIEML_PORT_DMA, 0, AIEML_PORT_EAST, 0);
  connect(a, C + 1, R - 1, AIEML_PORT_WEST, 0, AIEML_PORT_DMA, 0);
  set_lock(a, C, R - 1, 0, 2);
  set_bd(a, C, R - 1, 0,
         (struct bd){.base = 0x200,
                     .length = 1,
                     .acquire = 1 + 1,
                     .acquire_value = -1,
                     .release = 1 + 0,
                     .release_value = 1,
                     .iteration_wrap = 2,
                     .iteration_step = 0x40});
  set_bd(a, C + 1, R - 1, 0, (struct bd){.base = 0x40, .length = 4});
  START(a, C, R, program);
  push(a, C + 1, R - 1, AIE_S2MM, 0, 0, 1, 1);
  push(a, C, R - 1, AIE_MM2S, 0, 0, 4, 0);
  CHECK_EQ(aie_run_until_token(a, C + 1, R - 1, AIE_S2MM, 0, 10000), AIE_OK);
  for (uint32_t i = 0; i < 4; ++i)
    CHECK_EQ(word(a, C + 1, R - 1, 0x40 + i), i + 1);
  CHECK_EQ(aie_run_until_idle(a, 1000), AIE_OK);
  CHECK_EQ(get_lock(a, C, R - 1, 0), 2);
  CHECK_EQ(done(a, C, R), 1);
  close_array(a);
}

// Three cores without any DMA. The first reads what lies in its northern neighbour's memory and
// writes to its own, the second, to the east of it, reads that and writes back to the west; the
// locks are of the first one's tile. The times are the calls' and the lock requests' (1 cycle).
static void hand_over(void) {
  struct aie_array *a = open_bound();
  const uint32_t first[] = {WINDOW(1, 1), 0x400,        0, CALL(2, 1),    1,   50,
                            NORTH,        IN_WINDOW(1), 3, RELEASE(4, 1), DONE};
  const uint32_t second[] = {WINDOW(0, 1),
                             WEST + 0x400,
                             0,
                             ACQUIRE(W + 4, -1),
                             CALL(2, 1),
                             1,
                             10,
                             IN_WINDOW(0),
                             WEST + 0x1000,
                             2,
                             DONE};
  fill(a, C, R + 1, 0, 16, 100);
  START(a, C + 1, R, second);
  START(a, C, R, first);
  CHECK_EQ(aie_run_until_idle(a, 1000), AIE_OK);
  for (uint32_t i = 0; i < 16; ++i) {
    CHECK_EQ(word(a, C, R, 0x100 + i), 3 * (100 + i));
    CHECK_EQ(word(a, C, R, 0x400 + i), 6 * (100 + i));
  }
  struct aie_core_counters counters;
  CHECK_EQ(aie_core_counters(a, C + 1, R, &counters), AIE_OK);
  CHECK_EQ(counters.done_at, 50 + 1 + 10);
  // Asked for at cycle 1, had at 51.
  CHECK_EQ(counters.stall_cycles, 50);
  CHECK_EQ(counters.stall_by_lock[W + 4], 50);
  CHECK_EQ(counters.stall_by_lock[4], 0);
  close_array(a);
}

// Who waits at which side: one bit of the status, and the lock's own tile in what is said.
static void waits(void) {
  static const struct {
    uint32_t lock, bit, column, row;
    const char *text;
  } cases[] = {
      {2, AIEML_CORE_CORE_STATUS_LOCK_STALL_E_LSB, C, R, "waits for lock 2 of core (2,3) to be"},
      {S + 2, AIEML_CORE_CORE_STATUS_LOCK_STALL_S_LSB, C, R - 1,
       "waits for lock 2 of core (2,2) to be"},
      {W + 2, AIEML_CORE_CORE_STATUS_LOCK_STALL_W_LSB, C - 1, R,
       "waits for lock 2 of core (1,3) to be"},
      {N + 2, AIEML_CORE_CORE_STATUS_LOCK_STALL_N_LSB, C, R + 1,
       "waits for lock 2 of core (2,4) to be"},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; ++i) {
    struct aie_array *a = open_bound();
    const uint32_t program[] = {ACQUIRE(cases[i].lock, -1), DONE};
    char text[200];
    START(a, C, R, program);
    aie_advance(a, 20);
    CHECK_EQ(read_at(a, C, R, AIEML_CORE_CORE_STATUS), 1u | 1u << cases[i].bit);
    CHECK_EQ(aie_explain_waits(a, text, sizeof text), 1);
    CHECK(strstr(text, "core (2,3) at program word 1 ") == text);
    CHECK(strstr(text, cases[i].text) != NULL);
    // Reset, it waits no longer: the lock stays for whoever comes next.
    CHECK_EQ(write_at(a, C, R, AIEML_CORE_CORE_CONTROL, 2), AIE_OK);
    set_lock(a, cases[i].column, cases[i].row, 2, 1);
    aie_advance(a, 20);
    CHECK_EQ(get_lock(a, cases[i].column, cases[i].row, 2), 1);
    CHECK_EQ(core_status(a, C, R, cases[i].bit), 0);
    CHECK_EQ(write_at(a, C, R, AIEML_CORE_CORE_CONTROL, 1), AIE_OK);
    aie_advance(a, 20);
    CHECK_EQ(get_lock(a, cases[i].column, cases[i].row, 2), 0);
    CHECK_EQ(done(a, C, R), 1);
    close_array(a);
  }
}

// Its own core and two neighbours wait for one lock: first come, first served.
static void queue(void) {
  struct aie_array *a = open_bound();
  const uint32_t own[] = {ACQUIRE(7, -1), DONE}, above[] = {ACQUIRE(S + 7, -1), DONE},
                 beside[] = {ACQUIRE(W + 7, -1), DONE};
  START(a, C, R + 1, above);
  aie_advance(a, 5);
  START(a, C, R, own);
  aie_advance(a, 5);
  START(a, C + 1, R, beside);
  aie_advance(a, 5);
  set_lock(a, C, R, 7, 1);
  aie_advance(a, 5);
  CHECK_EQ(done(a, C, R + 1), 1);
  CHECK_EQ(done(a, C, R) + done(a, C + 1, R), 0);
  set_lock(a, C, R, 7, 2);
  aie_advance(a, 5);
  CHECK_EQ(done(a, C, R), 1);
  CHECK_EQ(done(a, C + 1, R), 1);
  CHECK_EQ(get_lock(a, C, R, 7), 0);
  close_array(a);
}

static struct aie_event lock_wait;

static void keep(void *user, const struct aie_event *event) {
  (void)user;
  if (event->kind == AIE_EVENT_LOCK_WAIT)
    lock_wait = *event;
}

// An observer is told of the lock by its tile, and of the neighbour that released it.
static void events(void) {
  struct aie_array *a = open_bound();
  const uint32_t waiter[] = {ACQUIRE(N + 9, -1), DONE},
                 releaser[] = {CALL(1, 1), 0, 30, 0, 1, RELEASE(9, 1), DONE};
  aie_observe(a, keep, NULL);
  START(a, C, R, waiter);
  START(a, C, R + 1, releaser);
  CHECK_EQ(aie_run_until_idle(a, 1000), AIE_OK);
  CHECK_EQ(lock_wait.who, AIE_WHO(AIE_WHO_CORE, C, R, 0));
  CHECK_EQ(lock_wait.a, AIE_EVENT_LOCK(C, R + 1, 9));
  CHECK_EQ(lock_wait.by, AIE_WHO(AIE_WHO_CORE, C, R + 1, 0));
  CHECK_EQ(lock_wait.start, 1);
  CHECK_EQ(lock_wait.end, 31);
  close_array(a);
}

// The program faults on the tile, and the text has `part`.
static void expect_broken(uint32_t column, uint32_t row, const uint32_t *program, uint32_t count,
                          const char *part) {
  struct aie_array *a = open_bound();
  run_core(a, column, row, program, count);
  CHECK_EQ(aie_run_until_idle(a, 1000), AIE_FAULT);
  CHECK_ERROR(a, AIE_ERROR_CORE_PROGRAM, part);
  CHECK_EQ(aie_error(a)->column, column);
  CHECK_EQ(aie_error(a)->row, row);
  close_array(a);
}

#define EXPECT_BROKEN(column, row, part, ...)                                                      \
  do {                                                                                             \
    const uint32_t program_[] = {__VA_ARGS__};                                                     \
    expect_broken(column, row, program_, sizeof program_ / 4, part);                               \
  } while (0)

// To the south of the lowest row is a memtile, which cores never reach.
static void ends_of_the_array(void) {
  EXPECT_BROKEN(C, 2, "word 1: there is no core tile to the south", ACQUIRE(S, -1), DONE);
  EXPECT_BROKEN(C, 2, "word 2: there is no core tile to the south", RELEASE(0, 1), RELEASE(S, 1),
                DONE);
  EXPECT_BROKEN(C, 2, "no core tile to the south", WINDOW(0, 1), SOUTH, 0, DONE);
  EXPECT_BROKEN(C, 2, "no core tile to the south", CALL(1, 1), 0, 5, SOUTH, 1, DONE);
  EXPECT_BROKEN(0, R, "no core tile to the west", RELEASE(W + 15, 1), DONE);
  EXPECT_BROKEN(0, R, "no core tile to the west", WINDOW(0, 1), WEST, 0, DONE);
  EXPECT_BROKEN(0, R, "no core tile to the west", CALL(1, 1), 0, 5, WEST + 4, 1, DONE);
  EXPECT_BROKEN(C, LAST, "no core tile to the north", ACQUIRE(N, 0), DONE);
  EXPECT_BROKEN(C, LAST, "no core tile to the north", WINDOW(0, 1), NORTH + 0xfffc, 0, DONE);
  EXPECT_BROKEN(C, LAST, "no core tile to the north", CALL(1, 1), 0, 5, NORTH, 1, DONE);
}

// What goes on from one memory to the next, and addresses that are nobody's.
static void ends_of_memories(void) {
  EXPECT_BROKEN(C, R, "past the data memory", WINDOW(0, 2), WEST + 0x8000, 0x8000, DONE);
  EXPECT_BROKEN(C, R, "past the data memory", WINDOW(0, 2), 0, SOUTH, DONE);
  EXPECT_BROKEN(C, R, "past the data memory", WINDOW(0, 3), NORTH, 0xffff0000, DONE);
  EXPECT_BROKEN(C, R, "outside of the data memory", WINDOW(0, 1), 0x10000, 0, DONE);
  EXPECT_BROKEN(C, R, "outside of the data memory", CALL(1, 1), 0, 5, SOUTH - 4, 1, DONE);
  EXPECT_BROKEN(C, R, "outside of the data memory", CALL(1, 1), 0, 5, NORTH + 0x10000, 1, DONE);
  EXPECT_BROKEN(C, R, "no such lock", RELEASE(64, 1), DONE);
}

MAIN(RUN(each_side); RUN(locks); RUN(overflow); RUN(neighbours_dma_sends); RUN(hand_over);
     RUN(waits); RUN(queue); RUN(events); RUN(ends_of_the_array); RUN(ends_of_memories))
