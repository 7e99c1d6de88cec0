#include "code.h"

#define MAGIC 0x444f434bu /* the bytes 'KCOD' */

enum { WORD_MAGIC, WORD_KERNELS, WORD_BYTES, WORD_ENTRIES };

const char *code_bind(const uint8_t *code, size_t bytes, aie_kernel_fn *kernels, uint32_t count) {
  const uint32_t *words = (const uint32_t *)(const void *)code;
  uint64_t start = (4 * (WORD_ENTRIES + (uint64_t)count) + 63) / 64 * 64;
  if (bytes < 4 * WORD_ENTRIES || words[WORD_MAGIC] != MAGIC)
    return "it holds no kernel code";
  if (words[WORD_KERNELS] != count)
    return "it is not of this image: the number of kernels differs";
  if (start > bytes || words[WORD_BYTES] > bytes - start)
    return "its code reaches past its end";
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t offset = words[WORD_ENTRIES + i];
    if (offset >= words[WORD_BYTES])
      return "a kernel begins outside of its code";
    kernels[i] = (aie_kernel_fn)((uintptr_t)code + (uintptr_t)start + offset);
  }
  return 0;
}
