/* Shim descriptors: a task that keeps to its DDR buffer passes; one that would leave it is refused
 * at the push. Extents are worked out by hand from the descriptor's definition: word i of a run
 * lies at the steps of its dimensions, inner ones first, the runs an iteration step apart. */
#include "adfc/crc32.h"
#include "adfc/engine.h"
#include "adfc/spec/devices.h"
#include "check.h"
#include "mock_rhal.h"

#define OP(name, length) RCB_WORD0((uint32_t)RCB_OP_##name, (uint32_t)(length))
#define END OP(END, 1)
#define MAX_WORDS 96

/* ve2802: columns 2 and 3 have a shim with a DMA (AM020). */
#define SHIM(offset) AIEML_ADDRESS(2, 0, offset)
#define BD(number, word) SHIM(AIEML_SHIM_DMA_BD + (number) * 32 + (word) * 4)
#define VALID (1u << 25)
#define NEXT(number) (1u << 26 | (uint32_t)(number) << 27)

/* The arena has 400 bytes: 100 words. */
#define ARENA_WORDS 100u
#define WRITE_BD(number, length, d0, d1, d2, iteration, last)                                      \
  OP(BLOCK_WRITE, 10), BD(number, 0), length, 0, 0, d0, d1, d2, iteration, last
#define BIND(number, offset) OP(BIND_BUFFER, 5), BD(number, 1), RCB_BUFFER_ARENA, offset, 0
#define PUSH(number) OP(WRITE32, 3), SHIM(AIEML_SHIM_DMA_MM2S_QUEUE), number
#define DIM(wrap, step) ((uint32_t)(wrap) << 20 | ((step) - 1))
#define RUNS(count, step) ((uint32_t)((count) - 1) << 20 | ((step) - 1))
#define PLAIN(number, length) WRITE_BD(number, length, 0, 0, 0, 0, VALID)

struct body {
  const char *name;
  int good;
  uint32_t words;
  uint32_t body[MAX_WORDS];
};

#define BODY(...)                                                                                  \
  sizeof((uint32_t[]){__VA_ARGS__}) / 4, { __VA_ARGS__ }

static const struct body bodies[] = {
    {"all of a buffer", 1, BODY(PLAIN(0, 100), BIND(0, 0), PUSH(0), END)},
    {"a word too many", 0, BODY(PLAIN(0, 101), BIND(0, 0), PUSH(0), END)},
    {"its last word", 1, BODY(PLAIN(0, 1), BIND(0, 396), PUSH(0), END)},
    {"past its last word", 0, BODY(PLAIN(0, 2), BIND(0, 396), PUSH(0), END)},
    {"of no length", 0, BODY(PLAIN(0, 0), BIND(0, 0), PUSH(0), END)},
    {"the longest length", 0, BODY(PLAIN(0, 0xffffffff), BIND(0, 0), PUSH(0), END)},
    {"never bound", 0, BODY(PLAIN(0, 1), PUSH(0), END)},
    {"never written", 0, BODY(PUSH(7), END)},
    {"not pushed", 1, BODY(PLAIN(0, 101), BIND(0, 0), END)},
    {"another is pushed", 1,
     BODY(PLAIN(0, 101), BIND(0, 0), PLAIN(1, 100), BIND(1, 0), PUSH(1), END)},
    {"pushed from the queue's other fields", 0,
     BODY(PLAIN(3, 101), BIND(3, 0), PUSH(0x80070003), END)},
    {"pushed to S2MM 1", 0,
     BODY(PLAIN(3, 101), BIND(3, 0), OP(WRITE32, 3), SHIM(AIEML_SHIM_DMA_S2MM_QUEUE + 8), 3, END)},
    {"pushed by a block", 0,
     BODY(PLAIN(3, 101), BIND(3, 0), OP(BLOCK_WRITE, 4), SHIM(AIEML_SHIM_DMA_MM2S_CTRL), 0, 3,
          END)},
    {"pushed by a set", 0,
     BODY(PLAIN(0, 101), BIND(0, 0), OP(BLOCK_SET, 4), SHIM(AIEML_SHIM_DMA_S2MM_CTRL), 2, 0, END)},

    /* Words 0, 3, 6, ... 297 of 100: step 3. */
    {"steps", 0, BODY(WRITE_BD(0, 100, DIM(0, 3), 0, 0, 0, VALID), BIND(0, 0), PUSH(0), END)},
    {"34 steps of 3 end at word 99", 1,
     BODY(WRITE_BD(0, 34, DIM(0, 3), 0, 0, 0, VALID), BIND(0, 0), PUSH(0), END)},
    {"35 do not fit", 0,
     BODY(WRITE_BD(0, 35, DIM(0, 3), 0, 0, 0, VALID), BIND(0, 0), PUSH(0), END)},
    /* 5 rows of 4 words, 24 apart: 4 * 24 + 3 = 99. */
    {"rows", 1,
     BODY(WRITE_BD(0, 20, DIM(4, 1), DIM(0, 24), 0, 0, VALID), BIND(0, 0), PUSH(0), END)},
    {"rows too far apart", 0,
     BODY(WRITE_BD(0, 20, DIM(4, 1), DIM(0, 25), 0, 0, VALID), BIND(0, 0), PUSH(0), END)},
    {"a row more", 0,
     BODY(WRITE_BD(0, 24, DIM(4, 1), DIM(0, 24), 0, 0, VALID), BIND(0, 0), PUSH(0), END)},
    {"one row only, so that they may lie where they like", 1,
     BODY(WRITE_BD(0, 4, DIM(4, 33), DIM(0, 0x100000), 0, 0, VALID), BIND(0, 0), PUSH(0), END)},
    /* 3 planes of 2 rows of 4: 2 * 40 + 16 + 3 = 99. */
    {"planes", 1,
     BODY(WRITE_BD(0, 24, DIM(4, 1), DIM(2, 16), DIM(0, 40), 0, VALID), BIND(0, 0), PUSH(0), END)},
    {"planes too far apart", 0,
     BODY(WRITE_BD(0, 24, DIM(4, 1), DIM(2, 16), DIM(0, 41), 0, VALID), BIND(0, 0), PUSH(0), END)},
    {"what lies beside the step of planes does not count", 1,
     BODY(WRITE_BD(0, 24, DIM(4, 1), DIM(2, 16), 0xfff00000 | DIM(0, 40), 0, VALID), BIND(0, 0),
          PUSH(0), END)},
    {"the farthest of all", 0,
     BODY(WRITE_BD(0, 0xffffffff, DIM(0, 0x100000), 0, 0, RUNS(64, 0x100000), VALID), BIND(0, 0),
          PUSH(0), END)},
    /* 10 runs of 10 words, 10 apart. */
    {"iterations", 1,
     BODY(WRITE_BD(0, 10, 0, 0, 0, RUNS(10, 10), VALID), BIND(0, 0), PUSH(0), END)},
    {"an iteration more", 0,
     BODY(WRITE_BD(0, 10, 0, 0, 0, RUNS(11, 10), VALID), BIND(0, 0), PUSH(0), END)},
    {"begun past its iterations", 0,
     BODY(WRITE_BD(0, 10, 0, 0, 0, RUNS(10, 10) | 10u << 26, VALID), BIND(0, 0), PUSH(0), END)},
    {"begun at its last iteration", 1,
     BODY(WRITE_BD(0, 10, 0, 0, 0, RUNS(10, 10) | 9u << 26, VALID), BIND(0, 0), PUSH(0), END)},

    {"made longer after it was bound", 0,
     BODY(PLAIN(0, 100), BIND(0, 0), OP(WRITE32, 3), BD(0, 0), 101, PUSH(0), END)},
    {"too long for where it was, not for where it is", 1,
     BODY(PLAIN(0, 10), BIND(0, 360), PUSH(0), OP(WRITE32, 3), BD(0, 0), 90, BIND(0, 0), PUSH(0),
          END)},
    {"bound elsewhere", 0, BODY(PLAIN(0, 90), BIND(0, 0), PUSH(0), BIND(0, 44), PUSH(0), END)},
    {"an address of its own", 0,
     BODY(PLAIN(0, 1), BIND(0, 0), OP(WRITE32, 3), BD(0, 1), 0x1000, PUSH(0), END)},
    {"the upper half of an address of its own", 0,
     BODY(PLAIN(0, 1), BIND(0, 0), OP(WRITE32, 3), BD(0, 2), 1, PUSH(0), END)},
    {"bits of the length changed by a mask", 0,
     BODY(PLAIN(0, 1), BIND(0, 0), OP(MASK_WRITE32, 4), BD(0, 0), 1, 1, PUSH(0), END)},
    {"all set to one value", 0,
     BODY(OP(BLOCK_SET, 4), BD(0, 0), 128, 64, BIND(5, 0), PUSH(5), END)},
    {"another shim's are of no matter", 1,
     BODY(PLAIN(0, 100), BIND(0, 0), OP(WRITE32, 3), AIEML_ADDRESS(3, 0, AIEML_SHIM_DMA_BD), 101,
          PUSH(0), END)},

    {"weights sent", 1,
     BODY(PLAIN(0, 16), OP(BIND_BUFFER, 5), BD(0, 1), RCB_BUFFER_WEIGHTS, 0, 0, PUSH(0), END)},
    {"weights written over", 0,
     BODY(PLAIN(0, 16), OP(BIND_BUFFER, 5), BD(0, 1), RCB_BUFFER_WEIGHTS, 0, 0, OP(WRITE32, 3),
          SHIM(AIEML_SHIM_DMA_S2MM_QUEUE), 0, END)},

    {"linked", 1,
     BODY(WRITE_BD(0, 9, 0, 0, 0, 0, VALID | NEXT(5)), BIND(0, 0), PLAIN(5, 100), BIND(5, 0),
          PUSH(0), END)},
    {"linked to one that is too long", 0,
     BODY(WRITE_BD(0, 9, 0, 0, 0, 0, VALID | NEXT(5)), BIND(0, 0), PLAIN(5, 101), BIND(5, 0),
          PUSH(0), END)},
    {"linked to one that is not bound", 0,
     BODY(WRITE_BD(0, 9, 0, 0, 0, 0, VALID | NEXT(5)), BIND(0, 0), PUSH(0), END)},
    {"linked by way of another", 0,
     BODY(WRITE_BD(0, 9, 0, 0, 0, 0, VALID | NEXT(2)), BIND(0, 0),
          WRITE_BD(2, 9, 0, 0, 0, 0, VALID | NEXT(15)), BIND(2, 0), PLAIN(15, 101), BIND(15, 0),
          PUSH(0), END)},
    {"linked in a ring", 1,
     BODY(WRITE_BD(0, 9, 0, 0, 0, 0, VALID | NEXT(1)), BIND(0, 0),
          WRITE_BD(1, 9, 0, 0, 0, 0, VALID | NEXT(0)), BIND(1, 0), PLAIN(2, 101), PUSH(0), END)},
    {"linked no more", 1,
     BODY(WRITE_BD(0, 9, 0, 0, 0, 0, VALID | NEXT(5)), BIND(0, 0), PLAIN(5, 101), OP(WRITE32, 3),
          BD(0, 7), VALID, PUSH(0), END)},
    {"descriptors by packets", 0, BODY(OP(WRITE32, 3), SHIM(AIEML_SHIM_DMA_S2MM_CTRL + 8), 8, END)},
    {"registers by packets", 0,
     BODY(OP(WRITE32, 3), SHIM(AIEML_SHIM_SWITCH_MASTER), 0x80000000, END)},
    {"no packets", 1, BODY(OP(BLOCK_SET, 4), SHIM(AIEML_SHIM_SWITCH_MASTER), 22, 0, END)},
};

static struct engine_image make(uint32_t *words, const struct body *b) {
  uint32_t instructions = 0;
  memset(words, 0, 4 * RCB_HEADER_WORDS);
  memcpy(words + RCB_HEADER_WORDS, b->body, sizeof b->body);
  for (uint32_t i = 0; i < b->words; i += RCB_LENGTH(b->body[i]))
    ++instructions;
  words[RCB_HEADER_MAGIC] = RCB_MAGIC;
  words[RCB_HEADER_VERSION] = RCB_VERSION;
  words[RCB_HEADER_TOTAL_WORDS] = RCB_HEADER_WORDS + b->words;
  words[RCB_HEADER_DEVICE] = adfc_device_find("ve2802")->ordinal;
  words[RCB_HEADER_BUFFERS] = RCB_BUFFER_COUNT;
  words[RCB_HEADER_INSTRUCTIONS] = instructions;
  words[RCB_HEADER_BODY_CRC32] = adfc_crc32(0, words + RCB_HEADER_WORDS, 4 * (size_t)b->words);
  return (struct engine_image){
      .device = adfc_device_find("ve2802"),
      .program = words,
      .program_words = RCB_HEADER_WORDS + b->words,
      .buffer_bytes = {64, 64, 4 * ARENA_WORDS, 64},
  };
}

static void each_body(void) {
  for (unsigned i = 0; i < sizeof bodies / sizeof *bodies; ++i) {
    const struct body *b = &bodies[i];
    uint32_t words[RCB_HEADER_WORDS + MAX_WORDS];
    struct engine_fault fault;
    struct engine_result result;
    struct engine_image image = make(words, b);
    CHECK_EQ(engine_verify(&image, &fault), ENGINE_OK);
    int status = engine_verify_ddr(&image, &fault);
    if (status != (b->good ? ENGINE_OK : ENGINE_BAD_DESCRIPTOR))
      CHECK_FAIL("%s: status %d", b->name, status);
    CHECK_EQ(fault.status, (uint32_t)status);
    mock_reset();
    CHECK_EQ(engine_run(&image, &result), b->good ? ENGINE_OK : ENGINE_NOT_VERIFIED);
    if (!b->good)
      CHECK_EQ(mock_count, 0);
  }
}

/* A load program and the one that is played after it, again and again. */
static const struct {
  const char *name;
  int good;
  uint32_t faulty_load; /* whether the fault lies in the load program */
  struct body load, run;
} pairs[] = {
    {"written by the load, pushed by each run",
     1,
     0,
     {"", 1, BODY(PLAIN(0, 100), BIND(0, 0), END)},
     {"", 1, BODY(PUSH(0), END)}},
    {"written too long by the load",
     0,
     0,
     {"", 1, BODY(PLAIN(0, 101), BIND(0, 0), END)},
     {"", 0, BODY(PUSH(0), END)}},
    {"pushed too long by the load",
     0,
     1,
     {"", 0, BODY(PLAIN(0, 101), BIND(0, 0), PUSH(0), END)},
     {"", 1, BODY(END)}},
    {"not bound by the load", 0, 0, {"", 1, BODY(PLAIN(0, 100), END)}, {"", 0, BODY(PUSH(0), END)}},
    {"bound by each run",
     1,
     0,
     {"", 1, BODY(PLAIN(0, 90), END)},
     {"", 1, BODY(BIND(0, 0), PUSH(0), BIND(0, 40), PUSH(0), END)}},
    /* The first run pushes 10 words, all further ones 101. */
    {"left too long by the run before",
     0,
     0,
     {"", 1, BODY(PLAIN(0, 10), BIND(0, 0), END)},
     {"", 1, BODY(PUSH(0), OP(WRITE32, 3), BD(0, 0), 101, END)}},
    {"left linked by the run before",
     0,
     0,
     {"", 1, BODY(PLAIN(0, 10), BIND(0, 0), PLAIN(5, 101), BIND(5, 0), END)},
     {"", 1, BODY(PUSH(0), OP(WRITE32, 3), BD(0, 7), VALID | NEXT(5), END)}},
    {"put right at the run's end",
     1,
     0,
     {"", 1, BODY(PLAIN(0, 10), BIND(0, 0), END)},
     {"", 1,
      BODY(PUSH(0), OP(WRITE32, 3), BD(0, 0), 100, PUSH(0), OP(WRITE32, 3), BD(0, 0), 10, END)}},
};

static void loads_and_runs_are_one_story(void) {
  for (unsigned i = 0; i < sizeof pairs / sizeof *pairs; ++i) {
    uint32_t load[RCB_HEADER_WORDS + MAX_WORDS], run[RCB_HEADER_WORDS + MAX_WORDS];
    struct engine_fault fault;
    struct engine_result result;
    struct engine_image image = make(run, &pairs[i].run);
    image.load = load;
    image.load_words = make(load, &pairs[i].load).program_words;
    CHECK_EQ(engine_verify(&image, &fault), ENGINE_OK);
    int status = engine_verify_ddr(&image, &fault);
    if (status != (pairs[i].good ? ENGINE_OK : ENGINE_BAD_DESCRIPTOR))
      CHECK_FAIL("%s: status %d", pairs[i].name, status);
    CHECK_EQ(fault.load, pairs[i].faulty_load);
    CHECK_EQ(engine_load(&image, &result), pairs[i].good ? ENGINE_OK : ENGINE_NOT_VERIFIED);
  }
}

/* A buffer of 397 to 400 bytes takes 100 words: DDR buffers lie in whole words. */
static void buffers_are_whole_words(void) {
  for (uint32_t bytes = 396; bytes <= 400; ++bytes) {
    uint32_t words[RCB_HEADER_WORDS + MAX_WORDS];
    struct engine_fault fault;
    struct engine_image image = make(words, &bodies[0]);
    image.buffer_bytes[RCB_BUFFER_ARENA] = bytes;
    CHECK_EQ(engine_verify(&image, &fault), ENGINE_OK);
    CHECK_EQ(engine_verify_ddr(&image, &fault), bytes > 396 ? ENGINE_OK : ENGINE_BAD_DESCRIPTOR);
  }
}

static void faults_name_their_place(void) {
  static const struct body b = {"", 0,
                                BODY(OP(PHASE, 2), 4, PLAIN(6, 101), BIND(6, 0), PUSH(6), END)};
  uint32_t words[RCB_HEADER_WORDS + MAX_WORDS];
  struct engine_fault fault;
  char text[256];
  struct engine_image image = make(words, &b);
  CHECK_EQ(engine_verify(&image, &fault), ENGINE_OK);
  CHECK_EQ(engine_verify_ddr(&image, &fault), ENGINE_BAD_DESCRIPTOR);
  CHECK_EQ(fault.pc, RCB_HEADER_WORDS + 2 + 10 + 5);
  CHECK_EQ(fault.phase, 4);
  CHECK_EQ(fault.tile, RCB_TILE(2, 0));
  CHECK_EQ(fault.reg, AIEML_SHIM_DMA_MM2S_QUEUE);
  CHECK_EQ(fault.seen, BD(6, 0));
  engine_fault_text(&fault, text, sizeof text);
  CHECK_CONTAINS(text, "could reach past a DDR buffer");
  CHECK_CONTAINS(text, "word 25 (WRITE32 tile 2,0 register 0x1d214) in phase 4");
}

int main(void) {
  RUN(each_body);
  RUN(loads_and_runs_are_one_story);
  RUN(buffers_are_whole_words);
  RUN(faults_name_their_place);
  return check_report();
}
