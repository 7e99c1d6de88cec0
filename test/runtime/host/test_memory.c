/* The host's memory: zero at first and after clearing, and taken up only where it is touched. */
#define _GNU_SOURCE
#include "memory.h"

#include "check.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* More pages than are cleared at a time, the last one not whole. */
enum { PAGES = 1300, ODD_BYTES = 100 };

static size_t page_bytes(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static size_t all_bytes(void) { return (PAGES - 1) * page_bytes() + ODD_BYTES; }

static size_t nonzero_bytes(const struct memory *m) {
  size_t count = 0;
  for (size_t i = 0; i < m->bytes; ++i)
    count += ((const uint8_t *)m->data)[i] != 0;
  return count;
}

static int is_touched(size_t page) { return page % 7 == 3 || page / 20 % 5 == 2; }

/* Some pages and ranges of pages, which cross the borders between pieces that are cleared. */
static size_t touch(struct memory *m) {
  size_t count = 0;
  for (size_t page = 0; page < PAGES - 1; ++page) {
    if (!is_touched(page))
      continue;
    memset((uint8_t *)m->data + page * page_bytes(), 0xa5, page_bytes());
    ++count;
  }
  return count;
}

static size_t resident_pages(const struct memory *m) {
  static unsigned char resident[PAGES];
  size_t count = 0;
  CHECK_EQ(mincore(m->data, m->bytes, resident), 0);
  for (size_t page = 0; page < PAGES; ++page)
    count += resident[page] & 1;
  return count;
}

static void is_zero_at_first_and_after_clearing(void) {
  for (int expected = 0; expected < 2; ++expected) {
    struct memory m;
    CHECK(memory_take(&m, all_bytes()));
    if (expected)
      memory_expect_use(&m, 3 * page_bytes());
    CHECK_EQ(nonzero_bytes(&m), 0);
    for (int round = 0; round < 3; ++round) {
      size_t touched = touch(&m);
      ((uint8_t *)m.data)[m.bytes - 1] = 1;
      CHECK_EQ(nonzero_bytes(&m), touched * page_bytes() + 1);
      memory_clear(&m);
      CHECK_EQ(nonzero_bytes(&m), 0);
    }
    memory_give(&m);
    CHECK(!m.data);
  }
}

/* Pages that were written are kept, and no others are taken up. */
static void clearing_takes_up_nothing(void) {
  struct memory m;
  CHECK(memory_take(&m, all_bytes()));
  CHECK_EQ(madvise(m.data, m.bytes, MADV_NOHUGEPAGE), 0);
  memory_clear(&m);
  CHECK_EQ(resident_pages(&m), 0);
  size_t touched = touch(&m);
  CHECK_EQ(resident_pages(&m), touched);
  memory_clear(&m);
  CHECK_EQ(resident_pages(&m), touched);
  memory_give(&m);
}

static void nothing_is_memory_too(void) {
  struct memory m;
  CHECK(memory_take(&m, 0));
  *(uint8_t *)m.data = 1;
  memory_clear(&m);
  CHECK_EQ(*(uint8_t *)m.data, 0);
  memory_give(&m);
}

int main(void) {
  RUN(is_zero_at_first_and_after_clearing);
  RUN(clearing_takes_up_nothing);
  RUN(nothing_is_memory_too);
  return check_report();
}
