/* Images over TFTP (RFC 1350; the server is lwIP's): who writes the file `image` in mode octet
 * uploads one, who reads `status` learns how that went. */
#ifndef ADFC_RTPM_UPLOAD_H
#define ADFC_RTPM_UPLOAD_H

#include "slots.h"

enum { UPLOAD_STATUS_BYTES = 2048 };

/* Returns 1, or 0 where lwIP has no memory for it. `changed` is called when another image has
 * become active. */
int upload_start(struct slots *s, void (*changed)(void));

/* The lines of status.h, to `text`, UPLOAD_STATUS_BYTES long. Returns their length. */
uint32_t upload_status(char *text);

/* The image that was active before is active again, and `why`. */
void upload_fell_back(const char *why);

#endif
