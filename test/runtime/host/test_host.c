/* The host library on a whole image (its first argument), one that adds 3 to 64 bytes on a core
 * tile: runs, results, and every way in which an image can be cut or damaged. */
#include "adfc/adfc_host.h"
#include "adfc/rhal.h"
#include "check.h"

#include <stdlib.h>

static uint8_t *image;
static size_t image_bytes;

static int read_image(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return 0;
  image = malloc(1 << 16);
  image_bytes = fread(image, 1, 1 << 16, file);
  fclose(file);
  return image_bytes > 0 && image_bytes < 1 << 16;
}

static struct adfc_program *open_image(const char *isa) {
  struct adfc_program *program = NULL;
  char text[ADFC_TEXT_BYTES];
  CHECK_EQ(adfc_program_open(image, image_bytes, isa, &program, text), ADFC_OK);
  return program;
}

static void runs_and_runs_again(void) {
  struct adfc_program *program = open_image(NULL);
  struct adfc_options options = {0};
  static struct adfc_result result;
  uint64_t cycles = 0;
  for (int run = 0; run < 3; ++run) {
    uint8_t input[64], output[64] = {0};
    for (int i = 0; i < 64; ++i)
      input[i] = (uint8_t)(5 * i + run);
    CHECK_EQ(adfc_program_run(program, &options, input, 64, output, 64, &result), ADFC_OK);
    for (int i = 0; i < 64; ++i)
      CHECK_EQ(output[i], (uint8_t)(5 * i + run + 3));
    CHECK(run == 0 || result.cost.cycles == cycles);
    cycles = result.cost.cycles;
  }
  CHECK(result.phases == 1 && result.cores == 1 && result.timestamps == 0);
  adfc_program_close(program);
}

static void tables_are_cut_at_the_caller_s_size(void) {
  struct adfc_program *program = open_image("x86_64");
  struct adfc_options options = {0};
  struct adfc_core core = {0};
  struct adfc_info info;
  static struct adfc_result result;
  uint8_t block[64] = {0};
  CHECK_EQ(adfc_program_cores(program, &core, 1), 0); /* nothing has run */
  CHECK_EQ(adfc_program_run(program, &options, block, 64, block, 64, &result), ADFC_OK);
  CHECK_EQ(adfc_program_cores(program, NULL, 0), 1);
  CHECK_EQ(adfc_program_cores(program, &core, 1), 1);
  CHECK(core.column == 2 && core.row == 3 && core.calls == 1);
  CHECK_EQ(adfc_program_phases(program, NULL, 0), 1);
  adfc_program_info(program, &info);
  CHECK(strcmp(info.isa, "x86_64") == 0 && strcmp(info.device, "ve2802") == 0);
  adfc_program_close(program);
}

static void blocks_of_a_wrong_size_are_refused(void) {
  struct adfc_program *program = open_image(NULL);
  struct adfc_options options = {0};
  static struct adfc_result result;
  uint8_t block[64] = {0};
  CHECK_EQ(adfc_program_run(program, &options, block, 63, block, 64, &result), ADFC_BAD_ARGUMENT);
  CHECK_EQ(adfc_program_run(program, &options, block, 64, block, 60, &result), ADFC_BAD_ARGUMENT);
  CHECK_CONTAINS(result.text, "wrong size");
  adfc_program_close(program);
}

static int native(void) {
  rhal_phase(9);
  return rhal_wait_task(2 << 8, 0, 0, 1000);
}

static void a_native_program_s_fault_is_told(void) {
  struct adfc_program *program = open_image(NULL);
  struct adfc_options options = {.native = native};
  static struct adfc_result result;
  uint8_t block[64] = {0};
  CHECK_EQ(adfc_program_run(program, &options, block, 64, block, 64, &result), ADFC_FAULTED);
  CHECK_EQ(result.fault_rhal, RHAL_DEADLOCK);
  CHECK_EQ(result.fault_phase, 9);
  CHECK_CONTAINS(result.text, "deadlock");
  adfc_program_close(program);
}

static void refuse(const uint8_t *bytes, size_t n_bytes) {
  struct adfc_program *program;
  char text[ADFC_TEXT_BYTES] = "";
  CHECK_EQ(adfc_image_verify(bytes, n_bytes, text), ADFC_BAD_IMAGE);
  CHECK(text[0] && !strchr(text, '\n'));
  CHECK_EQ(adfc_program_open(bytes, n_bytes, NULL, &program, text), ADFC_BAD_IMAGE);
  CHECK(program == NULL);
}

static void every_truncation_is_refused(void) {
  for (size_t bytes = 0; bytes < image_bytes; ++bytes) {
    uint8_t *cut = malloc(bytes + 1); /* exactly as long: the sanitizer sees any byte past it */
    memcpy(cut, image, bytes);
    refuse(cut, bytes);
    free(cut);
  }
}

static void every_flipped_bit_is_refused(void) {
  for (size_t bit = 0; bit < 8 * image_bytes; bit += 3) { /* 3 and 8 have no common factor */
    image[bit / 8] ^= (uint8_t)(1u << bit % 8);
    refuse(image, image_bytes);
    image[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
}

static void an_unknown_instruction_set_is_refused(void) {
  struct adfc_program *program;
  char text[ADFC_TEXT_BYTES];
  CHECK_EQ(adfc_program_open(image, image_bytes, "z80", &program, text), ADFC_NO_CODE);
  CHECK_CONTAINS(text, "'z80'");
  CHECK_EQ(adfc_isa_supported("z80"), 0);
}

int main(int argc, char **argv) {
  if (argc != 2 || !read_image(argv[1]))
    return 2;
  RUN(runs_and_runs_again);
  RUN(tables_are_cut_at_the_caller_s_size);
  RUN(blocks_of_a_wrong_size_are_refused);
  RUN(a_native_program_s_fault_is_told);
  RUN(every_truncation_is_refused);
  RUN(every_flipped_bit_is_refused);
  RUN(an_unknown_instruction_set_is_refused);
  free(image);
  return check_report();
}
