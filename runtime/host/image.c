#include "image.h"

#include "adfc/adfc_host.h"
#include "adfc/spec/devices.h"
#include "code.h"

#include <stdio.h>

static const char *const reasons[] = {
    [RIMFS_OK] = "no fault",
    [RIMFS_MISALIGNED] = "the image does not begin at a multiple of 64 bytes",
    [RIMFS_TRUNCATED] = "the image is truncated",
    [RIMFS_TRAILING] = "there are bytes after the end of the image",
    [RIMFS_BAD_MAGIC] = "not a program image: it does not begin with RIMF",
    [RIMFS_BAD_VERSION] = "the image is of another version; compile the model again",
    [RIMFS_BAD_HEADER] = "the image's header is damaged (checksum)",
    [RIMFS_BAD_DIRECTORY] = "the image's directory is damaged (checksum or bounds)",
    [RIMFS_BAD_NAME] = "its name is empty, damaged, or there twice",
    [RIMFS_BAD_PLACE] = "it does not lie where it should",
    [RIMFS_BAD_SECTION_CRC] = "its bytes are damaged (checksum)",
    [RIMFS_BAD_PADDING] = "the bytes around it are damaged",
    [RIMFS_NOT_FOUND] = "it is missing",
    [RIMFS_BAD_CONTENT] = "its tables are inconsistent",
};

static int refuse_mount(const struct rimfs *fs, int status, uint32_t section, char *text) {
  struct rimfs_section s;
  if (section == UINT32_MAX) {
    snprintf(text, ADFC_TEXT_BYTES, "%s", reasons[status]);
  } else if (status == RIMFS_BAD_NAME) {
    snprintf(text, ADFC_TEXT_BYTES, "section %u: %s", section, reasons[status]);
  } else {
    rimfs_section(fs, section, &s);
    snprintf(text, ADFC_TEXT_BYTES, "section %s: %s", s.name, reasons[status]);
  }
  return ADFC_BAD_IMAGE;
}

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
    snprintf(text, ADFC_TEXT_BYTES, "section io: %s", reasons[RIMFS_BAD_CONTENT]);
  else
    snprintf(text, ADFC_TEXT_BYTES,
             "section program, core_programs or kernels: not a whole number of words or records");
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
  if (status)
    return refuse_mount(fs, status, section, text);
  const struct adfc_device *device = device_of(fs);
  if (engine_open(image, fs, device))
    return refuse_sections(fs, text);
  if (!device) {
    snprintf(text, ADFC_TEXT_BYTES, "section program: it names no device that is known here");
    return ADFC_BAD_IMAGE;
  }
  if (engine_verify(image, &fault)) {
    int used = snprintf(text, ADFC_TEXT_BYTES, "section program: ");
    engine_fault_text(&fault, text + used, (size_t)(ADFC_TEXT_BYTES - used));
    return ADFC_BAD_IMAGE;
  }
  return code_check(fs, image->kernels, text);
}
