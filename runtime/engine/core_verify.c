/* Checks core programs: linear code with counted loops, which must end and stay inside its tile. */
#include "adfc/engine.h"
#include "adfc/spec/core_program.h"

struct shape {
  uint8_t words; /* without lists */
  uint8_t lists;
  uint8_t a_used, b_used;
};

static const struct shape shapes[] = {
#define X(name, opcode, words, lists, a_used, b_used) [opcode] = {words, lists, a_used, b_used},
    CORE_INSTRUCTIONS(X)
#undef X
};

/* What is known of a window where the scan stands. */
struct window {
  uint32_t last;  /* the highest address at which one of its buffers may begin */
  uint32_t bytes; /* the longest buffer that a kernel may take there */
};

struct scan {
  const struct rimfs_kernel *table;
  uint32_t kernels;
  uint32_t declared; /* bit i: window i */
  struct window windows[CORE_PROGRAM_WINDOWS];
  uint32_t depth;
  uint64_t
      times[CORE_PROGRAM_LOOP_DEPTH + 1]; /* how often each open loop's body is executed in all */
};

static int check_lock(uint32_t word0) {
  int value = (int16_t)CORE_B(word0);
  return CORE_A(word0) < CORE_PROGRAM_LOCKS && value >= CORE_PROGRAM_LOCK_VALUE_MIN &&
                 value <= CORE_PROGRAM_LOCK_VALUE_MAX
             ? CORE_OK
             : CORE_BAD_LOCK;
}

static int is_declared(const struct scan *s, uint32_t window) {
  return window < CORE_PROGRAM_WINDOWS && (s->declared >> window & 1);
}

/* Whether `bytes` bytes from `address` on lie in the tile's data memory. */
static int check_extent(uint64_t address, uint32_t bytes) {
  return address % 4 == 0 && address < CORE_PROGRAM_DATA_MEMORY_BYTES &&
                 bytes <= CORE_PROGRAM_DATA_MEMORY_BYTES - address
             ? CORE_OK
             : CORE_BAD_ADDRESS;
}

static int declare_window(struct scan *s, const uint32_t *w) {
  uint32_t number = CORE_A(w[0]), depth = CORE_B(w[0]);
  if (number >= CORE_PROGRAM_WINDOWS || depth == 0)
    return CORE_BAD_WINDOW;
  struct window *window = &s->windows[number];
  uint64_t last = w[CORE_WINDOW_BASE] + (uint64_t)(depth - 1) * w[CORE_WINDOW_STRIDE];
  if ((w[CORE_WINDOW_BASE] | w[CORE_WINDOW_STRIDE]) % 4 || check_extent(last, 0))
    return CORE_BAD_ADDRESS;
  /* Outside of loops a declaration ends the one before. In a loop, calls that stand before it are
   * made after it too, so that each call must fit each declaration. */
  if (s->depth == 0)
    *window = (struct window){0, 0};
  if (last > window->last)
    window->last = (uint32_t)last;
  s->declared |= 1u << number;
  return check_extent(window->last, window->bytes);
}

static int check_buffer(struct scan *s, uint32_t operand, uint32_t bytes) {
  if (!(operand & CORE_BUFFER_WINDOW))
    return check_extent(operand, bytes);
  uint32_t number = operand & ~CORE_BUFFER_WINDOW;
  if (!is_declared(s, number))
    return CORE_BAD_WINDOW;
  struct window *window = &s->windows[number];
  if (bytes > window->bytes)
    window->bytes = bytes;
  return check_extent(window->last, window->bytes);
}

static int check_call(struct scan *s, const uint32_t *w) {
  uint32_t buffers = CORE_A(w[0]), immediates = CORE_B(w[0]);
  if (buffers > CORE_PROGRAM_CALL_BUFFERS || immediates > CORE_PROGRAM_CALL_IMMEDIATES ||
      w[CORE_CALL_KERNEL] >= s->kernels || w[CORE_CALL_CYCLES] == 0)
    return CORE_BAD_CALL;
  const struct rimfs_kernel *kernel = &s->table[w[CORE_CALL_KERNEL]];
  if (buffers != kernel->buffers || immediates != kernel->immediates)
    return CORE_BAD_CALL;
  for (uint32_t i = 0; i < buffers; ++i) {
    int fault = check_buffer(s, w[CORE_CALL_LISTS + i], kernel->bytes[i]);
    if (fault)
      return fault;
  }
  return CORE_OK;
}

_Static_assert(CORE_PROGRAM_CALL_BUFFERS == RIMFS_KERNEL_BUFFERS,
               "a record has a length for each buffer of a call");

static int open_loop(struct scan *s, uint32_t count) {
  if (s->depth == CORE_PROGRAM_LOOP_DEPTH || count == 0)
    return CORE_BAD_LOOP;
  s->times[s->depth + 1] = s->times[s->depth] * count;
  ++s->depth;
  /* Both factors are below 2^32, for each loop is checked before the next one opens. */
  return s->times[s->depth] > CORE_PROGRAM_MAX_STEPS ? CORE_ENDLESS : CORE_OK;
}

static int check_instruction(struct scan *s, const uint32_t *w, int last) {
  if ((CORE_OPCODE(w[0]) == CORE_OP_DONE) != last)
    return CORE_BAD_END;
  switch (CORE_OPCODE(w[0])) {
  case CORE_OP_ACQUIRE:
  case CORE_OP_RELEASE:
    return check_lock(w[0]);
  case CORE_OP_WINDOW:
    return declare_window(s, w);
  case CORE_OP_ADVANCE:
    return is_declared(s, CORE_A(w[0])) ? CORE_OK : CORE_BAD_WINDOW;
  case CORE_OP_LOOP:
    return open_loop(s, w[CORE_LOOP_COUNT]);
  case CORE_OP_NEXT:
    if (s->depth == 0)
      return CORE_BAD_LOOP;
    --s->depth;
    return CORE_OK;
  case CORE_OP_CALL:
    return check_call(s, w);
  default: /* DONE */
    return s->depth ? CORE_BAD_END : CORE_OK;
  }
}

/* Length of the instruction at `w` in words, of which `left` are there; 0 with *fault set where it
 * is none. */
static uint32_t measure(const uint32_t *w, uint32_t left, int *fault) {
  uint32_t opcode = CORE_OPCODE(w[0]);
  if (opcode >= sizeof shapes / sizeof *shapes || !shapes[opcode].words ||
      (!shapes[opcode].a_used && CORE_A(w[0])) || (!shapes[opcode].b_used && CORE_B(w[0]))) {
    *fault = CORE_BAD_OPCODE;
    return 0;
  }
  uint32_t words = shapes[opcode].words;
  if (shapes[opcode].lists)
    words += CORE_A(w[0]) + CORE_B(w[0]);
  if (words > left) {
    *fault = CORE_BAD_LENGTH;
    return 0;
  }
  return words;
}

int core_verify(const uint32_t *program, uint32_t words, const struct rimfs_kernel *table,
                uint32_t kernels, uint32_t *at) {
  struct scan s = {.table = table, .kernels = kernels, .times = {1}};
  uint64_t steps = 0;
  *at = 0;
  if (words < 2 || words > CORE_PROGRAM_MEMORY_BYTES / 4 ||
      program[0] != CORE_PROGRAM_HEADER(words))
    return CORE_BAD_HEADER;
  for (uint32_t pc = 1, length; pc < words; pc += length) {
    int fault = CORE_OK;
    *at = pc;
    steps += s.times[s.depth];
    length = measure(program + pc, words - pc, &fault);
    if (length)
      fault = check_instruction(&s, program + pc, pc + length == words);
    if (fault)
      return fault;
    if (steps > CORE_PROGRAM_MAX_STEPS)
      return CORE_ENDLESS;
  }
  return CORE_OK;
}
