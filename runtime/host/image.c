#include "image.h"

#include "adfc/adfc_host.h"
#include "adfc/spec/devices.h"
#include "code.h"

#include <stdio.h>

/* Which section the engine misses, or cannot read. */
static int refuse_sections(const struct rimfs *fs, char *text) {
  static const char *const names[] = {"program", "core_programs", "kernels", "weights", "io"};
  struct rimfs_section s;
  for (unsigned i = 0; i < sizeof names / sizeof *names; ++i) {
    if (rimfs_find(fs, names[i], &s)) {
      snprintf(text, ADFC_TEXT_BYTES, "the image has no section %s", names[i]);
      return ADFC_BAD_IMAGE;
    }
  }
  struct rimfs_io io;
  if (rimfs_io(fs, &io))
    snprintf(text, ADFC_TEXT_BYTES, "section io: %s", rimfs_reason(RIMFS_BAD_CONTENT));
  else
    snprintf(text, ADFC_TEXT_BYTES,
             "section program, load_program, core_programs or kernels: not a whole number of words "
             "or records");
  return ADFC_BAD_IMAGE;
}

/* The device that the program's header names, or NULL. */
static const struct adfc_device *device_of(const struct rimfs *fs) {
  struct rimfs_section s;
  if (rimfs_find(fs, "program", &s) || s.bytes < 4 * RCB_HEADER_WORDS)
    return NULL;
  const uint32_t *header = (const uint32_t *)(const void *)s.data;
  return adfc_device_by_ordinal(header[RCB_HEADER_DEVICE]);
}

int image_open(struct rimfs *fs, struct engine_image *image, const void *bytes, size_t n_bytes,
               char *text) {
  uint32_t section;
  struct engine_fault fault;
  int status = rimfs_mount(fs, bytes, n_bytes, &section);
  if (status) {
    rimfs_fault_text(fs, status, section, text, ADFC_TEXT_BYTES);
    return ADFC_BAD_IMAGE;
  }
  const struct adfc_device *device = device_of(fs);
  if (engine_open(image, fs, device))
    return refuse_sections(fs, text);
  if (!device) {
    snprintf(text, ADFC_TEXT_BYTES, "section program: it names no device that is known here");
    return ADFC_BAD_IMAGE;
  }
  if (engine_verify(image, &fault) || engine_verify_ddr(image, &fault)) {
    int used =
        snprintf(text, ADFC_TEXT_BYTES, "section %s: ", fault.load ? "load_program" : "program");
    engine_fault_text(&fault, text + used, (size_t)(ADFC_TEXT_BYTES - used));
    return ADFC_BAD_IMAGE;
  }
  return code_check(fs, image->kernels, text);
}
