/*===- CApi.h - Kernels in plain C ------------------------------------------===
 *
 * For programs that have kernels as JSON, such as an image's own table of them: a list of
 *   {"name": "conv2d_0", "kind": "conv2d", "config": {"in": [6, 6, 16], ...}}
 *
 *===----------------------------------------------------------------------===*/
#ifndef ADFC_KERNELS_CAPI_H
#define ADFC_KERNELS_CAPI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a call made: bytes, or one line of text that says what was wrong (status is then not 0). */
struct adfc_kernel_result {
  int32_t status;
  size_t size;
  uint8_t *data; /* zero-terminated; adfc_kernel_result_free frees it */
};

/* The section `code.<isa>` of the kernels. */
struct adfc_kernel_result adfc_compile_kernels_json(const char *kernels, const char *isa);

/* The kernels' text at a stage: "structured", "loops", "llvm" or "assembly". */
struct adfc_kernel_result adfc_print_kernels_json(const char *kernels, const char *isa,
                                                  const char *stage);

/* What each kernel takes, as JSON: [{"buffers": [{"name", "bytes", "written"}], "immediates":
 * [name]}]. */
struct adfc_kernel_result adfc_describe_kernels_json(const char *kernels);

/* The section of one kernel from an object file's bytes; `symbol` is its entry. */
struct adfc_kernel_result adfc_link_kernel(const char *object, size_t bytes, const char *symbol);

/* What a C compiler has to know of an instruction set, as JSON: {"triple", "cpu", "features",
 * "code_model", "vector_bytes"}. */
struct adfc_kernel_result adfc_instruction_set_json(const char *isa);

void adfc_kernel_result_free(struct adfc_kernel_result result);

#ifdef __cplusplus
}
#endif

#endif /* ADFC_KERNELS_CAPI_H */
