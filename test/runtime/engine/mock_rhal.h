/* A RHAL that writes down its calls. */
#ifndef ADFC_TEST_MOCK_RHAL_H
#define ADFC_TEST_MOCK_RHAL_H

#include <stdint.h>

struct mock_call {
  const char *name;
  uint32_t arguments[4];
};

extern struct mock_call mock_calls[64];
extern uint32_t mock_count;
/* The call of this number fails with `mock_failure`; none: UINT32_MAX. A failing poll has seen
 * `mock_seen`. */
extern uint32_t mock_fail_at, mock_seen;
extern int mock_failure;

void mock_reset(void);

#endif
