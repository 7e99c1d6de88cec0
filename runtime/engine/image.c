/* From a mounted image to what the engine needs of it. */
#include "address.h"

ENGINE_SMALL_BEGIN

_Static_assert(sizeof(struct rimfs_kernel) == RIMFS_KERNEL_BYTES,
               "records lie in the image as they are");

enum { PROGRAM, CORE_PROGRAMS, KERNELS, WEIGHTS, LOAD_PROGRAM, SECTIONS };

/* Sections by name, and what their length is a multiple of. */
static const struct needed {
  char name[15];
  uint8_t unit;
} needed[SECTIONS] = {
    [PROGRAM] = {"program", 4},
    [CORE_PROGRAMS] = {"core_programs", 4},
    [KERNELS] = {"kernels", RIMFS_KERNEL_BYTES},
    [WEIGHTS] = {"weights", 1},
    [LOAD_PROGRAM] = {"load_program", 4}, /* need not be there */
};

/*@ requires index < SECTIONS;
    assigns \nothing;
    ensures \valid_read(\result) && text(&\result->name[0], 14) && \result->unit != 0; */
static const struct needed *needed_section(uint32_t index) {
  /*@ assert index == PROGRAM || index == CORE_PROGRAMS || index == KERNELS || index == WEIGHTS ||
             index == LOAD_PROGRAM; */
  return &needed[index];
}

/*@ // The section lies in the image; number `index` need not be there if it is the load program.
    predicate found_in(struct rimfs *fs, struct rimfs_section *s, integer index) =
      \valid_read(s->data + (0 .. s->bytes - 1)) &&
      (index == LOAD_PROGRAM && s->data == \null
         ? s->bytes == 0
         : s->data != \null && \base_addr(s->data) == \base_addr(fs->base)); */

/* Finds the sections; `found` is all zero before. */
/*@ requires \valid_read(fs) && sound_image(fs) && \valid(found + (0 .. SECTIONS - 1));
    requires \separated(found + (0 .. SECTIONS - 1), fs) &&
             \separated(found + (0 .. SECTIONS - 1), fs->base + (0 .. fs->bytes - 1));
    requires found[LOAD_PROGRAM].data == \null && found[LOAD_PROGRAM].bytes == 0;
    assigns found[0 .. SECTIONS - 1];
    ensures \result == ENGINE_OK ==>
            \forall integer k; 0 <= k < SECTIONS ==> found_in(fs, found + k, k); */
static int find_all(const struct rimfs *fs, struct rimfs_section *found) {
  /*@ loop invariant 0 <= i <= SECTIONS;
      loop invariant \forall integer k; 0 <= k < i ==> found_in(fs, found + k, k);
      loop invariant i <= LOAD_PROGRAM ==>
                     found[LOAD_PROGRAM].data == \null && found[LOAD_PROGRAM].bytes == 0;
      loop assigns i, found[0 .. SECTIONS - 1];
      loop variant SECTIONS - i; */
  for (uint32_t i = 0; i < SECTIONS; ++i) {
    const struct needed *section = needed_section(i);
    if ((rimfs_find(fs, section->name, &found[i]) && i != LOAD_PROGRAM) ||
        found[i].bytes % section->unit)
      return ENGINE_BAD_IMAGE;
    /*@ assert found_in(fs, found + i, i); */
  }
  return ENGINE_OK;
}

/* RIMFS aligns images and sections to 64 bytes, so the casts are aligned. */
/*@ requires \valid(image) && \valid_read(io) && \valid_read(found + (0 .. SECTIONS - 1));
    requires \separated(image, io) && \separated(image, found + (0 .. SECTIONS - 1));
    requires \valid_read(fs) && \separated(image, fs);
    requires \forall integer k; 0 <= k < SECTIONS ==> found_in(fs, found + k, k);
    assigns *image;
    ensures image->device == device;
    ensures \valid_read(image->program + (0 .. image->program_words - 1));
    ensures \valid_read(image->load + (0 .. image->load_words - 1));
    ensures image->load == \null ==> image->load_words == 0;
    ensures \valid_read(image->core_programs + (0 .. image->core_program_words - 1));
    ensures \valid_read(image->kernel_table + (0 .. image->kernels - 1));
    ensures lies_in(image, fs); */
static void fill(struct engine_image *image, const struct adfc_device *device,
                 const struct rimfs_section *found, const struct rimfs_io *io)
/*@ ghost (const struct rimfs *fs) */ {
  /*@ assert found_in(fs, found + PROGRAM, PROGRAM); */
  /*@ assert found_in(fs, found + CORE_PROGRAMS, CORE_PROGRAMS); */
  /*@ assert found_in(fs, found + KERNELS, KERNELS); */
  /*@ assert found_in(fs, found + LOAD_PROGRAM, LOAD_PROGRAM); */
  /*@ assert \valid_read(found[PROGRAM].data + (0 .. found[PROGRAM].bytes / 4 - 1)); */
  /*@ assert \valid_read(found[LOAD_PROGRAM].data + (0 .. found[LOAD_PROGRAM].bytes / 4 - 1)); */
  /*@ assert \valid_read(found[CORE_PROGRAMS].data + (0 .. found[CORE_PROGRAMS].bytes / 4 - 1)); */
  image->device = device;
  image->program = (const uint32_t *)(const void *)found[PROGRAM].data;
  image->program_words = found[PROGRAM].bytes / 4;
  image->load = (const uint32_t *)(const void *)found[LOAD_PROGRAM].data;
  image->load_words = found[LOAD_PROGRAM].bytes / 4;
  image->core_programs = (const uint32_t *)(const void *)found[CORE_PROGRAMS].data;
  image->core_program_words = found[CORE_PROGRAMS].bytes / 4;
  image->kernel_table = (const struct rimfs_kernel *)(const void *)found[KERNELS].data;
  image->kernels = found[KERNELS].bytes / RIMFS_KERNEL_BYTES;
  image->buffer_bytes[RCB_BUFFER_INPUT] = io->input_bytes;
  image->buffer_bytes[RCB_BUFFER_OUTPUT] = io->output_bytes;
  image->buffer_bytes[RCB_BUFFER_ARENA] = io->arena_bytes;
  image->buffer_bytes[RCB_BUFFER_WEIGHTS] = found[WEIGHTS].bytes;
  image->verified = 0;
}

int engine_open(struct engine_image *image, const struct rimfs *fs,
                const struct adfc_device *device) {
  struct rimfs_section found[SECTIONS] = {0};
  struct rimfs_io io;
  if (rimfs_io(fs, &io) || find_all(fs, found))
    return ENGINE_BAD_IMAGE;
  fill(image, device, found, &io) /*@ ghost (fs) */;
  return ENGINE_OK;
}

ENGINE_SMALL_END
