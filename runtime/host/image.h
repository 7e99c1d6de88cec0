/* Opening an image on a host: mounted, checked, and what is wrong told in a line. */
#ifndef ADFC_HOST_IMAGE_H
#define ADFC_HOST_IMAGE_H

#include "adfc/engine.h"
#include "adfc/rimfs.h"

/* Mounts the image (aligned to RIMFS_ALIGNMENT) and verifies its program. Returns an enum
 * adfc_status, with the reason in `text` (ADFC_TEXT_BYTES long). */
int image_open(struct rimfs *fs, struct engine_image *image, const void *bytes, size_t n_bytes,
               char *text);

#endif
