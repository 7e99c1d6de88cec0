#define _GNU_SOURCE
/* libFuzzer: any bytes as an image. With repaired checksums, so that what lies behind them is
 * reached: whatever the verifier accepts is then run, on an emulated array with stand-ins for
 * kernels. */
#include "adfc/adfc_host.h"
#include "adfc/rhal.h"
#include "arena.h"
#include "image.h"
#include "repair.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_BYTES = 1 << 16, WAIT = 2000, LOOPS = 16 };

static struct arena arena;

static void die_unless(int condition) {
  if (!condition)
    abort();
}

static void check_fault(const struct engine_image *image, const struct engine_fault *fault) {
  char text[300], tiny[1];
  engine_fault_text(fault, text, sizeof text);
  engine_fault_text(fault, tiny, sizeof tiny);
  die_unless(text[0] && !strchr(text, '\n') && strlen(text) < sizeof text - 1);
  uint32_t words = fault->load ? image->load_words : image->program_words;
  die_unless(fault->pc < words || fault->pc == 0);
}

/* The verified program, made short, and run. */
static void run(struct rimfs *fs, struct engine_image *image) {
  struct rimfs_section weights;
  struct engine_fault fault;
  struct engine_result result;
  shorten_waits((uint32_t *)(uintptr_t)image->program, image->program_words, WAIT);
  if (image->load)
    shorten_waits((uint32_t *)(uintptr_t)image->load, image->load_words, WAIT);
  shorten_loops((uint32_t *)(uintptr_t)image->core_programs, image->core_program_words, LOOPS);
  if (engine_verify(image, &fault) ||
      engine_verify_ddr(image, &fault)) /* a cut loop count may have been something else */
    return;
  die_unless(rimfs_find(fs, "weights", &weights) == RIMFS_OK);
  if (arena_start(&arena, image, weights.data)) {
    int status = ENGINE_OK;
    if (image->load)
      status = engine_load(image, &result);
    if (!status)
      status = engine_run(image, &result);
    die_unless(status == (int)result.fault.status);
    die_unless(status == ENGINE_OK || (status == ENGINE_RHAL && result.fault.rhal != RHAL_OK));
    check_fault(image, &result.fault);
    arena_check(&arena);
  }
  arena_stop(&arena);
}

static void try_image(const uint8_t *data, size_t bytes, int repaired) {
  struct rimfs fs;
  struct engine_image image;
  char text[ADFC_TEXT_BYTES] = "";
  void *copy = NULL;
  die_unless(posix_memalign(&copy, RIMFS_ALIGNMENT, bytes ? bytes : 1) == 0);
  memcpy(copy, data, bytes); /* exactly as long: the sanitizer sees any byte past it */
  if (repaired)
    repair_image(copy, bytes);
  int status = image_open(&fs, &image, copy, bytes, text);
  die_unless(status == ADFC_OK || (text[0] && !strchr(text, '\n')));
  if (status == ADFC_OK)
    run(&fs, &image);
  free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
  if (bytes > MAX_BYTES)
    return 0;
  try_image(data, bytes, 0);
  try_image(data, bytes, 1);
  return 0;
}
