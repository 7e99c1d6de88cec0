/* From a mounted image to what the engine needs of it. */
#include "adfc/engine.h"

static int find(const struct rimfs *fs, const char *name, struct rimfs_section *section) {
  return rimfs_find(fs, name, section) == RIMFS_OK && section->bytes % 4 == 0;
}

static const uint32_t *words(const struct rimfs_section *section) {
  /* RIMFS aligns images and sections to 64 bytes. */
  return (const uint32_t *)(const void *)section->data;
}

_Static_assert(sizeof(struct rimfs_kernel) == RIMFS_KERNEL_BYTES,
               "records lie in the image as they are");

int engine_open(struct engine_image *image, const struct rimfs *fs,
                const struct adfc_device *device) {
  struct rimfs_section program, core_programs, kernels, weights;
  struct rimfs_io io;
  if (!find(fs, "program", &program) || !find(fs, "core_programs", &core_programs) ||
      !find(fs, "kernels", &kernels) || kernels.bytes % RIMFS_KERNEL_BYTES ||
      rimfs_find(fs, "weights", &weights) || rimfs_io(fs, &io))
    return ENGINE_BAD_IMAGE;
  *image = (struct engine_image){
      .device = device,
      .program = words(&program),
      .program_words = program.bytes / 4,
      .core_programs = words(&core_programs),
      .core_program_words = core_programs.bytes / 4,
      .kernel_table = (const struct rimfs_kernel *)(const void *)kernels.data,
      .kernels = kernels.bytes / RIMFS_KERNEL_BYTES,
      .buffer_bytes =
          {
              [RCB_BUFFER_INPUT] = io.input_bytes,
              [RCB_BUFFER_OUTPUT] = io.output_bytes,
              [RCB_BUFFER_ARENA] = io.arena_bytes,
              [RCB_BUFFER_WEIGHTS] = weights.bytes,
          },
  };
  return ENGINE_OK;
}
