/* Core programs: one good program, and for each rule one that breaks it. */
#include "adfc/engine.h"
#include "adfc/spec/core_program.h"
#include "check.h"

#define OP(opcode, a, b) CORE_WORD0(CORE_OP_##opcode, (uint32_t)(a), (uint32_t)(b))
#define KERNELS 4
#define MAX_WORDS 40
#define EVERYWHERE (1u << CORE_OWN | 1u << CORE_SOUTH | 1u << CORE_WEST | 1u << CORE_NORTH)

/* What the calls below may touch. */
static const struct rimfs_kernel kernels[KERNELS] = {
    {"one", 1, 0, {0x100}},
    {"none", 0, 0, {0}},
    {"three", 3, 2, {4, 0x1000, 0x100}},
    {"long", 1, 0, {0x4004}},
};

struct program {
  const char *name;
  int fault;
  uint32_t at; /* the word at fault */
  uint32_t words;
  uint32_t body[MAX_WORDS]; /* without the header */
  uint32_t absent;          /* the modules that the core does not reach */
};

#define BODY_WITHOUT(absent, ...) sizeof((uint32_t[]){__VA_ARGS__}) / 4, {__VA_ARGS__}, absent
#define BODY(...) BODY_WITHOUT(0, __VA_ARGS__)

static const struct program programs[] = {
    {"all instructions", CORE_OK, 0,
     BODY(OP(WINDOW, 0, 2), 0x400, 0x2000, OP(WINDOW, 7, 1), 0xfffc, 0xfffffffc, OP(LOOP, 0, 0), 4,
          OP(ACQUIRE, 15, -64), OP(LOOP, 0, 0), 16, OP(ACQUIRE, 2, 63), OP(CALL, 3, 2), 2, 1234,
          CORE_BUFFER_WINDOW | 7, CORE_BUFFER_WINDOW, 0xff00, 1, 0xffffffff, OP(RELEASE, 3, -1),
          OP(ADVANCE, 7, 0), OP(NEXT, 0, 0), OP(NEXT, 0, 0), OP(DONE, 0, 0))},
    {"loops nested four deep", CORE_OK, 0,
     BODY(OP(LOOP, 0, 0), 1, OP(LOOP, 0, 0), 1, OP(LOOP, 0, 0), 1, OP(LOOP, 0, 0), 1,
          OP(NEXT, 0, 0), OP(NEXT, 0, 0), OP(NEXT, 0, 0), OP(NEXT, 0, 0), OP(DONE, 0, 0))},
    {"blocks of the cascade, up to its longest", CORE_OK, 0,
     BODY(OP(CALL, 3, 2), 2, 1, CORE_PROGRAM_CASCADE_IN, CORE_PROGRAM_CASCADE_OUT, 0, 0, 0,
          OP(DONE, 0, 0))},
    {"a block longer than the cascade's", CORE_BAD_ADDRESS, 1,
     BODY(OP(CALL, 1, 0), 3, 1, CORE_PROGRAM_CASCADE_OUT, OP(DONE, 0, 0))},
    {"a buffer behind the cascade's", CORE_BAD_ADDRESS, 1,
     BODY(OP(CALL, 1, 0), 0, 1, CORE_PROGRAM_CASCADE_OUT + 1, OP(DONE, 0, 0))},
    {"opcode 0", CORE_BAD_OPCODE, 1, BODY(0, OP(DONE, 0, 0))},
    {"opcode 10", CORE_BAD_OPCODE, 1, BODY(10, OP(DONE, 0, 0))},
    {"an unused field", CORE_BAD_OPCODE, 1,
     BODY(OP(LOOP, 1, 0), 1, OP(NEXT, 0, 0), OP(DONE, 0, 0))},
    {"another unused field", CORE_BAD_OPCODE, 1, BODY(OP(DONE, 0, 1))},
    {"a window past the end", CORE_BAD_LENGTH, 1, BODY(OP(WINDOW, 0, 1), 0)},
    {"a call past the end", CORE_BAD_LENGTH, 1, BODY(OP(CALL, 8, 8), 0, 1, 0)},
    {"lock 64", CORE_BAD_LOCK, 1, BODY(OP(ACQUIRE, 64, -1), OP(DONE, 0, 0))},
    {"lock 255", CORE_BAD_LOCK, 1, BODY(OP(RELEASE, 255, 1), OP(DONE, 0, 0))},
    {"locks of all neighbours", CORE_OK, 0,
     BODY(OP(ACQUIRE, 16, -1), OP(RELEASE, 31, 1), OP(ACQUIRE, 32, -1), OP(RELEASE, 47, 1),
          OP(ACQUIRE, 48, -1), OP(RELEASE, 63, 1), OP(DONE, 0, 0))},
    {"the last lock to the south, where nobody is", CORE_BAD_LOCK, 2,
     BODY_WITHOUT(1u << CORE_SOUTH, OP(ACQUIRE, 15, -1), OP(ACQUIRE, 31, -1), OP(DONE, 0, 0))},
    {"the first lock to the west, where nobody is", CORE_BAD_LOCK, 2,
     BODY_WITHOUT(1u << CORE_WEST, OP(ACQUIRE, 31, -1), OP(ACQUIRE, 32, -1), OP(DONE, 0, 0))},
    {"the first lock to the north, where nobody is", CORE_BAD_LOCK, 2,
     BODY_WITHOUT(1u << CORE_NORTH, OP(ACQUIRE, 47, -1), OP(RELEASE, 48, 1), OP(DONE, 0, 0))},
    {"lock value 64", CORE_BAD_LOCK, 1, BODY(OP(RELEASE, 0, 64), OP(DONE, 0, 0))},
    {"lock value -65", CORE_BAD_LOCK, 1, BODY(OP(ACQUIRE, 0, -65), OP(DONE, 0, 0))},
    {"window 8", CORE_BAD_WINDOW, 1, BODY(OP(WINDOW, 8, 1), 0, 0, OP(DONE, 0, 0))},
    {"a ring without buffers", CORE_BAD_WINDOW, 1, BODY(OP(WINDOW, 0, 0), 0, 0, OP(DONE, 0, 0))},
    {"a ring past the memory", CORE_BAD_ADDRESS, 1,
     BODY(OP(WINDOW, 0, 3), 0, 0x8000, OP(DONE, 0, 0))},
    {"a ring that wraps around", CORE_BAD_ADDRESS, 1,
     BODY(OP(WINDOW, 0, 0xffff), 0x100, 0xfffffffc, OP(DONE, 0, 0))},
    {"advance of an undeclared window", CORE_BAD_WINDOW, 1,
     BODY(OP(ADVANCE, 1, 0), OP(DONE, 0, 0))},
    {"a buffer of an undeclared window", CORE_BAD_WINDOW, 1,
     BODY(OP(CALL, 1, 0), 0, 1, CORE_BUFFER_WINDOW | 2, OP(DONE, 0, 0))},
    {"a buffer of window 32", CORE_BAD_WINDOW, 4,
     BODY(OP(WINDOW, 0, 1), 0, 0, OP(CALL, 1, 0), 0, 1, CORE_BUFFER_WINDOW | 32, OP(DONE, 0, 0))},
    {"a buffer past the memory", CORE_BAD_ADDRESS, 1,
     BODY(OP(CALL, 1, 0), 0, 1, 0x10000, OP(DONE, 0, 0))},
    {"a buffer at the memory's end", CORE_OK, 0,
     BODY(OP(CALL, 1, 0), 0, 1, 0xff00, OP(DONE, 0, 0))},
    {"a buffer that leaves the memory by a word", CORE_BAD_ADDRESS, 1,
     BODY(OP(CALL, 1, 0), 0, 1, 0xff04, OP(DONE, 0, 0))},
    {"buffers at the ends of the neighbours' memories", CORE_OK, 0,
     BODY(OP(CALL, 3, 2), 2, 1, 0x4fffc, 0x5f000, 0x6ff00, 0, 0, OP(CALL, 3, 2), 2, 1, 0x60000,
          0x40000, 0x50000, 0, 0, OP(DONE, 0, 0))},
    {"a buffer that goes on from the south to the west", CORE_BAD_ADDRESS, 1,
     BODY(OP(CALL, 1, 0), 0, 1, 0x4ff04, OP(DONE, 0, 0))},
    {"a buffer that leaves the northern memory by a word", CORE_BAD_ADDRESS, 1,
     BODY(OP(CALL, 1, 0), 0, 1, 0x6ff04, OP(DONE, 0, 0))},
    {"a buffer below the southern memory", CORE_BAD_ADDRESS, 1,
     BODY(OP(CALL, 1, 0), 0, 1, 0x3fffc, OP(DONE, 0, 0))},
    {"a buffer where hardware has the core's own memory", CORE_BAD_ADDRESS, 1,
     BODY(OP(CALL, 1, 0), 0, 1, 0x70000, OP(DONE, 0, 0))},
    {"a buffer to the south, where nobody is", CORE_BAD_ADDRESS, 1,
     BODY_WITHOUT(1u << CORE_SOUTH, OP(CALL, 1, 0), 0, 1, 0x40000, OP(DONE, 0, 0))},
    {"a buffer to the west, where nobody is", CORE_BAD_ADDRESS, 1,
     BODY_WITHOUT(1u << CORE_WEST, OP(CALL, 1, 0), 0, 1, 0x50000, OP(DONE, 0, 0))},
    {"a buffer to the north, where nobody is", CORE_BAD_ADDRESS, 1,
     BODY_WITHOUT(1u << CORE_NORTH, OP(CALL, 1, 0), 0, 1, 0x60000, OP(DONE, 0, 0))},
    {"rings in the neighbours' memories", CORE_OK, 0,
     BODY(OP(WINDOW, 0, 2), 0x40000, 0xff00, OP(WINDOW, 1, 1), 0x50000, 0, OP(WINDOW, 2, 3),
          0x6fd00, 0x100, OP(CALL, 1, 0), 0, 1, CORE_BUFFER_WINDOW, OP(CALL, 1, 0), 0, 1,
          CORE_BUFFER_WINDOW | 2, OP(DONE, 0, 0))},
    {"a ring that goes on from the own memory to the south", CORE_BAD_ADDRESS, 1,
     BODY(OP(WINDOW, 0, 2), 0, 0x40000, OP(DONE, 0, 0))},
    {"a ring that goes on from the west to the north", CORE_BAD_ADDRESS, 1,
     BODY(OP(WINDOW, 0, 2), 0x5fffc, 4, OP(DONE, 0, 0))},
    {"a ring whose last buffer goes on from the south to the west", CORE_BAD_ADDRESS, 4,
     BODY(OP(WINDOW, 0, 2), 0x40004, 0xff00, OP(CALL, 1, 0), 0, 1, CORE_BUFFER_WINDOW,
          OP(DONE, 0, 0))},
    {"a ring behind the own memory", CORE_BAD_ADDRESS, 1,
     BODY(OP(WINDOW, 0, 1), 0x10000, 0, OP(DONE, 0, 0))},
    {"a ring to the west, where nobody is", CORE_BAD_ADDRESS, 1,
     BODY_WITHOUT(1u << CORE_WEST, OP(WINDOW, 0, 1), 0x50000, 0, OP(DONE, 0, 0))},
    {"a buffer between two words", CORE_BAD_ADDRESS, 1,
     BODY(OP(CALL, 1, 0), 0, 1, 2, OP(DONE, 0, 0))},
    {"a window between two words", CORE_BAD_ADDRESS, 1,
     BODY(OP(WINDOW, 0, 1), 2, 0, OP(DONE, 0, 0))},
    {"a ring between two words", CORE_BAD_ADDRESS, 1, BODY(OP(WINDOW, 0, 5), 0, 1, OP(DONE, 0, 0))},
    {"a ring whose last buffer ends with the memory", CORE_OK, 0,
     BODY(OP(WINDOW, 0, 3), 0xfd00, 0x100, OP(CALL, 1, 0), 0, 1, CORE_BUFFER_WINDOW,
          OP(DONE, 0, 0))},
    {"a ring whose last buffer leaves the memory", CORE_BAD_ADDRESS, 4,
     BODY(OP(WINDOW, 0, 3), 0xfd04, 0x100, OP(CALL, 1, 0), 0, 1, CORE_BUFFER_WINDOW,
          OP(DONE, 0, 0))},
    {"the second buffer of a call is longer", CORE_BAD_ADDRESS, 1,
     BODY(OP(CALL, 3, 2), 2, 1, 0xf004, 0xf004, 0, 0, 0, OP(DONE, 0, 0))},
    {"a window declared after its calls", CORE_BAD_WINDOW, 8,
     BODY(OP(WINDOW, 0, 1), 0, 0, OP(CALL, 1, 0), 0, 1, CORE_BUFFER_WINDOW, OP(WINDOW, 0, 1),
          0xfffc, 0, OP(DONE, 0, 0))},
    {"a window declared in a loop", CORE_BAD_WINDOW, 6,
     BODY(OP(WINDOW, 0, 1), 0, 0, OP(LOOP, 0, 0), 2, OP(WINDOW, 0, 1), 0xfffc, 0, OP(NEXT, 0, 0),
          OP(DONE, 0, 0))},
    {"a program that starts again", CORE_OK, 0,
     BODY(OP(WINDOW, 0, 1), 0, 0, OP(ACQUIRE, 0, 0xffff), OP(CALL, 1, 0), 0, 1, CORE_BUFFER_WINDOW,
          OP(RESTART, 0, 0))},
    {"a program that starts again in a loop", CORE_BAD_END, 3,
     BODY(OP(LOOP, 0, 0), 2, OP(RESTART, 0, 0))},
    {"a restart before the end", CORE_BAD_END, 1, BODY(OP(RESTART, 0, 0), OP(DONE, 0, 0))},
    {"a call of other buffers than the kernel's", CORE_BAD_CALL, 1,
     BODY(OP(CALL, 0, 0), 0, 1, OP(DONE, 0, 0))},
    {"a call of other immediates than the kernel's", CORE_BAD_CALL, 1,
     BODY(OP(CALL, 0, 1), 1, 1, 5, OP(DONE, 0, 0))},
    {"a call that takes no time", CORE_BAD_CALL, 1, BODY(OP(CALL, 0, 0), 1, 0, OP(DONE, 0, 0))},
    {"no such kernel", CORE_BAD_CALL, 1, BODY(OP(CALL, 0, 0), KERNELS, 1, OP(DONE, 0, 0))},
    {"nine buffers", CORE_BAD_CALL, 1,
     BODY(OP(CALL, 9, 0), 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, OP(DONE, 0, 0))},
    {"nine immediates", CORE_BAD_CALL, 1,
     BODY(OP(CALL, 0, 9), 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, OP(DONE, 0, 0))},
    {"a loop of count 0", CORE_BAD_LOOP, 1,
     BODY(OP(LOOP, 0, 0), 0, OP(NEXT, 0, 0), OP(DONE, 0, 0))},
    {"next without loop", CORE_BAD_LOOP, 1, BODY(OP(NEXT, 0, 0), OP(DONE, 0, 0))},
    {"loops nested five deep", CORE_BAD_LOOP, 9,
     BODY(OP(LOOP, 0, 0), 1, OP(LOOP, 0, 0), 1, OP(LOOP, 0, 0), 1, OP(LOOP, 0, 0), 1,
          OP(LOOP, 0, 0), 1, OP(DONE, 0, 0))},
    {"done in a loop", CORE_BAD_END, 3, BODY(OP(LOOP, 0, 0), 1, OP(DONE, 0, 0))},
    {"done before the end", CORE_BAD_END, 1, BODY(OP(DONE, 0, 0), OP(DONE, 0, 0))},
    {"no done", CORE_BAD_END, 1, BODY(OP(RELEASE, 0, 1))},
    {"a loop of 2^32 - 1", CORE_ENDLESS, 1,
     BODY(OP(LOOP, 0, 0), 0xffffffff, OP(NEXT, 0, 0), OP(DONE, 0, 0))},
    {"loops of 2^31 in all", CORE_ENDLESS, 3,
     BODY(OP(LOOP, 0, 0), 0x10000, OP(LOOP, 0, 0), 0x8000, OP(NEXT, 0, 0), OP(NEXT, 0, 0),
          OP(DONE, 0, 0))},
    {"twice 2^27 steps, and the loop's own", CORE_ENDLESS, 4,
     BODY(OP(LOOP, 0, 0), 0x8000000, OP(RELEASE, 0, 1), OP(RELEASE, 0, 1), OP(NEXT, 0, 0),
          OP(DONE, 0, 0))},
};

static void each_rule(void) {
  for (unsigned i = 0; i < sizeof programs / sizeof *programs; ++i) {
    const struct program *p = &programs[i];
    uint32_t words[MAX_WORDS + 1], at;
    words[0] = CORE_PROGRAM_HEADER(p->words + 1);
    memcpy(words + 1, p->body, sizeof p->body);
    int fault = core_verify(words, p->words + 1, kernels, KERNELS, EVERYWHERE & ~p->absent, &at);
    if (fault != p->fault || (fault && at != p->at))
      CHECK_FAIL("%s: fault %d at %u, expected %d at %u", p->name, fault, at, p->fault, p->at);
  }
}

static void headers(void) {
  uint32_t at, good[] = {CORE_PROGRAM_HEADER(2), OP(DONE, 0, 0)};
  CHECK_EQ(core_verify(good, 2, NULL, 0, EVERYWHERE, &at), CORE_OK);
  CHECK_EQ(core_verify(good, 1, NULL, 0, EVERYWHERE, &at), CORE_BAD_HEADER);
  CHECK_EQ(core_verify(good, 0, NULL, 0, EVERYWHERE, &at), CORE_BAD_HEADER);
  for (unsigned bit = 0; bit < 32; ++bit) {
    uint32_t bad[] = {good[0] ^ 1u << bit, good[1]};
    CHECK_EQ(core_verify(bad, 2, NULL, 0, EVERYWHERE, &at), CORE_BAD_HEADER);
  }
}

static void program_memory_bounds_it(void) {
  static uint32_t words[CORE_PROGRAM_MEMORY_BYTES / 4 + 1];
  uint32_t at, count = CORE_PROGRAM_MEMORY_BYTES / 4;
  for (uint32_t i = 1; i <= count; ++i)
    words[i] = OP(RELEASE, 0, 1);
  words[0] = CORE_PROGRAM_HEADER(count);
  words[count - 1] = OP(DONE, 0, 0);
  CHECK_EQ(core_verify(words, count, NULL, 0, EVERYWHERE, &at), CORE_OK);
  words[0] = CORE_PROGRAM_HEADER(count + 1);
  words[count - 1] = OP(RELEASE, 0, 1);
  words[count] = OP(DONE, 0, 0);
  CHECK_EQ(core_verify(words, count + 1, NULL, 0, EVERYWHERE, &at), CORE_BAD_HEADER);
}

int main(void) {
  RUN(each_rule);
  RUN(headers);
  RUN(program_memory_bounds_it);
  return check_report();
}
