/* Checks for the run time's C tests. A test program is a list of RUN(function) and `return
 * check_report();`. */
#ifndef ADFC_TEST_CHECK_H
#define ADFC_TEST_CHECK_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int check_failures;
static const char *check_test;

#define RUN(function) (check_test = #function, function())

#define CHECK_FAIL(...)                                                                            \
  (++check_failures, fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, check_test),               \
   fprintf(stderr, __VA_ARGS__), fputc('\n', stderr))

/* That a condition holds. */
#define CHECK(condition)                                                                           \
  do {                                                                                             \
    if (!(condition))                                                                              \
      CHECK_FAIL("not so: %s", #condition);                                                        \
  } while (0)

/* That two integers are equal. */
#define CHECK_EQ(actual, expected)                                                                 \
  do {                                                                                             \
    long long check_a = (long long)(actual), check_e = (long long)(expected);                      \
    if (check_a != check_e)                                                                        \
      CHECK_FAIL("%s is %lld (%#llx), expected %lld (%#llx)", #actual, check_a,                    \
                 (unsigned long long)check_a, check_e, (unsigned long long)check_e);               \
  } while (0)

/* That the text `actual` contains `part`. */
#define CHECK_CONTAINS(actual, part)                                                               \
  do {                                                                                             \
    if (!strstr((actual), (part)))                                                                 \
      CHECK_FAIL("\"%s\" does not contain \"%s\"", (actual), (part));                              \
  } while (0)

static inline int check_report(void) {
  if (check_failures)
    fprintf(stderr, "%d checks failed\n", check_failures);
  return check_failures != 0;
}

#endif
