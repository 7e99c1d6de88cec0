/* Changes one field of a good program at a time: mutate IMAGE COUNT SEED.
 *
 * Each changed program is refused by the verifier, or ends within the bound of its waits, with a
 * fault record or with an output. Kernels are the image's own; their operands are checked against
 * the tile before each call (arena.c), DDR buffers and the array end at pages that cannot be
 * touched, and all C code has the sanitizers. Checksums and the header's counts are repaired, as
 * they would hide everything else. Prints one JSON object; exit status 1 where a change was not
 * caught so. */
#include "adfc/adfc_host.h"
#include "adfc/rhal.h"
#include "arena.h"
#include "bound.h"
#include "code.h"
#include "fields.h"
#include "image.h"
#include "repair.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_FIELDS = 1 << 16, SECONDS = 30 };

static struct {
  struct rimfs fs;
  struct engine_image good, changed;
  uint32_t *program, *core;
  const void *weights;
  uint8_t *output; /* of the good program */
  struct code code;
  struct arena arena;
} t;

static struct counts {
  uint32_t refused, faults, timeouts, deadlocks, same, other;
  uint64_t longest_wait;
} counts;

static struct {
  uint32_t index;
  struct field field;
  uint32_t before, after;
} now; /* for the message, should the program die */

static void tell(int signal) {
  fprintf(stderr, "mutation %u: %s word %u bits %u..%u: %#x -> %#x: %s\n", now.index,
          now.field.core ? "core programs" : "program", now.field.word, now.field.lsb,
          now.field.lsb + now.field.width - 1, now.before, now.after,
          signal == SIGALRM ? "still running" : "died");
  _exit(1);
}

static uint64_t random_state;

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next_random(void) {
  uint64_t z = random_state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/* Another value for a field: near the old one, a bit of it, an extreme, one from elsewhere. */
static uint32_t other_value(const struct field *field, const struct field *fields, size_t count) {
  const uint32_t *section = field->core ? t.core : t.program;
  uint32_t old = field_get(field, section);
  uint32_t top = field->width == 32 ? UINT32_MAX : (1u << field->width) - 1;
  for (;;) {
    uint32_t value;
    const struct field *from = &fields[next_random() % count];
    switch (next_random() % 7) {
    case 0:
      value = old + 1;
      break;
    case 1:
      value = old - 1;
      break;
    case 2:
      value = old ^ 1u << next_random() % field->width;
      break;
    case 3:
      value = next_random() & 1 ? 0 : top;
      break;
    case 4:
      value = old + (uint32_t)(4u << next_random() % 16);
      break;
    case 5:
      value = field_get(from, from->core ? t.core : t.program);
      break;
    default:
      value = (uint32_t)next_random();
    }
    if ((value & top) != old)
      return value & top;
  }
}

static uint8_t *mapped(uint32_t buffer) {
  size_t bytes = (t.good.buffer_bytes[buffer] + 3) / 4 * 4;
  return (uint8_t *)t.arena.buffers[buffer] + (t.arena.buffer_bytes[buffer] - 4096 - bytes);
}

static int fail(const char *why) {
  fprintf(stderr, "mutation %u: %s\n", now.index, why);
  tell(0);
  return 0;
}

static void start(const struct engine_image *image) {
  if (!arena_start(&t.arena, image, t.weights))
    fail("its buffers are too large");
  uint8_t *input = mapped(RCB_BUFFER_INPUT);
  for (uint64_t i = 0; i < image->buffer_bytes[RCB_BUFFER_INPUT]; ++i)
    input[i] = (uint8_t)(i * 37 + 11);
}

/* The load program, if there is one, and the one that runs. */
static int play(const struct engine_image *image, struct engine_result *result) {
  int status = image->load ? engine_load(image, result) : ENGINE_OK;
  return status ? status : engine_run(image, result);
}

/* Runs what the verifier accepts, and counts how it ends. */
static void run(void) {
  struct engine_result result;
  start(&t.changed);
  alarm(SECONDS);
  int status = play(&t.changed, &result);
  alarm(0);
  rhal_emu_finish(&t.arena.emu);
  arena_check(&t.arena);
  /* Where the array stops with a fault, the access under way is charged and not waited for. */
  const struct rhal_emu_cost *cost = &t.arena.emu.total;
  uint64_t waited = cost->cycles > cost->control_cycles ? cost->cycles - cost->control_cycles : 0;
  if (waited > counts.longest_wait)
    counts.longest_wait = waited;
  const struct adfc_bound load = bound_of(t.changed.load, t.changed.load_words);
  const struct adfc_bound bound = bound_of(t.changed.program, t.changed.program_words);
  if (waited > load.wait_cycles + bound.wait_cycles)
    fail("it waited longer than its bound");
  if (result.instructions > (result.fault.load ? load : bound).instructions)
    fail("it played more instructions than its bound");
  if (status == ENGINE_OK) {
    int same = !memcmp(mapped(RCB_BUFFER_OUTPUT), t.output, t.good.buffer_bytes[RCB_BUFFER_OUTPUT]);
    ++*(same ? &counts.same : &counts.other);
  } else {
    if (status != ENGINE_RHAL || result.fault.rhal == RHAL_OK ||
        result.fault.pc >= (result.fault.load ? t.changed.load_words : t.changed.program_words))
      fail("its fault record is not valid");
    ++counts.faults;
    counts.timeouts += result.fault.rhal == RHAL_TIMEOUT;
    counts.deadlocks += result.fault.rhal == RHAL_DEADLOCK;
  }
  if (memcmp(mapped(RCB_BUFFER_WEIGHTS), t.weights, t.good.buffer_bytes[RCB_BUFFER_WEIGHTS]))
    fail("it changed the weights");
  arena_stop(&t.arena);
}

static void try_one(const struct field *fields, size_t count) {
  struct engine_fault fault;
  const struct field *field = &fields[next_random() % count];
  memcpy(t.program, t.good.program, 4 * (size_t)t.good.program_words);
  memcpy(t.core, t.good.core_programs, 4 * (size_t)t.good.core_program_words);
  uint32_t *section = field->core ? t.core : t.program;
  now.field = *field;
  now.before = field_get(field, section);
  now.after = other_value(field, fields, count);
  field_set(field, section, now.after);
  if (!field->header)
    repair_program(t.program, t.good.program_words);
  if (engine_verify(&t.changed, &fault) || engine_verify_ddr(&t.changed, &fault)) {
    ++counts.refused;
    return;
  }
  run();
}

static void *read_image(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  void *image = NULL;
  if (!file || fseek(file, 0, SEEK_END))
    return NULL;
  *bytes = (size_t)ftell(file);
  rewind(file);
  if (posix_memalign(&image, RIMFS_ALIGNMENT, *bytes) || fread(image, 1, *bytes, file) != *bytes)
    return NULL;
  fclose(file);
  return image;
}

/* The good program runs, and its output is what others are compared with. */
static void prepare(void) {
  struct rimfs_section weights;
  struct engine_result result;
  rimfs_find(&t.fs, "weights", &weights);
  t.weights = weights.data;
  t.program = malloc(4 * (size_t)t.good.program_words);
  t.core = malloc(4 * (size_t)t.good.core_program_words);
  t.output = malloc(t.good.buffer_bytes[RCB_BUFFER_OUTPUT]);
  memcpy(t.arena.kernels, t.code.kernels, t.code.count * sizeof *t.code.kernels);
  start(&t.good);
  if (play(&t.good, &result))
    fail("the good program does not run");
  memcpy(t.output, mapped(RCB_BUFFER_OUTPUT), t.good.buffer_bytes[RCB_BUFFER_OUTPUT]);
  arena_stop(&t.arena);
  t.changed = t.good;
  t.changed.program = t.program;
  t.changed.core_programs = t.core;
}

int main(int argc, char **argv) {
  static struct field fields[MAX_FIELDS];
  char text[ADFC_TEXT_BYTES] = "cannot be read";
  size_t bytes = 0;
  void *image = argc == 4 ? read_image(argv[1], &bytes) : NULL;
  if (!image || image_open(&t.fs, &t.good, image, bytes, text) ||
      code_load(&t.code, &t.fs, NULL, t.good.kernels, text) || t.good.kernels > ARENA_KERNELS) {
    fprintf(stderr, "mutate IMAGE COUNT SEED: %s\n", text);
    return 2;
  }
  uint32_t mutations = (uint32_t)strtoul(argv[2], NULL, 10);
  random_state = strtoull(argv[3], NULL, 10);
  signal(SIGALRM, tell);
  signal(SIGABRT, tell);
  signal(SIGSEGV, tell);
  prepare();
  size_t count = fields_list(fields, MAX_FIELDS, t.good.program, t.good.program_words,
                             t.good.core_programs, t.good.core_program_words);
  for (now.index = 0; now.index < mutations; ++now.index)
    try_one(fields, count);
  printf("{\"mutations\": %u, \"fields\": %zu, \"refused\": %u, \"faults\": %u, \"timeouts\": %u, "
         "\"deadlocks\": %u, \"same_output\": %u, \"other_output\": %u, \"longest_wait\": %llu}\n",
         mutations, count, counts.refused, counts.faults, counts.timeouts, counts.deadlocks,
         counts.same, counts.other, (unsigned long long)counts.longest_wait);
  return 0;
}
