/* What is wrong with an image, as one line of English. Only for those who print it. */
#include "adfc/line.h"
#include "adfc/rimfs.h"

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

const char *rimfs_reason(int status) {
  uint32_t index = (uint32_t)status;
  return index < sizeof reasons / sizeof *reasons ? reasons[index] : "unknown";
}

void rimfs_fault_text(const struct rimfs *fs, int status, uint32_t section, char *text,
                      size_t bytes) {
  struct line l = line_start(text, bytes);
  if (section != UINT32_MAX) {
    struct rimfs_section s;
    line_put(&l, "section ");
    if (status == RIMFS_BAD_NAME) {
      line_number(&l, section, 10);
    } else {
      rimfs_section(fs, section, &s);
      line_put(&l, s.name);
    }
    line_put(&l, ": ");
  }
  line_put(&l, rimfs_reason(status));
}
