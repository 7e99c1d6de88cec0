#define _GNU_SOURCE
#include "memory.h"

#include <string.h>
#include <sys/mman.h>

int memory_take(struct memory *m, size_t bytes) {
  m->bytes = bytes ? bytes : 1;
  m->data = mmap(NULL, m->bytes, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (m->data == MAP_FAILED)
    m->data = NULL;
  return m->data != NULL;
}

void memory_clear(struct memory *m) {
  /* Linux: private anonymous pages read as zero after this. */
  if (madvise(m->data, m->bytes, MADV_DONTNEED))
    memset(m->data, 0, m->bytes);
}

void memory_give(struct memory *m) {
  if (m->data)
    munmap(m->data, m->bytes);
  *m = (struct memory){0};
}
