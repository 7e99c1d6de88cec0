#define _GNU_SOURCE
#include "memory.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGES_AT_A_TIME = 512 };

int memory_take(struct memory *m, size_t bytes) {
  m->bytes = bytes ? bytes : 1;
  m->data = mmap(NULL, m->bytes, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (m->data == MAP_FAILED)
    m->data = NULL;
  return m->data != NULL;
}

void memory_expect_use(struct memory *m, size_t from) {
  /* A wish: small pages do as well. */
  (void)madvise((uint8_t *)m->data + from, m->bytes - from, MADV_HUGEPAGE);
}

/* What is not resident is given back, not written: it may lie in swap, or nowhere. Linux: private
 * anonymous pages read as zero after that. */
static void clear_run(uint8_t *data, size_t bytes, int resident) {
  if (resident || madvise(data, bytes, MADV_DONTNEED))
    memset(data, 0, bytes);
}

static void clear_pages(uint8_t *data, size_t pages, size_t page_bytes) {
  unsigned char resident[PAGES_AT_A_TIME] = {0};
  if (mincore(data, pages * page_bytes, resident))
    memset(resident, 0, sizeof resident);
  for (size_t first = 0, end; first < pages; first = end) {
    for (end = first + 1; end < pages && resident[end] == resident[first]; ++end)
      ;
    clear_run(data + first * page_bytes, (end - first) * page_bytes, resident[first] & 1);
  }
}

void memory_clear(struct memory *m) {
  size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
  size_t left = (m->bytes + page_bytes - 1) / page_bytes;
  for (uint8_t *data = m->data; left;) {
    size_t pages = left < PAGES_AT_A_TIME ? left : PAGES_AT_A_TIME;
    clear_pages(data, pages, page_bytes);
    data += pages * page_bytes;
    left -= pages;
  }
}

void memory_give(struct memory *m) {
  if (m->data)
    munmap(m->data, m->bytes);
  *m = (struct memory){0};
}
