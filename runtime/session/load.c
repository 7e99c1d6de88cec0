/* Step 1: an image and memory become a session. */
#include "session.h"

#include "adfc/line.h"
#include "adfc/spec/devices.h"
#include "boundary.h"
#include "mount.h"

#include <string.h>

const char *adfc_status_text(int status) {
  static const char *const texts[] = {
      [ADFC_OK] = "no error",
      [ADFC_BAD_IMAGE] = "the image is damaged or not valid",
      [ADFC_BAD_ARGUMENT] = "a wrong argument",
      [ADFC_NO_CODE] = "the image has no kernel code that this machine runs",
      [ADFC_NO_MEMORY] = "not enough memory, or not aligned to 64 bytes",
      [ADFC_FAULTED] = "the program stopped with a fault",
      [ADFC_NOT_READY] = "a step before this one is missing",
  };
  unsigned index = (unsigned)status;
  return index < sizeof texts / sizeof *texts ? texts[index] : "no status of adfc";
}

const char *adfc_error(const struct adfc_session *session) { return session ? session->text : ""; }

int session_refuse(struct adfc_session *session, int status, const char *reason, const char *name) {
  struct line l = line_start(session->text, sizeof session->text);
  line_put(&l, reason);
  if (name)
    line_put(&l, name);
  return status;
}

/* ---- the arena */

/* Hands out an arena from its start; with no memory it only counts. */
struct arena {
  uint8_t *start;
  size_t bytes, used;
  int failed;
};

static void *take(struct arena *a, uint64_t bytes) {
  uint64_t rounded = (bytes + ADFC_ALIGNMENT - 1) / ADFC_ALIGNMENT * ADFC_ALIGNMENT;
  if (a->failed || rounded < bytes || rounded > a->bytes - a->used) {
    a->failed = 1;
    return NULL;
  }
  uint8_t *piece = a->start ? a->start + a->used : NULL;
  a->used += (size_t)rounded;
  return piece;
}

static uint32_t count_phases(const struct engine_image *image) {
  uint32_t n = 0;
  for (uint32_t pc = RCB_HEADER_WORDS; pc < image->program_words;
       pc += RCB_LENGTH(image->program[pc]))
    n += RCB_OPCODE(image->program[pc]) == RCB_OP_PHASE;
  return n;
}

/* All that a session of a verified image needs but for the session itself. */
static void lay_out(struct adfc_session *s, struct arena *a) {
  s->max_phases = count_phases(&s->image);
  s->array_bytes = aie_array_size(s->image.device);
  s->kernels = take(a, (uint64_t)s->image.kernels * sizeof *s->kernels);
  s->buffers = take(a, ((uint64_t)s->io.n_inputs + s->io.n_outputs) * sizeof *s->buffers);
  s->phases = take(a, (uint64_t)s->max_phases * sizeof *s->phases);
  s->array_memory = take(a, s->array_bytes);
  for (uint32_t i = 0; i < RCB_BUFFER_COUNT; ++i)
    if (i != RCB_BUFFER_WEIGHTS)
      s->ddr[i] = take(a, s->image.buffer_bytes[i]);
}

static int open(struct adfc_session *s, const void *image, size_t bytes) {
  int status = session_mount(&s->fs, &s->image, image, bytes, s->text, sizeof s->text);
  if (status)
    return status;
  rimfs_io(&s->fs, &s->io); /* the engine has read it already */
  status = boundary_open(s);
  s->image.verified &= !status;
  return status;
}

int adfc_arena_bytes(const void *image, size_t image_bytes, size_t *arena_bytes) {
  struct adfc_session s = {0};
  struct arena counting = {.bytes = SIZE_MAX};
  *arena_bytes = 0;
  int status = open(&s, image, image_bytes);
  if (status)
    return status;
  take(&counting, sizeof s);
  lay_out(&s, &counting);
  if (counting.failed)
    return ADFC_NO_MEMORY;
  *arena_bytes = counting.used;
  return ADFC_OK;
}

int adfc_load(const void *image, size_t image_bytes, void *arena, size_t arena_bytes,
              struct adfc_session **session) {
  struct arena a = {.start = arena, .bytes = arena_bytes};
  *session = NULL;
  if (!arena || (uintptr_t)arena % ADFC_ALIGNMENT)
    return ADFC_NO_MEMORY;
  struct adfc_session *s = take(&a, sizeof *s);
  if (!s)
    return ADFC_NO_MEMORY;
  memset(s, 0, sizeof *s);
  *session = s;
  int status = open(s, image, image_bytes);
  if (status)
    return status;
  lay_out(s, &a);
  if (a.failed) {
    s->image.verified = 0; /* good for adfc_error() alone */
    return session_refuse(s, ADFC_NO_MEMORY, "the arena is smaller than adfc_arena_bytes() says",
                          NULL);
  }
  memset(s->kernels, 0, s->image.kernels * sizeof *s->kernels);
  memset(s->buffers, 0, (s->io.n_inputs + (size_t)s->io.n_outputs) * sizeof *s->buffers);
  return ADFC_OK;
}

void adfc_close(struct adfc_session *session) {
  if (session && session->release)
    session->release(session);
}
