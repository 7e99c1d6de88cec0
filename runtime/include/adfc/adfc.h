/* adfc's deployment API: five steps from a program image to results.
 *
 *   1. adfc_load()                 an image, into memory that the caller gives
 *   2. adfc_register_operators()   the code of its kernels, out of the image;
 *      adfc_register_operator()    or one kernel's code of the caller's own
 *   3. adfc_set_input(), adfc_set_output()   where the levels of each tensor are
 *   4. adfc_run()                  one inference, on the emulated array
 *   5. the outputs' buffers; adfc_counters(), adfc_phase()
 *
 * adfc.Session in Python has the same steps; docs/deployment-api.md shows both side by side.
 *
 * Tensors are int8 levels in array order (images: NHWC), without padding; adfc_quantize() and
 * adfc_dequantize() make them from floats in the order of the model's user, and back.
 *
 * C11. No heap and no globals: a session lives in the caller's memory; sessions are independent of
 * each other, each is used by one thread at a time, and a thread runs one at a time. All functions
 * but adfc_register_operators() need neither operating system nor libc other than mem*. */
#ifndef ADFC_H
#define ADFC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ADFC_API __attribute__((visibility("default")))

enum adfc_status {
  ADFC_OK = 0,
  ADFC_BAD_IMAGE,    /* damaged, truncated, or not valid */
  ADFC_BAD_ARGUMENT, /* a wrong argument of a function of this header */
  ADFC_NO_CODE,      /* the image has no kernel code that this machine can run */
  ADFC_NO_MEMORY,    /* the memory given is too small, or the operating system gives none */
  ADFC_FAULTED,      /* the program stopped with a fault */
  ADFC_NOT_READY,    /* a step before this one is missing */
};

enum {
  ADFC_ALIGNMENT = 64, /* bytes: of images and of the memory for a session */
  ADFC_RANK = 6,       /* axes that a tensor has at most */
};

struct adfc_session;

/* Code of a kernel: `buffers` point into the calling core's data memory. What a kernel may touch
 * is up to its record in the image: the bytes of each buffer, and so many immediates. */
typedef void (*adfc_operator)(uint8_t *const *buffers, const int32_t *immediates);

/* An input or output. `shape` has `rank` axes in array order; `levels` is their product: so many
 * int8 are set or read. The user's tensor has the shape `user_shape`, `user_rank` axes, as floats:
 * real = scale * level; axis i of the array is axis permutation[i] of the user.
 *
 * Where `index_rows` is not 0 the values are no reals but indices below it; the levels are then the
 * four bytes of each int32, little-endian.
 *
 * `scale` is 0 and user_rank too where an image has no section `tensors` (docs/rimfs.md). */
struct adfc_tensor {
  const char *name; /* in the image */
  double scale;
  uint64_t levels;
  uint32_t rank, shape[ADFC_RANK];
  uint32_t user_rank, user_shape[ADFC_RANK], permutation[ADFC_RANK];
  uint32_t index_rows;
};

/* What a run, or one phase of it, cost, in modelled cycles of the array. `control_cycles` are
 * those of register accesses, `exposed_cycles` those of them during which nothing in the array was
 * in progress. */
struct adfc_cost {
  uint64_t cycles, control_cycles, exposed_cycles, ddr_read_bytes, ddr_write_bytes;
};

/* Of the latest run. */
struct adfc_counters {
  struct adfc_cost cost; /* of the inference alone */
  struct adfc_cost load; /* of the load program; all 0 where it was not played in that run */
  uint64_t kernel_calls; /* by all cores, in the inference */
  uint64_t core_cycles;  /* that cores spent in kernels, summed over the cores */
  uint32_t cores;        /* that called kernels */
  uint32_t instructions; /* control blocks played for the inference */
  uint32_t phases;       /* how many adfc_phase() has */
  uint32_t clock_mhz;    /* of the device: cycles / clock_mhz are microseconds */
};

/* One phase (docs/architecture.md) of the latest run. */
struct adfc_phase_counters {
  uint64_t id, start_cycle; /* from the inference's start */
  struct adfc_cost cost;
};

/* What a status means, in a few words. Never NULL. */
ADFC_API const char *adfc_status_text(int status);

/* ---- 1. load */

/* Sets *arena_bytes to what adfc_load() needs for this image (ve2802: about 66 MB, nearly all of
 * it the emulated tiles' memories). Checks the image as adfc_load() does. */
ADFC_API int adfc_arena_bytes(const void *image, size_t image_bytes, size_t *arena_bytes);

/* Checks the image whole and makes a session for it in `arena`. Image and arena are aligned to
 * ADFC_ALIGNMENT; the image is used where it lies, so it stays in place and unchanged, and the
 * arena is the session's, both until adfc_close(). What the arena holds before does not matter.
 *
 * On failure *session is NULL, or one that serves adfc_error() alone. */
ADFC_API int adfc_load(const void *image, size_t image_bytes, void *arena, size_t arena_bytes,
                       struct adfc_session **session);

/* Gives back what adfc_register_operators() took from the operating system. NULL: nothing to do. */
ADFC_API void adfc_close(struct adfc_session *session);

/* What the latest failure of a function with this session was about: one line, and for a fault
 * lines about who waits for what. Empty before any; never NULL. Valid until the next call. */
ADFC_API const char *adfc_error(const struct adfc_session *session);

/* ---- 2. register operators */

/* Takes the code of all kernels that have none yet out of the image, for the instruction set `isa`
 * ("x86_64-vnni"; NULL: the best that this machine runs). Needs an operating system: it makes
 * memory executable. Run only images that you trust. */
ADFC_API int adfc_register_operators(struct adfc_session *session, const char *isa);

/* Makes `code` the code of the kernel `name`, whatever it was. ADFC_BAD_ARGUMENT where the image
 * calls no such kernel. */
ADFC_API int adfc_register_operator(struct adfc_session *session, const char *name,
                                    adfc_operator code);

/* Name of kernel `index`; NULL: there are not so many. */
ADFC_API const char *adfc_operator_name(const struct adfc_session *session, uint32_t index);

/* ---- 3. set buffers */

ADFC_API uint32_t adfc_input_count(const struct adfc_session *session);
ADFC_API uint32_t adfc_output_count(const struct adfc_session *session);
ADFC_API int adfc_input(const struct adfc_session *session, uint32_t index,
                        struct adfc_tensor *tensor);
ADFC_API int adfc_output(const struct adfc_session *session, uint32_t index,
                         struct adfc_tensor *tensor);

/* Where the levels of an input are read by each run, and those of an output are written. `bytes`
 * must be the tensor's `levels`. The buffers stay the caller's and may be set anew at any time. */
ADFC_API int adfc_set_input(struct adfc_session *session, uint32_t index, const int8_t *levels,
                            size_t bytes);
ADFC_API int adfc_set_output(struct adfc_session *session, uint32_t index, int8_t *levels,
                             size_t bytes);

/* Floats in the user's order to levels, and back. Rounds half to even and clips to -128..127, as
 * adfc does everywhere. ADFC_BAD_ARGUMENT for a value that is not finite, and for tensors without a
 * scale or of indices. */
ADFC_API int adfc_quantize(const struct adfc_tensor *tensor, const float *values, int8_t *levels);
ADFC_API int adfc_dequantize(const struct adfc_tensor *tensor, const int8_t *levels, float *values);

/* Indices to levels. ADFC_BAD_ARGUMENT for one out of bounds, and for tensors of reals. */
ADFC_API int adfc_index_levels(const struct adfc_tensor *tensor, const int32_t *indices,
                               int8_t *levels);

/* ---- 4. run */

/* One inference. The array is loaded before the first one and after a fault, and kept from run to
 * run. Outputs are written only where the run succeeds. ADFC_NOT_READY where a buffer is not set or
 * a kernel has no code; ADFC_FAULTED where the program stops, adfc_error() says where. */
ADFC_API int adfc_run(struct adfc_session *session);

/* Powers the array off and on: the next run is one on a cold array. */
ADFC_API void adfc_reset(struct adfc_session *session);

/* ---- 5. read results (the outputs are in their buffers) */

/* ADFC_NOT_READY where nothing has run. */
ADFC_API int adfc_counters(const struct adfc_session *session, struct adfc_counters *counters);
ADFC_API int adfc_phase(const struct adfc_session *session, uint32_t index,
                        struct adfc_phase_counters *phase);

#ifdef __cplusplus
}
#endif

#endif
