#include "image.h"

#include "adfc/adfc_host.h"
#include "code.h"
#include "mount.h"

int image_open(struct rimfs *fs, struct engine_image *image, const void *bytes, size_t n_bytes,
               char *text) {
  int status = session_mount(fs, image, bytes, n_bytes, text, ADFC_TEXT_BYTES);
  return status ? status : code_check(fs, image->kernels, text);
}
