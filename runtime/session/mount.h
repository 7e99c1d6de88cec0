/* Opening an image: mounted, its programs verified, and what is wrong told in a line. */
#ifndef ADFC_SESSION_MOUNT_H
#define ADFC_SESSION_MOUNT_H

#include "adfc/engine.h"
#include "adfc/rimfs.h"

/* Mounts the image (aligned to RIMFS_ALIGNMENT) and verifies its programs. Returns ADFC_OK or
 * ADFC_BAD_IMAGE, with the reason in `text`, `text_bytes` long. */
int session_mount(struct rimfs *fs, struct engine_image *image, const void *bytes, size_t n_bytes,
                  char *text, size_t text_bytes);

#endif
