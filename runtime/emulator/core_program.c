#include "core_program.h"

#include "cascade.h"
#include "error.h"
#include "work.h"

// Instructions without time between two that take some; more is a loop that does nothing.
enum { MAX_FREE_INSTRUCTIONS = 1 << 20 };

enum aie_status aie_core_program_broken(struct aie_array *array, const struct aie_core *core,
                                        const char *why) {
  struct aie_text t = aie_fault(array, AIE_ERROR_CORE_PROGRAM, &array->tiles[core->tile],
                                AIEML_CORE_PROGRAM_MEMORY + 4 * core->pc);
  aie_put(&t, "core program, word ");
  aie_put_number(&t, core->pc);
  aie_put(&t, ": ");
  aie_put(&t, why);
  return AIE_FAULT;
}

_Static_assert(CORE_WEST == CORE_SOUTH + 1 && CORE_NORTH == CORE_WEST + 1,
               "CORE_LOCK_MODULE takes the neighbours' memories to follow each other");

// The tile whose module it is. NULL: there is none, which is a fault.
static const struct aie_tile *tile_of(struct aie_array *array, const struct aie_core *core,
                                      uint32_t module) {
  static const char *const why[CORE_MODULES] = {
      [CORE_SOUTH] = "there is no core tile to the south whose memory and locks it could use",
      [CORE_WEST] = "there is no core tile to the west whose memory and locks it could use",
      [CORE_NORTH] = "there is no core tile to the north whose memory and locks it could use",
  };
  if (module < CORE_MODULES && core->modules[module])
    return core->modules[module];
  const char *text = module < CORE_MODULES ? why[module] : NULL;
  aie_core_program_broken(array, core, text ? text : "a buffer outside of the data memory");
  return NULL;
}

// Where a byte address as the core sees it lies. NULL: nowhere, which is a fault.
static uint8_t *memory_at(struct aie_array *array, const struct aie_core *core, uint32_t address) {
  const struct aie_tile *tile = tile_of(array, core, CORE_ADDRESS_MODULE(address));
  return tile ? tile->data + address % CORE_PROGRAM_DATA_MEMORY_BYTES : NULL;
}

uint32_t aie_core_program_length(const struct aie_core *core) {
#define LENGTH(name, opcode, words, lists, a, b) [opcode] = words,
  static const uint8_t lengths[256] = {CORE_INSTRUCTIONS(LENGTH)};
#undef LENGTH
  uint32_t word = core->program[core->pc];
  uint32_t length = lengths[CORE_OPCODE(word)];
  return CORE_OPCODE(word) == CORE_OP_CALL ? length + CORE_A(word) + CORE_B(word) : length;
}

static enum aie_status do_window(struct aie_array *array, struct aie_core *core,
                                 const uint32_t *words) {
  uint32_t number = CORE_A(words[0]);
  uint32_t depth = CORE_B(words[0]);
  if (number >= CORE_PROGRAM_WINDOWS || depth == 0)
    return aie_core_program_broken(array, core, "no such window, or a window of depth 0");
  uint32_t first = words[CORE_WINDOW_BASE], stride = words[CORE_WINDOW_STRIDE];
  uint8_t *base = memory_at(array, core, first);
  if (!base)
    return AIE_FAULT;
  uint64_t last = first + (uint64_t)stride * (depth - 1);
  if (last / CORE_PROGRAM_DATA_MEMORY_BYTES != first / CORE_PROGRAM_DATA_MEMORY_BYTES)
    return aie_core_program_broken(array, core, "the window ends past the data memory");
  core->windows[number] = (struct aie_window){base, stride, depth, 0};
  return AIE_OK;
}

static enum aie_status do_advance(struct aie_array *array, struct aie_core *core,
                                  const uint32_t *words) {
  uint32_t number = CORE_A(words[0]);
  if (number >= CORE_PROGRAM_WINDOWS || core->windows[number].depth == 0)
    return aie_core_program_broken(array, core, "advances a window that is not declared");
  struct aie_window *window = &core->windows[number];
  window->index = window->index + 1 == window->depth ? 0 : window->index + 1;
  return AIE_OK;
}

static enum aie_status do_loop(struct aie_array *array, struct aie_core *core,
                               const uint32_t *words) {
  if (core->depth == CORE_PROGRAM_LOOP_DEPTH)
    return aie_core_program_broken(array, core, "loops nest too deep");
  if (words[CORE_LOOP_COUNT] == 0)
    return aie_core_program_broken(array, core, "a loop of no times");
  struct aie_loop *loop = &core->loops[core->depth++];
  loop->body = core->pc + aie_core_program_length(core);
  loop->left = words[CORE_LOOP_COUNT] - 1;
  return AIE_OK;
}

// Sets core->pc to what follows.
static enum aie_status do_next(struct aie_array *array, struct aie_core *core) {
  if (core->depth == 0)
    return aie_core_program_broken(array, core, "NEXT without LOOP");
  struct aie_loop *loop = &core->loops[core->depth - 1];
  if (loop->left) {
    --loop->left;
    core->pc = loop->body;
  } else {
    --core->depth;
    core->pc += aie_core_program_length(core);
  }
  return AIE_OK;
}

// Back to what follows the declarations of windows at the program's start.
static enum aie_status do_restart(struct aie_array *array, struct aie_core *core) {
  if (core->depth)
    return aie_core_program_broken(array, core, "RESTART in a loop");
  for (core->pc = 1; CORE_OPCODE(core->program[core->pc]) == CORE_OP_WINDOW;)
    core->pc += aie_core_program_length(core);
  return AIE_OK;
}

// One instruction that takes no time.
static enum aie_status do_free(struct aie_array *array, struct aie_core *core,
                               const uint32_t *words) {
  enum aie_status status = AIE_OK;
  switch (CORE_OPCODE(words[0])) {
  case CORE_OP_NEXT:
    return do_next(array, core);
  case CORE_OP_RESTART:
    return do_restart(array, core);
  case CORE_OP_WINDOW:
    status = do_window(array, core, words);
    break;
  case CORE_OP_ADVANCE:
    status = do_advance(array, core, words);
    break;
  default:
    status = do_loop(array, core, words);
  }
  core->pc += aie_core_program_length(core);
  return status;
}

// The lock of the ACQUIRE or RELEASE at core->pc exists.
static enum aie_status check_lock(struct aie_array *array, const struct aie_core *core) {
  uint32_t lock = CORE_A(core->program[core->pc]);
  if (lock >= CORE_PROGRAM_LOCK_NUMBERS)
    return aie_core_program_broken(array, core, "no such lock");
  return tile_of(array, core, CORE_LOCK_MODULE(lock)) ? AIE_OK : AIE_FAULT;
}

// The instruction at core->pc is whole and known.
static enum aie_status check(struct aie_array *array, const struct aie_core *core) {
  if (core->pc >= core->words)
    return aie_core_program_broken(array, core, "runs past the program's end");
  uint32_t length = aie_core_program_length(core);
  if (length == 0)
    return aie_core_program_broken(array, core, "unknown instruction");
  if (length > core->words - core->pc)
    return aie_core_program_broken(array, core, "an instruction ends past the program's end");
  return AIE_OK;
}

enum aie_status aie_core_program_seek(struct aie_array *array, struct aie_core *core,
                                      uint64_t *cycles) {
  for (uint32_t steps = 0; steps < MAX_FREE_INSTRUCTIONS; ++steps) {
    enum aie_status status = check(array, core);
    if (status != AIE_OK)
      return status;
    const uint32_t *words = core->program + core->pc;
    switch (CORE_OPCODE(words[0])) {
    case CORE_OP_ACQUIRE:
    case CORE_OP_RELEASE:
      *cycles = array->device->timing.lock_cycles;
      return check_lock(array, core);
    case CORE_OP_CALL:
      *cycles = words[CORE_CALL_CYCLES];
      return AIE_OK;
    case CORE_OP_DONE:
      *cycles = 0;
      return AIE_OK;
    default:
      status = do_free(array, core, words);
      if (status != AIE_OK)
        return status;
    }
  }
  return aie_core_program_broken(array, core, "loops without doing anything");
}

enum aie_status aie_core_program_start(struct aie_array *array, struct aie_core *core) {
  uint32_t header = core->program[0];
  core->pc = 0;
  core->depth = 0;
  for (uint32_t i = 0; i < CORE_PROGRAM_WINDOWS; ++i)
    core->windows[i].depth = 0;
  if (CORE_PROGRAM_HEADER_MAGIC(header) != CORE_PROGRAM_MAGIC ||
      CORE_PROGRAM_HEADER_VERSION(header) != CORE_PROGRAM_VERSION)
    return aie_core_program_broken(array, core, "not a core program of this version");
  core->words = CORE_PROGRAM_HEADER_WORDS(header);
  if (core->words > CORE_PROGRAM_MEMORY_BYTES / 4)
    return aie_core_program_broken(array, core, "longer than the program memory");
  core->pc = 1;
  return AIE_OK;
}

// What a buffer operand means now. NULL: nothing, which is a fault.
static uint8_t *operand(struct aie_array *array, const struct aie_core *core, uint32_t word) {
  if (word == CORE_PROGRAM_CASCADE_IN || word == CORE_PROGRAM_CASCADE_OUT)
    return aie_cascade_block(array, core, word);
  if (!(word & CORE_BUFFER_WINDOW))
    return memory_at(array, core, word);
  uint32_t number = word & ~CORE_BUFFER_WINDOW;
  if (number >= CORE_PROGRAM_WINDOWS || core->windows[number].depth == 0) {
    aie_core_program_broken(array, core, "a buffer of a window that is not declared");
    return NULL;
  }
  const struct aie_window *window = &core->windows[number];
  return window->base + (uint64_t)window->stride * window->index;
}

// A kernel call, ready to be done.
struct call {
  aie_kernel_fn kernel;
  uint8_t *buffers[CORE_PROGRAM_CALL_BUFFERS];
  int32_t immediates[CORE_PROGRAM_CALL_IMMEDIATES];
};

static void do_call(void *work) {
  const struct call *call = work;
  call->kernel(call->buffers, call->immediates);
}

enum aie_status aie_core_program_call(struct aie_array *array, struct aie_core *core) {
  const uint32_t *words = core->program + core->pc;
  uint32_t buffer_count = CORE_A(words[0]);
  uint32_t immediate_count = CORE_B(words[0]);
  uint32_t kernel = words[CORE_CALL_KERNEL];
  if (buffer_count > CORE_PROGRAM_CALL_BUFFERS || immediate_count > CORE_PROGRAM_CALL_IMMEDIATES)
    return aie_core_program_broken(array, core, "a call with too many operands");
  if (kernel >= array->kernel_count || !array->kernels[kernel])
    return aie_core_program_broken(array, core, "calls a kernel that is not bound");
  struct call now, *later = aie_work_reserve(array, sizeof *later);
  struct call *call = later ? later : &now;
  call->kernel = array->kernels[kernel];
  for (uint32_t i = 0; i < buffer_count; ++i) {
    call->buffers[i] = operand(array, core, words[CORE_CALL_LISTS + i]);
    if (!call->buffers[i])
      return AIE_FAULT;
  }
  for (uint32_t i = 0; i < immediate_count; ++i)
    call->immediates[i] = (int32_t)words[CORE_CALL_LISTS + buffer_count + i];
  if (later)
    aie_work_submit(array, do_call);
  else
    do_call(call);
  return AIE_OK;
}
