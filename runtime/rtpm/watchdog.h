/* A watchdog in software: a timer of the board that is looked at before and after each wait for the
 * array (rhal_watch.c). Waits are bounded by themselves (ADFC_MAX_WAIT array cycles); this bounds
 * their sum, by the board's clock. What does not come back, as a kernel that never ends, is met by
 * an interrupt at WATCHDOG_BARK_MS more than twice that time: it ends the board's program with a
 * fault record. */
#ifndef ADFC_RTPM_WATCHDOG_H
#define ADFC_RTPM_WATCHDOG_H

#include <stdint.h>

enum { WATCHDOG_BARK_MS = 1000 };

/* The program is in phase `id` now. */
void watchdog_phase(uint32_t id);

/* From now on, for `milliseconds`. */
void watchdog_start(uint32_t milliseconds);
void watchdog_stop(void);

/* Whether the time has passed since watchdog_start(). Remains so until the next start. */
int watchdog_fired(void);

#endif
