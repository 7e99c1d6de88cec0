/* The verifier: a good program passes; for each rule, a program that breaks it is refused before
 * the first write. */
#include "adfc/crc32.h"
#include "adfc/engine.h"
#include "adfc/rhal.h"
#include "adfc/spec/core_program.h"
#include "adfc/spec/devices.h"
#include "check.h"
#include "mock_rhal.h"

#define OP(name, length) RCB_WORD0((uint32_t)RCB_OP_##name, (uint32_t)(length))
#define END OP(END, 1)
#define MAX_WORDS 48

/* ve2802: 38 x 11, memtiles in rows 1 and 2, cores from row 3; column 2 has a DMA shim, column 0
 * has none (AM020). */
#define CORE(offset) AIEML_ADDRESS(2, 3, offset)
#define MEM(offset) AIEML_ADDRESS(2, 1, offset)
#define SHIM(offset) AIEML_ADDRESS(2, 0, offset)

/* At bytes 0 and 8; SOUTH, WEST and NORTH release the first lock of a neighbour. */
#define RELEASES(lock) CORE_PROGRAM_HEADER(3u), CORE_WORD0(CORE_OP_RELEASE, lock, 1u), CORE_OP_DONE
enum { SOUTH = 16, WEST = 28, NORTH = 40 };
static const uint32_t core_programs[] = {
    CORE_PROGRAM_HEADER(2u), CORE_OP_DONE,  CORE_PROGRAM_HEADER(2u), CORE_OP_NEXT,
    RELEASES(16u),           RELEASES(32u), RELEASES(48u),
};

static struct engine_image make(uint32_t *words, uint32_t body_words) {
  words[RCB_HEADER_MAGIC] = RCB_MAGIC;
  words[RCB_HEADER_VERSION] = RCB_VERSION;
  words[RCB_HEADER_TOTAL_WORDS] = RCB_HEADER_WORDS + body_words;
  words[RCB_HEADER_DEVICE] = adfc_device_find("ve2802")->ordinal;
  words[RCB_HEADER_BUFFERS] = 3;
  return (struct engine_image){
      .device = adfc_device_find("ve2802"),
      .program = words,
      .program_words = RCB_HEADER_WORDS + body_words,
      .core_programs = core_programs,
      .core_program_words = sizeof core_programs / 4,
      .kernels = 1,
      .buffer_bytes = {64, 64, 4096, 128},
  };
}

static void seal(const struct engine_image *image, uint32_t instructions, uint32_t wait) {
  uint32_t *words = (uint32_t *)(uintptr_t)image->program;
  words[RCB_HEADER_INSTRUCTIONS] = instructions;
  words[RCB_HEADER_MAX_WAIT_CYCLES] = wait;
  words[RCB_HEADER_BODY_CRC32] = adfc_crc32(0, words + RCB_HEADER_WORDS,
                                            4 * (size_t)(image->program_words - RCB_HEADER_WORDS));
}

struct body {
  const char *name;
  int status;
  uint32_t words;
  uint32_t body[MAX_WORDS];
};

#define BODY(...)                                                                                  \
  sizeof((uint32_t[]){__VA_ARGS__}) / 4, { __VA_ARGS__ }

/* The first instruction is the one under test; END follows. */
static const struct body bodies[] = {
    {"nop", ENGINE_OK, BODY(OP(NOP, 1), END)},
    {"write a lock", ENGINE_OK, BODY(OP(WRITE32, 3), CORE(AIEML_CORE_LOCK + 0xf0), 1, END)},
    {"write the last word of a memtile", ENGINE_OK, BODY(OP(WRITE32, 3), MEM(0x7fffc), 1, END)},
    {"write all 8 words of the last shim BD", ENGINE_OK,
     BODY(OP(BLOCK_WRITE, 10), SHIM(AIEML_SHIM_DMA_BD + 15 * 32), 0, 0, 0, 0, 0, 0, 0, 0, END)},
    {"write two memtile BDs at once", ENGINE_OK,
     BODY(OP(BLOCK_SET, 4), MEM(AIEML_MEM_DMA_BD), 16, 0, END)},
    {"clear a core's data memory", ENGINE_OK, BODY(OP(BLOCK_SET, 4), CORE(0), 16384, 0, END)},
    {"let a channel finish on TLAST", ENGINE_OK,
     BODY(OP(WRITE32, 3), CORE(AIEML_CORE_DMA_S2MM_CTRL + 8), 1u << 16, END)},
    {"enable a core", ENGINE_OK,
     BODY(OP(MASK_WRITE32, 4), CORE(AIEML_CORE_CORE_CONTROL), 1, 1, END)},
    {"bind word 1 of a shim BD", ENGINE_OK,
     BODY(OP(BIND_BUFFER, 5), SHIM(AIEML_SHIM_DMA_BD + 32 + 4), RCB_BUFFER_ARENA, 4092, 0, END)},
    {"load a core", ENGINE_OK, BODY(OP(LOAD_CORE, 4), RCB_TILE(37, 10), 0, 2, END)},
    {"sync", ENGINE_OK, BODY(OP(CACHE_SYNC, 3), RCB_BUFFER_ARENA, RCB_DIRECTION_MM2S, END)},
    {"timestamp, barrier and phase", ENGINE_OK,
     BODY(OP(TIMESTAMP, 2), 9, OP(BARRIER, 1), OP(PHASE, 2), 7, END)},

    {"no such opcode", ENGINE_BAD_OPCODE, BODY(RCB_WORD0(RCB_OPCODE_COUNT, 1u), END)},
    {"flags", ENGINE_BAD_OPCODE, BODY(OP(NOP, 1) | 0x100, END)},
    {"length 0", ENGINE_BAD_LENGTH, BODY(OP(NOP, 0), END)},
    {"too short", ENGINE_BAD_LENGTH, BODY(OP(WRITE32, 2), CORE(0), END)},
    {"too long", ENGINE_BAD_LENGTH, BODY(OP(WRITE32, 4), CORE(0), 0, 0, END)},
    {"past the end", ENGINE_BAD_LENGTH, BODY(OP(BLOCK_WRITE, 9), CORE(0), END)},
    {"a block of nothing", ENGINE_BAD_LENGTH, BODY(OP(BLOCK_WRITE, 2), CORE(0), END)},
    {"no end", ENGINE_BAD_END, BODY(OP(NOP, 1), OP(NOP, 1))},
    {"end twice", ENGINE_BAD_END, BODY(END, END)},
    {"no such column", ENGINE_BAD_ADDRESS, BODY(OP(WRITE32, 3), AIEML_ADDRESS(38, 3, 0), 0, END)},
    {"no such row", ENGINE_BAD_ADDRESS, BODY(OP(WRITE32, 3), AIEML_ADDRESS(2, 11, 0), 0, END)},
    {"not a word", ENGINE_BAD_ADDRESS, BODY(OP(WRITE32, 3), CORE(2), 0, END)},
    {"no such register", ENGINE_BAD_ADDRESS, BODY(OP(WRITE32, 3), CORE(0x10000), 0, END)},
    {"lock 16 of a core", ENGINE_BAD_ADDRESS,
     BODY(OP(WRITE32, 3), CORE(AIEML_CORE_LOCK + 0x100), 0, END)},
    {"between two locks", ENGINE_BAD_ADDRESS,
     BODY(OP(WRITE32, 3), CORE(AIEML_CORE_LOCK + 4), 0, END)},
    {"BD 16 of a core", ENGINE_BAD_ADDRESS,
     BODY(OP(WRITE32, 3), CORE(AIEML_CORE_DMA_BD + 16 * 32), 0, END)},
    {"word 6 of a core's BD", ENGINE_BAD_ADDRESS,
     BODY(OP(WRITE32, 3), CORE(AIEML_CORE_DMA_BD + 24), 0, END)},
    {"a DMA register of a shim without DMA", ENGINE_BAD_ADDRESS,
     BODY(OP(WRITE32, 3), AIEML_ADDRESS(0, 0, AIEML_SHIM_DMA_BD), 0, END)},
    {"writing a status", ENGINE_BAD_ADDRESS,
     BODY(OP(WRITE32, 3), CORE(AIEML_CORE_CORE_STATUS), 0, END)},
    {"reading a queue", ENGINE_BAD_ADDRESS,
     BODY(OP(MASK_POLL, 5), CORE(AIEML_CORE_DMA_S2MM_QUEUE), 1, 1, 9, END)},
    {"masked write of a queue, which reads it", ENGINE_BAD_ADDRESS,
     BODY(OP(MASK_WRITE32, 4), CORE(AIEML_CORE_DMA_S2MM_QUEUE), 1, 1, END)},
    {"program memory, around the checks of LOAD_CORE", ENGINE_BAD_ADDRESS,
     BODY(OP(WRITE32, 3), CORE(AIEML_CORE_PROGRAM_MEMORY), 0, END)},
    {"a block that leaves the memory", ENGINE_BAD_ADDRESS,
     BODY(OP(BLOCK_WRITE, 4), CORE(0xfffc), 0, 0, END)},
    {"a set that leaves the memory", ENGINE_BAD_ADDRESS,
     BODY(OP(BLOCK_SET, 4), CORE(4), 16384, 0, END)},
    {"a set of nothing", ENGINE_BAD_OPERAND, BODY(OP(BLOCK_SET, 4), CORE(0), 0, 0, END)},
    {"a set past the tile", ENGINE_BAD_OPERAND, BODY(OP(BLOCK_SET, 4), MEM(0), 262145, 0, END)},
    {"a set that wraps around", ENGINE_BAD_OPERAND,
     BODY(OP(BLOCK_SET, 4), MEM(0), 0xffffffff, 0, END)},
    {"a value outside the mask", ENGINE_BAD_OPERAND,
     BODY(OP(MASK_WRITE32, 4), CORE(AIEML_CORE_CORE_CONTROL), 1, 2, END)},
    {"a poll outside the mask", ENGINE_BAD_OPERAND,
     BODY(OP(MASK_POLL, 5), CORE(AIEML_CORE_CORE_STATUS), 1, 2, 9, END)},
    {"a poll without bound", ENGINE_BAD_WAIT,
     BODY(OP(MASK_POLL, 5), CORE(AIEML_CORE_CORE_STATUS), 1, 1, 0, END)},
    {"a poll beyond the bound", ENGINE_BAD_WAIT,
     BODY(OP(MASK_POLL, 5), CORE(AIEML_CORE_CORE_STATUS), 1, 1, ADFC_MAX_WAIT + 1, END)},
    {"a wait without bound", ENGINE_BAD_WAIT,
     BODY(OP(WAIT_TASK, 5), RCB_TILE(2, 0), RCB_DIRECTION_S2MM, 0, 0, END)},
    {"a wait in no direction", ENGINE_BAD_OPERAND,
     BODY(OP(WAIT_TASK, 5), RCB_TILE(2, 0), 2, 0, 9, END)},
    {"a wait for channel 2", ENGINE_BAD_OPERAND,
     BODY(OP(WAIT_TASK, 5), RCB_TILE(2, 0), RCB_DIRECTION_S2MM, 2, 9, END)},
    {"a wait for channel 6 of a memtile", ENGINE_BAD_OPERAND,
     BODY(OP(WAIT_TASK, 5), RCB_TILE(2, 1), RCB_DIRECTION_MM2S, 6, 9, END)},
    {"a wait for a shim without DMA", ENGINE_BAD_TILE,
     BODY(OP(WAIT_TASK, 5), RCB_TILE(0, 0), RCB_DIRECTION_S2MM, 0, 9, END)},
    {"a wait for no tile", ENGINE_BAD_TILE,
     BODY(OP(WAIT_TASK, 5), RCB_TILE(38, 0), RCB_DIRECTION_S2MM, 0, 9, END)},
    {"binding word 0 of a BD", ENGINE_BAD_ADDRESS,
     BODY(OP(BIND_BUFFER, 5), SHIM(AIEML_SHIM_DMA_BD), 0, 0, 0, END)},
    {"binding word 2 of a BD", ENGINE_BAD_ADDRESS,
     BODY(OP(BIND_BUFFER, 5), SHIM(AIEML_SHIM_DMA_BD + 8), 0, 0, 0, END)},
    {"binding a memtile's BD", ENGINE_BAD_ADDRESS,
     BODY(OP(BIND_BUFFER, 5), MEM(AIEML_MEM_DMA_BD + 4), 0, 0, 0, END)},
    {"binding another register", ENGINE_BAD_ADDRESS,
     BODY(OP(BIND_BUFFER, 5), SHIM(AIEML_SHIM_DMA_S2MM_QUEUE), 0, 0, 0, END)},
    {"a buffer that the header does not count", ENGINE_BAD_BUFFER,
     BODY(OP(BIND_BUFFER, 5), SHIM(AIEML_SHIM_DMA_BD + 4), 3, 0, 0, END)},
    {"an offset past the buffer", ENGINE_BAD_BUFFER,
     BODY(OP(BIND_BUFFER, 5), SHIM(AIEML_SHIM_DMA_BD + 4), RCB_BUFFER_ARENA, 4096, 0, END)},
    {"an offset past 4 GB", ENGINE_BAD_BUFFER,
     BODY(OP(BIND_BUFFER, 5), SHIM(AIEML_SHIM_DMA_BD + 4), RCB_BUFFER_ARENA, 0, 1, END)},
    {"an odd offset", ENGINE_BAD_BUFFER,
     BODY(OP(BIND_BUFFER, 5), SHIM(AIEML_SHIM_DMA_BD + 4), RCB_BUFFER_ARENA, 2, 0, END)},
    {"sync of no buffer", ENGINE_BAD_BUFFER, BODY(OP(CACHE_SYNC, 3), 3, 0, END)},
    {"sync in no direction", ENGINE_BAD_OPERAND, BODY(OP(CACHE_SYNC, 3), 0, 2, END)},
    {"loading a memtile", ENGINE_BAD_TILE, BODY(OP(LOAD_CORE, 4), RCB_TILE(2, 1), 0, 2, END)},
    {"loading no tile", ENGINE_BAD_TILE, BODY(OP(LOAD_CORE, 4), RCB_TILE(2, 11), 0, 2, END)},
    {"loading from an odd offset", ENGINE_BAD_OPERAND,
     BODY(OP(LOAD_CORE, 4), RCB_TILE(2, 3), 2, 2, END)},
    {"loading past the section", ENGINE_BAD_OPERAND,
     BODY(OP(LOAD_CORE, 4), RCB_TILE(2, 3), 48, 2, END)},
    {"loading from past the section", ENGINE_BAD_OPERAND,
     BODY(OP(LOAD_CORE, 4), RCB_TILE(2, 3), 56, 0xffffffff, END)},
    {"a core in the lowest row releases to the south", ENGINE_BAD_CORE_PROGRAM,
     BODY(OP(LOAD_CORE, 4), RCB_TILE(2, 3), SOUTH, 3, END)},
    {"the row above it does", ENGINE_OK, BODY(OP(LOAD_CORE, 4), RCB_TILE(2, 4), SOUTH, 3, END)},
    {"a core in column 0 releases to the west", ENGINE_BAD_CORE_PROGRAM,
     BODY(OP(LOAD_CORE, 4), RCB_TILE(0, 4), WEST, 3, END)},
    {"column 1 does", ENGINE_OK, BODY(OP(LOAD_CORE, 4), RCB_TILE(1, 3), WEST, 3, END)},
    {"a core in the highest row releases to the north", ENGINE_BAD_CORE_PROGRAM,
     BODY(OP(LOAD_CORE, 4), RCB_TILE(2, 10), NORTH, 3, END)},
    {"the row below it does", ENGINE_OK, BODY(OP(LOAD_CORE, 4), RCB_TILE(0, 9), NORTH, 3, END)},
    {"loading a bad core program", ENGINE_BAD_CORE_PROGRAM,
     BODY(OP(LOAD_CORE, 4), RCB_TILE(2, 3), 8, 2, END)},
};

static uint32_t count_instructions(const struct body *b) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < b->words && RCB_LENGTH(b->body[i]); i += RCB_LENGTH(b->body[i]))
    ++n;
  return n;
}

static void each_rule(void) {
  for (unsigned i = 0; i < sizeof bodies / sizeof *bodies; ++i) {
    const struct body *b = &bodies[i];
    uint32_t words[RCB_HEADER_WORDS + MAX_WORDS];
    struct engine_fault fault;
    struct engine_result result;
    char text[256];
    memcpy(words + RCB_HEADER_WORDS, b->body, sizeof b->body);
    struct engine_image image = make(words, b->words);
    seal(&image, count_instructions(b), 0);
    mock_reset();
    int status = engine_verify(&image, &fault);
    if (status != b->status || (int)fault.status != status)
      CHECK_FAIL("%s: status %d, expected %d", b->name, status, b->status);
    if (status == ENGINE_OK)
      continue;
    CHECK_EQ(engine_run(&image, &result), ENGINE_NOT_VERIFIED);
    CHECK_EQ(mock_count, 0);
    engine_fault_text(&fault, text, sizeof text);
    CHECK((status == ENGINE_BAD_OPCODE || !strstr(text, "unknown")) && !strchr(text, '\n') &&
          strlen(text) > 20);
  }
}

/* The bound in the header is the sum of all waits, held at 2^32 - 1. */
static void waits_are_summed(void) {
  uint32_t words[RCB_HEADER_WORDS + 5 * 17 + 1];
  struct engine_fault fault;
  for (uint32_t i = 0; i < 17; ++i) {
    uint32_t wait[] = {OP(WAIT_TASK, 5), RCB_TILE(2, 0), RCB_DIRECTION_MM2S, 1, ADFC_MAX_WAIT};
    memcpy(words + RCB_HEADER_WORDS + 5 * i, wait, sizeof wait);
  }
  words[RCB_HEADER_WORDS + 5 * 17] = END;
  struct engine_image image = make(words, 5 * 17 + 1);
  seal(&image, 18, UINT32_MAX);
  CHECK_EQ(engine_verify(&image, &fault), ENGINE_OK);
  seal(&image, 18, 17u * ADFC_MAX_WAIT);
  CHECK_EQ(engine_verify(&image, &fault), ENGINE_BAD_COUNT);
}

static void headers_are_checked(void) {
  static const struct {
    uint32_t word, value;
    int status;
  } cases[] = {
      {RCB_HEADER_MAGIC, 0, ENGINE_BAD_HEADER},
      {RCB_HEADER_VERSION, 2, ENGINE_BAD_HEADER},
      {RCB_HEADER_TOTAL_WORDS, 9, ENGINE_BAD_HEADER},
      {RCB_HEADER_DEVICE, 999, ENGINE_WRONG_DEVICE},
      {RCB_HEADER_INSTRUCTIONS, 3, ENGINE_BAD_COUNT},
      {RCB_HEADER_BUFFERS, RCB_BUFFER_COUNT + 1, ENGINE_BAD_COUNT},
      {RCB_HEADER_MAX_WAIT_CYCLES, 1, ENGINE_BAD_COUNT},
      {RCB_HEADER_BODY_CRC32, 0, ENGINE_BAD_CRC},
      {RCB_HEADER_WORDS, OP(BARRIER, 1), ENGINE_BAD_CRC},
  };
  struct engine_fault fault;
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; ++i) {
    uint32_t words[] = {0, 0, 0, 0, 0, 0, 0, 0, OP(NOP, 1), END};
    struct engine_image image = make(words, 2);
    seal(&image, 2, 0);
    CHECK_EQ(engine_verify(&image, &fault), ENGINE_OK);
    words[cases[i].word] = cases[i].value;
    if (engine_verify(&image, &fault) != cases[i].status)
      CHECK_FAIL("header case %u: status %u", i, fault.status);
  }
  uint32_t words[RCB_HEADER_WORDS + 1] = {0};
  struct engine_image image = make(words, 0);
  for (image.program_words = 0; image.program_words <= RCB_HEADER_WORDS; ++image.program_words)
    CHECK_EQ(engine_verify(&image, &fault), ENGINE_BAD_HEADER);
}

static void faults_name_their_place(void) {
  uint32_t words[] = {0, 0,  0, 0, 0, 0, 0, 0, OP(PHASE, 2), 5, OP(WRITE32, 3), CORE(0x10000),
                      0, END};
  struct engine_fault fault;
  char text[256], tiny[8];
  struct engine_image image = make(words, 6);
  seal(&image, 3, 0);
  CHECK_EQ(engine_verify(&image, &fault), ENGINE_BAD_ADDRESS);
  CHECK_EQ(fault.pc, 10);
  CHECK_EQ(fault.phase, 5);
  CHECK_EQ(fault.tile, RCB_TILE(2, 3));
  CHECK_EQ(fault.reg, 0x10000);
  engine_fault_text(&fault, text, sizeof text);
  CHECK_CONTAINS(text, "word 10 (WRITE32 tile 2,3 register 0x10000) in phase 5");
  engine_fault_text(&fault, tiny, sizeof tiny);
  CHECK_EQ(strlen(tiny), 7);
}

/* Any single flipped bit of a program of every kind of instruction is found. */
static void flipped_bits_are_found(void) {
  uint32_t words[RCB_HEADER_WORDS + MAX_WORDS] = {0}, at = RCB_HEADER_WORDS;
  struct engine_fault fault;
  for (unsigned i = 1; i < 11 && bodies[i].status == ENGINE_OK; ++i) {
    if (bodies[i].words > 8)
      continue;
    memcpy(words + at, bodies[i].body, 4 * bodies[i].words);
    at += bodies[i].words - 1; /* the next one overwrites END */
  }
  uint32_t body = at + 1 - RCB_HEADER_WORDS;
  struct engine_image image = make(words, body);
  struct body all = {"all", ENGINE_OK, body, {0}};
  memcpy(all.body, words + RCB_HEADER_WORDS, 4 * body);
  seal(&image, count_instructions(&all), 0);
  CHECK_EQ(engine_verify(&image, &fault), ENGINE_OK);
  for (uint32_t bit = 0; bit < 32 * image.program_words; ++bit) {
    if (bit / 32 == RCB_HEADER_BUFFERS)
      continue; /* a bound, which may be larger than what is used */
    words[bit / 32] ^= 1u << bit % 32;
    CHECK(engine_verify(&image, &fault) != ENGINE_OK);
    words[bit / 32] ^= 1u << bit % 32;
  }
}

int main(void) {
  RUN(each_rule);
  RUN(waits_are_summed);
  RUN(headers_are_checked);
  RUN(faults_name_their_place);
  RUN(flipped_bits_are_found);
  return check_report();
}
