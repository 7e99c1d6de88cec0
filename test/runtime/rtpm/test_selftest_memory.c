/* The boards' memory test finds faults of the memory. They are made with page tables: a page that
 * is there twice is a stuck address line. */
#define _GNU_SOURCE
#include "selftest.h"

#include "check.h"

#include <sys/mman.h>
#include <unistd.h>

enum { PAGES = 4 };

static size_t page_words(void) { return (size_t)sysconf(_SC_PAGESIZE) / 4; }

/* PAGES pages of memory, of which page number i is page places[i] of a file. */
static uint32_t *map(const uint32_t places[PAGES]) {
  size_t page = 4 * page_words();
  int file = memfd_create("memory", 0);
  CHECK_EQ(ftruncate(file, (off_t)(PAGES * page)), 0);
  uint8_t *area = mmap(NULL, PAGES * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (uint32_t i = 0; i < PAGES; ++i)
    CHECK(mmap(area + i * page, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file,
               (off_t)(places[i] * page)) == area + i * page);
  close(file);
  return (uint32_t *)(void *)area;
}

static void test_good_memory_passes_and_is_cleared(void) {
  uint32_t *area = map((const uint32_t[PAGES]){0, 1, 2, 3});
  size_t words = PAGES * page_words();
  CHECK(selftest_memory(area, (uint32_t)words) == NULL);
  uint32_t all = 0;
  for (size_t i = 0; i < words; ++i)
    all |= area[i];
  CHECK_EQ(all, 0);
}

static void test_a_stuck_address_line(void) {
  static const uint32_t faults[][PAGES] = {{0, 0, 2, 2}, {0, 1, 0, 1}};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; ++i) {
    uint32_t *area = map(faults[i]);
    const char *problem = selftest_memory(area, (uint32_t)(PAGES * page_words()));
    CHECK(problem != NULL);
    CHECK_CONTAINS(problem ? problem : "", "an address line is stuck");
  }
}

/* Pages 2 and 3 are the same: no power of two lies in the last. */
static void test_a_fault_beside_the_address_lines(void) {
  uint32_t *area = map((const uint32_t[PAGES]){0, 1, 2, 2});
  const char *problem = selftest_memory(area, (uint32_t)(PAGES * page_words()));
  CHECK(problem != NULL);
  CHECK_CONTAINS(problem ? problem : "", "does not keep what is written");
}

int main(void) {
  RUN(test_good_memory_passes_and_is_cleared);
  RUN(test_a_stuck_address_line);
  RUN(test_a_fault_beside_the_address_lines);
  return check_report();
}
