// Work that is left to an executor: cursors that step without data, and when the array waits for
// it.
#include "test.h"

#include "cursor.h"

// ---- cursors

static uint32_t state = 1;

// A number below `limit`, of a fixed sequence.
static uint32_t draw(uint32_t limit) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % limit;
}

// As the fields of a descriptor say, before any simplification.
static struct aie_cursor described_cursor(void) {
  struct aie_cursor cursor = {.base = 4ull * draw(1000), .left = 1 + draw(600)};
  uint32_t endless = draw(4);
  for (uint32_t d = 0; d < 4; ++d) {
    int wraps = d < endless;
    int padded = wraps && d < 3 && draw(3) == 0;
    cursor.dims[d] = (struct aie_dimension){
        .wrap = wraps ? 1 + draw(7) : 0,
        .step = d == 0 && draw(2) ? 1 : draw(50),
        .before = padded ? draw(3) : 0,
        .after = padded ? draw(3) : 0,
    };
    if (d && draw(3) == 0) // one in memory with the dimension inside of it
      cursor.dims[d].step = cursor.dims[d - 1].wrap * cursor.dims[d - 1].step;
    cursor.padded |= cursor.dims[d].before | cursor.dims[d].after;
  }
  return cursor;
}

static struct aie_cursor random_cursor(void) {
  struct aie_cursor cursor = described_cursor();
  aie_cursor_simplify(&cursor);
  return cursor;
}

// The byte address of a cursor's word `number`, or ZERO where it is padding.
#define ZERO UINT64_MAX
static uint64_t address_of(const struct aie_cursor *cursor, uint32_t number) {
  uint64_t address = cursor->base;
  int zero = 0;
  for (uint32_t d = 0; d < 4; ++d) {
    const struct aie_dimension *dim = &cursor->dims[d];
    uint32_t line = dim->before + dim->wrap + dim->after;
    uint32_t position = dim->wrap ? number % line : number;
    number = dim->wrap ? number / line : 0;
    zero |= position < dim->before || (dim->wrap && position >= dim->before + dim->wrap);
    address += 4 * (uint64_t)(position - dim->before) * dim->step;
  }
  return zero ? ZERO : address;
}

// Checks a run's words, the first of which has this number. Returns the number behind them.
static uint32_t check_run(const struct aie_cursor *described, struct aie_run run, uint32_t number) {
  for (uint32_t i = 0; i < run.words; ++i)
    CHECK_EQ(run.zero ? ZERO : run.address + (uint64_t)i * run.stride,
             address_of(described, number++));
  return number;
}

// Runs, and lines behind them, have the words that the dimensions tell one by one.
static void words_are_where_they_belong(void) {
  uint32_t all_lines = 0;
  for (int i = 0; i < 20000; ++i) {
    struct aie_cursor described = described_cursor(), cursor = described;
    aie_cursor_simplify(&cursor);
    for (uint32_t number = 0, whole = described.left; number < whole;) {
      uint32_t limit = 1 + draw(whole - number);
      struct aie_run run = aie_cursor_next(&cursor, limit);
      number = check_run(&described, run, number);
      uint32_t lines = aie_cursor_lines(&cursor, &run, limit - run.words);
      CHECK(lines <= (limit - run.words) / run.words);
      all_lines += lines;
      for (; lines; --lines) {
        run.address += aie_cursor_pitch(&cursor);
        number = check_run(&described, run, number);
      }
      CHECK_EQ(cursor.left, whole - number);
    }
  }
  CHECK(all_lines > 10000);
}

// Walks the words that are left; checks that `end` ends none before its last byte.
static void walk(struct aie_cursor cursor, uint64_t end) {
  while (cursor.left) {
    struct aie_run run = aie_cursor_next(&cursor, cursor.left);
    if (!run.zero)
      CHECK(run.address + (uint64_t)(run.words - 1) * run.stride + 4 <= end);
  }
}

// Skipping leads to the word to which walking leads.
static void skipping_is_walking(void) {
  for (int i = 0; i < 20000; ++i) {
    struct aie_cursor walked = random_cursor(), skipped = walked;
    walk(walked, aie_cursor_end(&walked));
    for (uint32_t words = draw(walked.left); words;) {
      struct aie_run run = aie_cursor_next(&walked, words);
      aie_cursor_skip(&skipped, run.words);
      words -= run.words;
    }
    struct aie_cursor at_once = skipped;
    uint32_t more = draw(skipped.left + 1);
    for (uint32_t words = more; words;)
      words -= aie_cursor_next(&walked, words).words;
    aie_cursor_skip(&at_once, more);
    CHECK_EQ(at_once.left, walked.left);
    if (walked.left) {
      CHECK_EQ(memcmp(at_once.position, walked.position, sizeof walked.position), 0);
      walk(walked, aie_cursor_end(&at_once));
    }
  }
}

// ---- waiting

enum { C = 1, CORE = 2, PIECES = 64 };

// Does nothing before it must.
struct lazy {
  uint64_t work[PIECES][64];
  aie_work_fn functions[PIECES];
  uint32_t count;
  uint32_t waits;
};

static void *reserve(void *user, uint32_t bytes) {
  struct lazy *lazy = user;
  return bytes <= sizeof lazy->work[0] && lazy->count < PIECES ? lazy->work[lazy->count] : NULL;
}

static void submit(void *user, aie_work_fn function) {
  struct lazy *lazy = user;
  lazy->functions[lazy->count++] = function;
}

static void do_all(void *user) {
  struct lazy *lazy = user;
  ++lazy->waits;
  for (uint32_t i = 0; i < lazy->count; ++i)
    lazy->functions[i](lazy->work[i]);
  lazy->count = 0;
}

static uint32_t ddr[64];
static struct lazy lazy;
static struct aie_executor executor = {&lazy, reserve, submit, do_all};

// Sends 16 words of a core's memory, 1000 on, from word 0 to word 4096.
static struct aie_array *send(void) {
  struct aie_array *a = open_array("npu1");
  lazy = (struct lazy){.count = 0};
  fill(a, C, CORE, 0, 64, 1000);
  connect_loop(a, C, CORE);
  aie_set_executor(a, &executor);
  set_bd(a, C, CORE, 0, (struct bd){.length = 16});
  set_bd(a, C, CORE, 1, (struct bd){.base = 4096, .length = 16});
  push(a, C, CORE, AIE_S2MM, 0, 1, 1, 1);
  push(a, C, CORE, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_token(a, C, CORE, AIE_S2MM, 0, 100000), AIE_OK);
  return a;
}

static void reading_memory_waits(void) {
  struct aie_array *a = send();
  CHECK_EQ(lazy.count, 1);
  CHECK_EQ(word(a, C, CORE, 4096 + 15), 1015);
  CHECK_EQ(lazy.count, 0);
  close_array(a);
}

// What is written after the transfer does not reach it.
static void writing_memory_waits(void) {
  struct aie_array *a = send();
  fill(a, C, CORE, 0, 16, 5000);
  CHECK_EQ(word(a, C, CORE, 4096), 1000);
  CHECK_EQ(word(a, C, CORE, 0), 5000);
  close_array(a);
}

static void flipping_a_bit_waits(void) {
  struct aie_array *a = send();
  struct aie_injection flip = {.kind = AIE_INJECT_FLIPPED_BIT, .column = C, .row = CORE};
  flip.index = 4 * 4096;
  CHECK_EQ(aie_inject(a, &flip), AIE_OK);
  push(a, C, CORE, AIE_S2MM, 0, 1, 1, 0); // something for time to pass with
  aie_run_until_idle(a, 100000);
  CHECK_EQ(word(a, C, CORE, 4096), 1001);
  close_array(a);
}

static void settling_and_taking_away_wait(void) {
  struct aie_array *a = send();
  aie_settle(a);
  CHECK_EQ(lazy.count, 0);
  close_array(a);
  a = send();
  aie_set_executor(a, NULL);
  CHECK_EQ(lazy.count, 0);
  close_array(a);
}

// A transfer that will fault is not left to the executor: the fault comes when it did without one.
static void faults_come_as_without(void) {
  uint64_t cycles[2];
  for (int with = 0; with < 2; ++with) {
    struct aie_array *a = open_array("npu1");
    lazy = (struct lazy){.count = 0};
    connect_loop(a, C, CORE);
    aie_set_executor(a, with ? &executor : NULL);
    set_bd(a, C, CORE, 0, (struct bd){.base = 16380, .length = 5});
    set_bd(a, C, CORE, 1, (struct bd){.base = 4096, .length = 5});
    push(a, C, CORE, AIE_S2MM, 0, 1, 1, 0);
    push(a, C, CORE, AIE_MM2S, 0, 0, 1, 0);
    CHECK_EQ(aie_run_until_idle(a, 100000), AIE_FAULT);
    CHECK_ERROR(a, AIE_ERROR_ADDRESS, "past the end of the data memory");
    cycles[with] = aie_now(a);
    close_array(a);
  }
  CHECK_EQ(cycles[0], cycles[1]);
}

// Nor is one into a DDR region that may not be written.
static void read_only_ddr_is_not_written(void) {
  struct aie_array *a = open_array("npu1");
  lazy = (struct lazy){.count = 0};
  aie_ddr_map(a, 1ull << 32, ddr, sizeof ddr, 0);
  aie_set_executor(a, &executor);
  connect_shim(a, C);
  connect(a, C, 0, AIEML_PORT_SOUTH, 3, AIEML_PORT_SOUTH, 2);
  set_bd(a, C, 0, 0, (struct bd){.ddr = 1ull << 32, .length = 4});
  set_bd(a, C, 0, 1, (struct bd){.ddr = (1ull << 32) + 64, .length = 4});
  push(a, C, 0, AIE_S2MM, 0, 1, 1, 0);
  push(a, C, 0, AIE_MM2S, 0, 0, 1, 0);
  CHECK_EQ(aie_run_until_idle(a, 100000), AIE_FAULT);
  CHECK_ERROR(a, AIE_ERROR_ADDRESS, "read-only");
  close_array(a);
}

MAIN(RUN(words_are_where_they_belong); RUN(skipping_is_walking); RUN(reading_memory_waits);
     RUN(writing_memory_waits); RUN(flipping_a_bit_waits); RUN(settling_and_taking_away_wait);
     RUN(faults_come_as_without); RUN(read_only_ddr_is_not_written))
