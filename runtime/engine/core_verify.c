/* Checks core programs: linear code with counted loops, which must end (or, with RESTART, each pass
 * of which must) and stay inside its tile and the neighbours that a core reaches. */
#include "address.h"
#include "adfc/engine.h"
#include "adfc/spec/core_program.h"

ENGINE_SMALL_BEGIN

_Static_assert(CORE_OP_RESTART == CORE_OP_DONE + 1, "what ends a program has the highest opcodes");

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
  uint32_t modules;  /* bit i: module i, of enum core_module */
  uint32_t declared; /* bit i: window i */
  struct window windows[CORE_PROGRAM_WINDOWS];
  uint32_t depth;
  uint32_t begun; /* past the WINDOWs, which come first: RESTART goes on behind them */
  uint64_t
      times[CORE_PROGRAM_LOOP_DEPTH + 1]; /* how often each open loop's body is executed in all */
};

/* Whether the core reaches the module. */
/*@ requires \valid_read(s);
    assigns \nothing;
    ensures \result != 0 ==> module < CORE_MODULES; */
static int is_reached(const struct scan *s, uint32_t module) {
  return module < CORE_MODULES && (s->modules >> module & 1);
}

/*@ requires \valid_read(s);
    assigns \nothing; */
static int check_lock(const struct scan *s, uint32_t word0) {
  int value = (int16_t)CORE_B(word0);
  uint32_t module = CORE_LOCK_MODULE(CORE_A(word0));
  /* Below 32 it always is, which compilers see and the prover does not. */
  return module < 32 && (s->modules >> module & 1) && value >= CORE_PROGRAM_LOCK_VALUE_MIN &&
                 value <= CORE_PROGRAM_LOCK_VALUE_MAX
             ? CORE_OK
             : CORE_BAD_LOCK;
}

/*@ requires \valid_read(s);
    assigns \nothing;
    ensures \result != 0 ==> window < CORE_PROGRAM_WINDOWS; */
static int is_declared(const struct scan *s, uint32_t window) {
  return window < CORE_PROGRAM_WINDOWS && (s->declared >> window & 1);
}

/* Whether `bytes` bytes from `address` on lie in one of the data memories that the core reaches. */
/*@ requires \valid_read(s);
    assigns \nothing;
    ensures \result == CORE_OK ==> CORE_ADDRESS_MODULE(address) < CORE_MODULES;
    ensures \result == CORE_OK ==>
            address % CORE_PROGRAM_DATA_MEMORY_BYTES + bytes <= CORE_PROGRAM_DATA_MEMORY_BYTES; */
static int check_extent(const struct scan *s, uint32_t address, uint32_t bytes) {
  return address % 4 == 0 && is_reached(s, CORE_ADDRESS_MODULE(address)) &&
                 bytes <= CORE_PROGRAM_DATA_MEMORY_BYTES - address % CORE_PROGRAM_DATA_MEMORY_BYTES
             ? CORE_OK
             : CORE_BAD_ADDRESS;
}

/*@ requires \valid(s) && \valid_read(w + (0 .. 2)) && \separated(s, w + (0 .. 2));
    assigns s->declared, s->windows[0 .. CORE_PROGRAM_WINDOWS - 1]; */
static int declare_window(struct scan *s, const uint32_t *w) {
  uint32_t number = CORE_A(w[0]), depth = CORE_B(w[0]);
  if (number >= CORE_PROGRAM_WINDOWS || depth == 0)
    return CORE_BAD_WINDOW;
  struct window *window = &s->windows[number];
  uint32_t base = w[CORE_WINDOW_BASE];
  uint64_t last = base + (uint64_t)(depth - 1) * w[CORE_WINDOW_STRIDE];
  if ((base | w[CORE_WINDOW_STRIDE]) % 4 ||
      CORE_ADDRESS_MODULE(last) != CORE_ADDRESS_MODULE(base) ||
      !is_reached(s, (uint32_t)CORE_ADDRESS_MODULE(last)))
    return CORE_BAD_ADDRESS;
  *window = (struct window){(uint32_t)last, 0};
  s->declared |= 1u << number;
  return CORE_OK;
}

/*@ requires \valid(s);
    assigns s->windows[0 .. CORE_PROGRAM_WINDOWS - 1];
    ensures \result == CORE_OK && operand < CORE_PROGRAM_CASCADE_IN ==>
            operand % CORE_PROGRAM_DATA_MEMORY_BYTES + bytes <= CORE_PROGRAM_DATA_MEMORY_BYTES; */
static int check_buffer(struct scan *s, uint32_t operand, uint32_t bytes) {
  if (operand == CORE_PROGRAM_CASCADE_IN || operand == CORE_PROGRAM_CASCADE_OUT)
    return bytes <= CORE_PROGRAM_CASCADE_BYTES ? CORE_OK : CORE_BAD_ADDRESS;
  if (operand >= CORE_BUFFER_WINDOW) {
    uint32_t number = operand - CORE_BUFFER_WINDOW;
    if (!is_declared(s, number))
      return CORE_BAD_WINDOW;
    struct window *window = &s->windows[number];
    if (bytes > window->bytes)
      window->bytes = bytes;
    operand = window->last;
    bytes = window->bytes;
  }
  return check_extent(s, operand, bytes);
}

/*@ requires \valid(s) && \valid_read(w + (0 .. 2));
    requires \valid_read(w + (0 .. 2 + CORE_A(w[0]) + CORE_B(w[0])));
    requires \separated(s, w + (0 .. 2 + CORE_A(w[0]) + CORE_B(w[0])));
    requires \valid_read(s->table + (0 .. s->kernels - 1));
    requires \separated(s, s->table + (0 .. s->kernels - 1));
    assigns s->windows[0 .. CORE_PROGRAM_WINDOWS - 1]; */
static int check_call(struct scan *s, const uint32_t *w) {
  uint32_t buffers = CORE_A(w[0]), immediates = CORE_B(w[0]);
  if (buffers > CORE_PROGRAM_CALL_BUFFERS || immediates > CORE_PROGRAM_CALL_IMMEDIATES ||
      w[CORE_CALL_KERNEL] >= s->kernels || w[CORE_CALL_CYCLES] == 0)
    return CORE_BAD_CALL;
  const struct rimfs_kernel *kernel = &s->table[w[CORE_CALL_KERNEL]];
  if (buffers != kernel->buffers || immediates != kernel->immediates)
    return CORE_BAD_CALL;
  /*@ loop invariant 0 <= i <= buffers;
      loop assigns i, s->windows[0 .. CORE_PROGRAM_WINDOWS - 1];
      loop variant buffers - i; */
  for (uint32_t i = 0; i < buffers; ++i) {
    int fault = check_buffer(s, w[CORE_CALL_LISTS + i], kernel->bytes[i]);
    if (fault)
      return fault;
  }
  return CORE_OK;
}

_Static_assert(CORE_PROGRAM_CALL_BUFFERS == RIMFS_KERNEL_BUFFERS,
               "a record has a length for each buffer of a call");

/*@ requires \valid(s) && s->depth <= CORE_PROGRAM_LOOP_DEPTH;
    assigns s->depth, s->times[0 .. CORE_PROGRAM_LOOP_DEPTH];
    ensures s->depth <= CORE_PROGRAM_LOOP_DEPTH; */
static int open_loop(struct scan *s, uint32_t count) {
  if (s->depth == CORE_PROGRAM_LOOP_DEPTH || count == 0)
    return CORE_BAD_LOOP;
  s->times[s->depth + 1] = s->times[s->depth] * count;
  ++s->depth;
  /* Both factors are below 2^32, for each loop is checked before the next one opens. */
  return s->times[s->depth] > CORE_PROGRAM_MAX_STEPS ? CORE_ENDLESS : CORE_OK;
}

/*@ requires \valid(s) && s->depth <= CORE_PROGRAM_LOOP_DEPTH;
    requires \valid_read(w) && \separated(s, w + (..));
    requires \valid_read(s->table + (0 .. s->kernels - 1));
    requires \separated(s, s->table + (0 .. s->kernels - 1));
    requires CORE_OPCODE(w[0]) == CORE_OP_WINDOW ==> \valid_read(w + (0 .. 2));
    requires CORE_OPCODE(w[0]) == CORE_OP_LOOP ==> \valid_read(w + (0 .. 1));
    requires CORE_OPCODE(w[0]) == CORE_OP_CALL ==> \valid_read(w + (0 .. 2)) &&
             \valid_read(w + (0 .. 2 + CORE_A(w[0]) + CORE_B(w[0])));
    assigns s->declared, s->windows[0 .. CORE_PROGRAM_WINDOWS - 1], s->depth, s->begun,
            s->times[0 .. CORE_PROGRAM_LOOP_DEPTH];
    ensures s->depth <= CORE_PROGRAM_LOOP_DEPTH; */
static int check_instruction(struct scan *s, const uint32_t *w, int last) {
  uint32_t opcode = CORE_OPCODE(w[0]);
  if ((opcode >= CORE_OP_DONE) != last)
    return CORE_BAD_END;
  if (opcode == CORE_OP_WINDOW)
    return s->begun ? CORE_BAD_WINDOW : declare_window(s, w);
  s->begun = 1;
  switch (opcode) {
  case CORE_OP_ACQUIRE:
  case CORE_OP_RELEASE:
    return check_lock(s, w[0]);
  case CORE_OP_ADVANCE:
    if (!is_declared(s, CORE_A(w[0])))
      return CORE_BAD_WINDOW;
    return CORE_OK;
  case CORE_OP_LOOP:
    return open_loop(s, w[CORE_LOOP_COUNT]);
  case CORE_OP_NEXT:
    if (s->depth == 0)
      return CORE_BAD_LOOP;
    --s->depth;
    return CORE_OK;
  case CORE_OP_CALL:
    return check_call(s, w);
  default: /* DONE, RESTART */
    if (s->depth)
      return CORE_BAD_END;
    return CORE_OK;
  }
}

/*@ requires words <= 0xff && a <= 0xff && b <= 0xffff;
    assigns \nothing;
    ensures \result == words + a + b; */
static uint32_t with_lists(uint32_t words, uint32_t a, uint32_t b) { return words + a + b; }

/* Length of the instruction at `w` in words, of which `left` are there; 0 with *fault set where it
 * is none. */
/*@ requires left >= 1 && \valid_read(w + (0 .. left - 1)) && \valid(fault);
    requires \separated(fault, w + (0 .. left - 1));
    assigns *fault;
    ensures \result <= left;
    ensures \result == 0 ==> *fault != CORE_OK;
    ensures \result > 0 ==> *fault == \old(*fault);
    ensures \result > 0 && CORE_OPCODE(w[0]) == CORE_OP_WINDOW ==> \result >= 3;
    ensures \result > 0 && CORE_OPCODE(w[0]) == CORE_OP_LOOP ==> \result >= 2;
    ensures \result > 0 && CORE_OPCODE(w[0]) == CORE_OP_CALL ==> \result >= 3;
    ensures \result > 0 && CORE_OPCODE(w[0]) == CORE_OP_CALL ==>
            \result >= 3 + CORE_A(w[0]) + CORE_B(w[0]); */
static uint32_t measure(const uint32_t *w, uint32_t left, int *fault) {
  uint32_t opcode = CORE_OPCODE(w[0]), a = CORE_A(w[0]), b = CORE_B(w[0]);
  if (opcode >= sizeof shapes / sizeof *shapes || !shapes[opcode].words ||
      (!shapes[opcode].a_used && a) || (!shapes[opcode].b_used && b)) {
    *fault = CORE_BAD_OPCODE;
    return 0;
  }
  uint32_t words = shapes[opcode].words;
  /*@ assert 1 <= words <= 255 && 0 <= a <= 0xff && 0 <= b <= 0xffff; */
  if (shapes[opcode].lists)
    words = with_lists(words, a, b);
  if (words > left) {
    *fault = CORE_BAD_LENGTH;
    return 0;
  }
  return words;
}

int core_verify(const uint32_t *program, uint32_t words, const struct rimfs_kernel *table,
                uint32_t kernels, uint32_t modules, uint32_t *at) {
  struct scan s; /* field by field: a window is looked at only once it is declared */
  s.table = table;
  s.kernels = kernels;
  s.modules = modules;
  s.declared = 0;
  s.depth = 0;
  s.begun = 0;
  s.times[0] = 1;
  uint64_t steps = 0;
  *at = 0;
  if (words < 2 || words > CORE_PROGRAM_MEMORY_BYTES / 4 ||
      program[0] != CORE_PROGRAM_HEADER(words))
    return CORE_BAD_HEADER;
  /*@ loop invariant 1 <= pc <= words && s.depth <= CORE_PROGRAM_LOOP_DEPTH;
      loop invariant s.table == table && s.kernels == kernels;
      loop invariant steps <= CORE_PROGRAM_MAX_STEPS;
      loop assigns pc, length, steps, s, *at;
      loop variant words - pc; */
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

ENGINE_SMALL_END
