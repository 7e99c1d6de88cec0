/* From a mounted image to what the engine needs of it. */
#include "address.h"

ENGINE_SMALL_BEGIN

_Static_assert(sizeof(struct rimfs_kernel) == RIMFS_KERNEL_BYTES,
               "records lie in the image as they are");

enum { PROGRAM, CORE_PROGRAMS, KERNELS, WEIGHTS, LOAD_PROGRAM, SECTIONS };

/* Sections by name, and what their length is a multiple of. */
static const struct {
  char name[15];
  uint8_t unit;
} needed[SECTIONS] = {
    [PROGRAM] = {"program", 4},
    [CORE_PROGRAMS] = {"core_programs", 4},
    [KERNELS] = {"kernels", RIMFS_KERNEL_BYTES},
    [WEIGHTS] = {"weights", 1},
    [LOAD_PROGRAM] = {"load_program", 4}, /* need not be there */
};

int engine_open(struct engine_image *image, const struct rimfs *fs,
                const struct adfc_device *device) {
  struct rimfs_section found[SECTIONS] = {0};
  struct rimfs_io io;
  for (uint32_t i = 0; i < SECTIONS; ++i)
    if ((rimfs_find(fs, needed[i].name, &found[i]) && i != LOAD_PROGRAM) ||
        found[i].bytes % needed[i].unit)
      return ENGINE_BAD_IMAGE;
  if (rimfs_io(fs, &io))
    return ENGINE_BAD_IMAGE;
  /* RIMFS aligns images and sections to 64 bytes, so the casts are aligned. */
  *image = (struct engine_image){
      .device = device,
      .program = (const uint32_t *)(const void *)found[PROGRAM].data,
      .program_words = found[PROGRAM].bytes / 4,
      .load = (const uint32_t *)(const void *)found[LOAD_PROGRAM].data,
      .load_words = found[LOAD_PROGRAM].bytes / 4,
      .core_programs = (const uint32_t *)(const void *)found[CORE_PROGRAMS].data,
      .core_program_words = found[CORE_PROGRAMS].bytes / 4,
      .kernel_table = (const struct rimfs_kernel *)(const void *)found[KERNELS].data,
      .kernels = found[KERNELS].bytes / RIMFS_KERNEL_BYTES,
      .buffer_bytes =
          {
              [RCB_BUFFER_INPUT] = io.input_bytes,
              [RCB_BUFFER_OUTPUT] = io.output_bytes,
              [RCB_BUFFER_ARENA] = io.arena_bytes,
              [RCB_BUFFER_WEIGHTS] = found[WEIGHTS].bytes,
          },
  };
  return ENGINE_OK;
}

ENGINE_SMALL_END
