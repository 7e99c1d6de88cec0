/* A watchdog in software: a timer of the board that is looked at before and after each wait for the
 * array (rhal_watch.c). Waits are bounded by themselves (ADFC_MAX_WAIT array cycles); this bounds
 * their sum, by the board's clock. No interrupt is needed; a kernel that never ends is not caught.
 */
#ifndef ADFC_RTPM_WATCHDOG_H
#define ADFC_RTPM_WATCHDOG_H

#include <stdint.h>

/* From now on, for `milliseconds`. */
void watchdog_start(uint32_t milliseconds);
void watchdog_stop(void);

/* Whether the time has passed since watchdog_start(). Remains so until the next start. */
int watchdog_fired(void);

#endif
