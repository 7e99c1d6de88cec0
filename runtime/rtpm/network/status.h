/* What a board says of itself to those who ask: a line `name value` for each. */
#ifndef ADFC_RTPM_STATUS_H
#define ADFC_RTPM_STATUS_H

#include "slots.h"

#include <stddef.h>

/* Writes the lines to `text`, cut at `bytes`. `upload` is how the last upload went. Returns their
 * length. */
uint32_t status_text(const struct slots *s, const char *upload, char *text, size_t bytes);

#endif
