/* The deployment API on a whole image (its first argument), one that adds 3 to 64 bytes on a core
 * tile: the steps, steps left out, memory that is too small, damaged images, levels. */
#include "adfc/adfc.h"
#include "check.h"

#include <stdlib.h>

static uint8_t *image;
static size_t image_bytes, arena_bytes;

static void *take(size_t bytes) { return aligned_alloc(ADFC_ALIGNMENT, (bytes + 63) / 64 * 64); }

static int read_image(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return 0;
  image = take(1 << 16);
  image_bytes = fread(image, 1, 1 << 16, file);
  fclose(file);
  return image_bytes > 0 && image_bytes < 1 << 16 &&
         adfc_arena_bytes(image, image_bytes, &arena_bytes) == ADFC_OK;
}

static struct adfc_session *load(void *arena) {
  struct adfc_session *session;
  memset(arena, 0xa5, arena_bytes); /* what it holds before does not matter */
  CHECK_EQ(adfc_load(image, image_bytes, arena, arena_bytes, &session), ADFC_OK);
  return session;
}

static int8_t input[64], output[64];

static void set_buffers(struct adfc_session *session) {
  CHECK_EQ(adfc_set_input(session, 0, input, sizeof input), ADFC_OK);
  CHECK_EQ(adfc_set_output(session, 0, output, sizeof output), ADFC_OK);
}

static void five_steps(void) {
  void *arena = take(arena_bytes);
  struct adfc_session *session = load(arena);
  struct adfc_counters first, steady;
  struct adfc_phase_counters phase;
  CHECK_EQ(adfc_register_operators(session, NULL), ADFC_OK);
  set_buffers(session);
  for (int run = 0; run < 3; ++run) {
    for (int i = 0; i < 64; ++i)
      input[i] = (int8_t)(5 * i + run);
    CHECK_EQ(adfc_run(session), ADFC_OK);
    for (int i = 0; i < 64; ++i)
      CHECK_EQ(output[i], (int8_t)(5 * i + run + 3));
    CHECK_EQ(adfc_counters(session, run ? &steady : &first), ADFC_OK);
  }
  CHECK(first.cost.cycles > 0 && first.cost.ddr_read_bytes == 64 && first.kernel_calls == 1);
  CHECK(first.phases == 1 && first.cores == 1 && first.load.cycles == 0);
  CHECK_EQ(adfc_phase(session, 0, &phase), ADFC_OK);
  CHECK_EQ(phase.cost.cycles, steady.cost.cycles - phase.start_cycle);
  CHECK_EQ(adfc_phase(session, 1, &phase), ADFC_BAD_ARGUMENT);
  adfc_reset(session);
  CHECK_EQ(adfc_run(session), ADFC_OK);
  CHECK_EQ(adfc_counters(session, &steady), ADFC_OK);
  CHECK_EQ(steady.cost.cycles, first.cost.cycles);
  adfc_close(session);
  free(arena);
}

static void steps_left_out(void) {
  void *arena = take(arena_bytes);
  struct adfc_session *session = load(arena);
  struct adfc_counters counters;
  CHECK_EQ(adfc_counters(session, &counters), ADFC_NOT_READY);
  CHECK_EQ(adfc_run(session), ADFC_NOT_READY);
  CHECK_CONTAINS(adfc_error(session), "no operator is registered for kernel ");
  CHECK_EQ(adfc_register_operators(session, "x86_64"), ADFC_OK);
  CHECK_EQ(adfc_run(session), ADFC_NOT_READY);
  CHECK_CONTAINS(adfc_error(session), "no buffer is set for tensor ");
  CHECK_EQ(adfc_set_input(session, 0, input, 63), ADFC_BAD_ARGUMENT);
  CHECK_EQ(adfc_set_input(session, 0, NULL, 64), ADFC_BAD_ARGUMENT);
  CHECK_EQ(adfc_set_input(session, 1, input, 64), ADFC_BAD_ARGUMENT);
  CHECK_EQ(adfc_register_operators(session, NULL), ADFC_BAD_ARGUMENT); /* twice */
  adfc_close(session);
  CHECK_CONTAINS(adfc_status_text(ADFC_NOT_READY), "a step");
  CHECK_CONTAINS(adfc_status_text(99), "no status");
  free(arena);
}

static int calls;

static void add_five(uint8_t *const *buffers, const int32_t *immediates) {
  (void)immediates;
  ++calls;
  for (int i = 0; i < 64; ++i)
    buffers[1][i] = (uint8_t)(buffers[0][i] + 5);
}

static void an_operator_of_ones_own(void) {
  void *arena = take(arena_bytes);
  struct adfc_session *session = load(arena);
  const char *name = adfc_operator_name(session, 0);
  CHECK(name && !adfc_operator_name(session, 1));
  CHECK_EQ(adfc_register_operator(session, "no such", add_five), ADFC_BAD_ARGUMENT);
  CHECK_CONTAINS(adfc_error(session), "no such");
  CHECK_EQ(adfc_register_operator(session, name, NULL), ADFC_BAD_ARGUMENT);
  CHECK_EQ(adfc_register_operator(session, name, add_five), ADFC_OK);
  CHECK_EQ(adfc_register_operators(session, NULL), ADFC_OK); /* leaves it in place */
  set_buffers(session);
  CHECK_EQ(adfc_run(session), ADFC_OK);
  CHECK(calls == 1 && output[7] == (int8_t)(input[7] + 5));
  adfc_close(session);
  free(arena);
}

static void memory_that_does_not_do(void) {
  uint8_t *arena = take(arena_bytes);
  struct adfc_session *session = NULL;
  for (size_t bytes = 0; bytes < arena_bytes; bytes += 1 + arena_bytes / 7) {
    CHECK_EQ(adfc_load(image, image_bytes, arena, bytes, &session), ADFC_NO_MEMORY);
    CHECK(!session || adfc_run(session) == ADFC_NOT_READY);
  }
  CHECK_EQ(adfc_load(image, image_bytes, arena, arena_bytes - 1, &session), ADFC_NO_MEMORY);
  CHECK_CONTAINS(adfc_error(session), "adfc_arena_bytes()");
  CHECK_EQ(adfc_load(image, image_bytes, arena + 8, arena_bytes - 8, &session), ADFC_NO_MEMORY);
  CHECK_EQ(adfc_load(image, image_bytes, NULL, arena_bytes, &session), ADFC_NO_MEMORY);
  CHECK_EQ(adfc_load(image + 4, image_bytes - 4, arena, arena_bytes, &session), ADFC_BAD_IMAGE);
  free(arena);
}

static void damaged_images(void) {
  void *arena = take(arena_bytes);
  uint8_t *copy = take(image_bytes);
  for (size_t at = 0; at < image_bytes; at += 1 + at % 13) {
    struct adfc_session *session;
    struct adfc_tensor tensor;
    size_t needed;
    memcpy(copy, image, image_bytes);
    copy[at] ^= 0x10;
    CHECK_EQ(adfc_arena_bytes(copy, image_bytes, &needed), ADFC_BAD_IMAGE);
    CHECK_EQ(adfc_load(copy, image_bytes, arena, arena_bytes, &session), ADFC_BAD_IMAGE);
    CHECK(*adfc_error(session) && !adfc_operator_name(session, 0));
    CHECK_EQ(adfc_input(session, 0, &tensor), ADFC_NOT_READY);
    CHECK_EQ(adfc_register_operators(session, NULL), ADFC_NOT_READY);
    adfc_close(session);
  }
  free(copy);
  free(arena);
}

/* (1, 2, 2, 3) in array order of (1, 3, 2, 2): NHWC of NCHW. */
static const struct adfc_tensor nhwc = {
    .scale = 0.5,
    .levels = 12,
    .rank = 4,
    .shape = {1, 2, 2, 3, 1, 1},
    .user_rank = 4,
    .user_shape = {1, 3, 2, 2, 1, 1},
    .permutation = {0, 2, 3, 1, 0, 0},
};

static void levels_round_and_turn(void) {
  /* Halves to even, clipped: steps -0.5 0.5 1.5 2.5 | 127.4 500 -500 -1.5 | 0.49 -0.51 3 -128.5 */
  const float values[12] = {-0.25f, 0.25f,  0.75f,  1.25f,   63.7f, 250.f,
                            -250.f, -0.75f, 0.245f, -0.255f, 1.5f,  -64.25f};
  const int8_t expected[12] = {0, 127, 0, 0, 127, -1, 2, -128, 3, 2, -2, -128};
  int8_t levels[12];
  float back[12];
  CHECK_EQ(adfc_quantize(&nhwc, values, levels), ADFC_OK);
  for (int i = 0; i < 12; ++i)
    CHECK_EQ(levels[i], expected[i]);
  CHECK_EQ(adfc_dequantize(&nhwc, levels, back), ADFC_OK);
  CHECK(back[2] == 1.f && back[5] == 63.5f && back[11] == -64.f);
  CHECK_EQ(adfc_index_levels(&nhwc, (const int32_t[]){0}, levels), ADFC_BAD_ARGUMENT);
  float infinite[12] = {0};
  infinite[11] = (float)(1e38 * 10);
  CHECK_EQ(adfc_quantize(&nhwc, infinite, levels), ADFC_BAD_ARGUMENT);
}

static void indices_become_bytes(void) {
  const struct adfc_tensor tensor = {
      .levels = 8, .rank = 4, .shape = {1, 2, 1, 4, 1, 1}, .index_rows = 70000};
  int8_t levels[8];
  CHECK_EQ(adfc_index_levels(&tensor, (const int32_t[]){69999, 258}, levels), ADFC_OK);
  CHECK(!memcmp(levels, "\x6f\x11\x01\0\x02\x01\0\0", 8));
  CHECK_EQ(adfc_index_levels(&tensor, (const int32_t[]){70000, 0}, levels), ADFC_BAD_ARGUMENT);
  CHECK_EQ(adfc_index_levels(&tensor, (const int32_t[]){-1, 0}, levels), ADFC_BAD_ARGUMENT);
  CHECK_EQ(adfc_quantize(&tensor, (const float[]){0, 0}, levels), ADFC_BAD_ARGUMENT);
}

int main(int argc, char **argv) {
  if (argc != 2 || !read_image(argv[1]))
    return 2;
  RUN(five_steps);
  RUN(steps_left_out);
  RUN(an_operator_of_ones_own);
  RUN(memory_that_does_not_do);
  RUN(damaged_images);
  RUN(levels_round_and_turn);
  RUN(indices_become_bytes);
  return check_report();
}
