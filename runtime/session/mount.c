#include "mount.h"

#include "adfc/adfc.h"
#include "adfc/line.h"
#include "adfc/spec/devices.h"

static int refuse(char *text, size_t bytes, const char *section, const char *reason) {
  struct line l = line_start(text, bytes);
  if (section) {
    line_put(&l, "section ");
    line_put(&l, section);
    line_put(&l, ": ");
  }
  line_put(&l, reason);
  return ADFC_BAD_IMAGE;
}

/* Which section the engine misses, or cannot read. */
static int refuse_sections(const struct rimfs *fs, char *text, size_t bytes) {
  static const char *const names[] = {"program", "core_programs", "kernels", "weights", "io"};
  struct rimfs_section s;
  for (unsigned i = 0; i < sizeof names / sizeof *names; ++i) {
    if (rimfs_find(fs, names[i], &s)) {
      struct line l = line_start(text, bytes);
      line_put(&l, "the image has no section ");
      line_put(&l, names[i]);
      return ADFC_BAD_IMAGE;
    }
  }
  struct rimfs_io io;
  if (rimfs_io(fs, &io))
    return refuse(text, bytes, "io", rimfs_reason(RIMFS_BAD_CONTENT));
  return refuse(text, bytes, "program, load_program, core_programs or kernels",
                "not a whole number of words or records");
}

/* The device that the program's header names, or NULL. */
static const struct adfc_device *device_of(const struct rimfs *fs) {
  struct rimfs_section s;
  if (rimfs_find(fs, "program", &s) || s.bytes < 4 * RCB_HEADER_WORDS)
    return NULL;
  const uint32_t *header = (const uint32_t *)(const void *)s.data;
  return adfc_device_by_ordinal(header[RCB_HEADER_DEVICE]);
}

int session_mount(struct rimfs *fs, struct engine_image *image, const void *bytes, size_t n_bytes,
                  char *text, size_t text_bytes) {
  uint32_t section;
  struct engine_fault fault;
  int status = rimfs_mount(fs, bytes, n_bytes, &section);
  if (status) {
    rimfs_fault_text(fs, status, section, text, text_bytes);
    return ADFC_BAD_IMAGE;
  }
  const struct adfc_device *device = device_of(fs);
  if (engine_open(image, fs, device))
    return refuse_sections(fs, text, text_bytes);
  if (!device)
    return refuse(text, text_bytes, "program", "it names no device that is known here");
  if (engine_verify(image, &fault) || engine_verify_ddr(image, &fault)) {
    struct line l = line_start(text, text_bytes);
    line_put(&l, fault.load ? "section load_program: " : "section program: ");
    engine_fault_text(&fault, text + l.used, text_bytes - l.used);
    return ADFC_BAD_IMAGE;
  }
  return ADFC_OK;
}
