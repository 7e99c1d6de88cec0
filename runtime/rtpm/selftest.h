/* What is tried before a program is trusted to run. Each returns NULL, or what is wrong. */
#ifndef ADFC_RTPM_SELFTEST_H
#define ADFC_RTPM_SELFTEST_H

#include <stdint.h>

struct adfc_device;

/* Writes patterns over `words` words (a power of two) and reads them back: each data line, each
 * address line, and every word with its own number and its complement. Leaves zeros. */
const char *selftest_memory(volatile uint32_t *area, uint32_t words);

/* The program's code and constants have the checksum that they were built with. */
const char *selftest_code(void);

/* The board's clock and its alarm run. */
const char *selftest_timer(void);

/* The array behind the RHAL keeps what is written to it, and refuses what it does not have. */
const char *selftest_array(const struct adfc_device *device);

#endif
