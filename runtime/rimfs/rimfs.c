#include "adfc/rimfs.h"

#include "adfc/crc32.h"
#include "bytes.h"

/* Word index of each header field. */
enum { MAGIC, VERSION, TOTAL_BYTES, SECTIONS, DIRECTORY, DIRECTORY_CRC, HEADER_CRC, FLAGS };

/* Byte offset of each field of a directory entry, after the name. */
enum { TYPE = 24, ENTRY_FLAGS = 28, OFFSET = 32, BYTES = 36, CRC = 40, RESERVED = 44 };

/*@ requires \valid_read(fs) && mounted(fs) && index <= fs->sections;
    assigns \nothing;
    ensures \result == entry_of(fs->base, index);
    ensures index < fs->sections ==> \valid_read(\result + (0 .. RIMFS_ENTRY_BYTES - 1)); */
static const uint8_t *entry(const struct rimfs *fs, uint32_t index) {
  return fs->base + RIMFS_HEADER_BYTES + RIMFS_ENTRY_BYTES * index;
}

/*@ requires bytes <= 0xffffffbf;
    assigns \nothing;
    ensures bytes <= \result < bytes + RIMFS_ALIGNMENT; */
static uint32_t align(uint32_t bytes) {
  return (bytes + RIMFS_ALIGNMENT - 1) / RIMFS_ALIGNMENT * RIMFS_ALIGNMENT;
}

/*@ requires \valid_read(p + (0 .. bytes - 1));
    assigns \nothing; */
static int all_zero(const uint8_t *p, uint32_t bytes) {
  /*@ loop invariant 0 <= i <= bytes;
      loop assigns i;
      loop variant bytes - i; */
  for (uint32_t i = 0; i < bytes; ++i)
    if (p[i])
      return 0;
  return 1;
}

/*@ requires \valid_read(a + (0 .. RIMFS_NAME_BYTES - 1));
    requires \exists integer n; text(b, n);
    assigns \nothing; */
static int same_name(const uint8_t *a, const char *b) {
  /*@ loop invariant 0 <= i <= RIMFS_NAME_BYTES;
      loop invariant \forall integer k; 0 <= k < i ==> b[k] != 0;
      loop assigns i;
      loop variant RIMFS_NAME_BYTES - i; */
  for (uint32_t i = 0; i < RIMFS_NAME_BYTES; ++i) {
    if (a[i] != (uint8_t)b[i])
      return 0;
    if (!a[i])
      return 1;
  }
  return 0;
}

/* A name is 1 .. 23 printable bytes, NUL-padded, and no earlier section has it. */
/*@ requires \valid_read(fs) && mounted(fs) && index < fs->sections;
    assigns \nothing; */
static int good_name(const struct rimfs *fs, uint32_t index) {
  const uint8_t *name = entry(fs, index);
  uint32_t length = 0;
  /*@ loop invariant 0 <= length <= RIMFS_NAME_BYTES;
      loop assigns length;
      loop variant RIMFS_NAME_BYTES - length; */
  while (length < RIMFS_NAME_BYTES && name[length] > ' ' && name[length] <= '~')
    ++length;
  if (length == 0 || length == RIMFS_NAME_BYTES ||
      !all_zero(name + length, RIMFS_NAME_BYTES - length))
    return 0;
  /*@ assert text((const char *)name, RIMFS_NAME_BYTES - 1); */
  /*@ loop invariant 0 <= i <= index;
      loop assigns i;
      loop variant index - i; */
  for (uint32_t i = 0; i < index; ++i)
    if (same_name(entry(fs, i), (const char *)name))
      return 0;
  return 1;
}

/*@ requires \valid_read(h + (0 .. bytes - 1));
    assigns \nothing;
    ensures \result == RIMFS_OK ==> bytes >= RIMFS_HEADER_BYTES; */
static int check_header(const uint8_t *h, size_t bytes) {
  static const uint8_t zero[RIMFS_HEADER_BYTES - 4 * HEADER_CRC] = {0};
  if (bytes < RIMFS_HEADER_BYTES)
    return RIMFS_TRUNCATED;
  if (load32(h) != RIMFS_MAGIC)
    return RIMFS_BAD_MAGIC;
  if (load32(h + 4 * VERSION) != RIMFS_VERSION)
    return RIMFS_BAD_VERSION;
  /* The checksum counts as 0 in itself, and all that follows is 0. */
  uint32_t crc = adfc_crc32(adfc_crc32(0, h, 4 * HEADER_CRC), zero, sizeof zero);
  if (crc != load32(h + 4 * HEADER_CRC) || load32(h + 4 * DIRECTORY) != RIMFS_HEADER_BYTES ||
      !all_zero(h + 4 * FLAGS, RIMFS_HEADER_BYTES - 4 * FLAGS))
    return RIMFS_BAD_HEADER;
  if (load32(h + 4 * TOTAL_BYTES) > bytes)
    return RIMFS_TRUNCATED;
  return load32(h + 4 * TOTAL_BYTES) < bytes ? RIMFS_TRAILING : RIMFS_OK;
}

/* Sections lie one after the other, each at the next multiple of the alignment: nothing overlaps,
 * and every byte of the image is either in a checksum or known to be zero. *end is the end of the
 * section before. */
/*@ requires \valid_read(fs) && mounted(fs) && index < fs->sections && \valid(end);
    requires *end <= fs->bytes;
    requires fs->bytes <= 0xffffffbf;
    requires \separated(end, fs);
    requires \separated(end, fs->base + (0 .. fs->bytes - 1));
    assigns *end;
    ensures *end <= fs->bytes;
    ensures \result == RIMFS_OK ==>
            placed(entry_of(fs->base, index), fs->bytes); */
static int check_section(const struct rimfs *fs, uint32_t index, uint32_t *end) {
  const uint8_t *e = entry(fs, index);
  uint32_t offset = load32(e + OFFSET), bytes = load32(e + BYTES);
  if (!good_name(fs, index))
    return RIMFS_BAD_NAME;
  if (offset != align(*end) || offset > fs->bytes || bytes > fs->bytes - offset ||
      load32(e + ENTRY_FLAGS) || load32(e + RESERVED))
    return RIMFS_BAD_PLACE;
  if (!all_zero(fs->base + *end, offset - *end))
    return RIMFS_BAD_PADDING;
  if (adfc_crc32(0, fs->base + offset, bytes) != load32(e + CRC))
    return RIMFS_BAD_SECTION_CRC;
  *end = offset + bytes;
  return RIMFS_OK;
}

int rimfs_mount(struct rimfs *fs, const void *image, size_t bytes, uint32_t *section) {
  const uint8_t *h = image;
  *section = UINT32_MAX;
  if ((uintptr_t)image % RIMFS_ALIGNMENT)
    return RIMFS_MISALIGNED;
  int status = check_header(h, bytes);
  if (status)
    return status;
  fs->base = h;
  fs->bytes = (uint32_t)bytes;
  fs->sections = load32(h + 4 * SECTIONS);
  if (fs->sections > RIMFS_MAX_SECTIONS ||
      bytes > UINT32_MAX - RIMFS_ALIGNMENT) /* no sum below can wrap */
    return RIMFS_BAD_HEADER;
  uint32_t end = RIMFS_HEADER_BYTES + RIMFS_ENTRY_BYTES * fs->sections;
  if (end > fs->bytes ||
      adfc_crc32(0, entry(fs, 0), end - RIMFS_HEADER_BYTES) != load32(h + 4 * DIRECTORY_CRC))
    return RIMFS_BAD_DIRECTORY;
  /*@ loop invariant 0 <= i <= fs->sections && end <= fs->bytes;
      loop invariant laid(fs, i);
      loop assigns i, status, end, *section;
      loop variant fs->sections - i; */
  for (uint32_t i = 0; i < fs->sections; ++i) {
    status = check_section(fs, i, &end);
    if (status) {
      *section = i;
      return status;
    }
  }
  if (align(end) != fs->bytes)
    return RIMFS_BAD_DIRECTORY;
  return all_zero(h + end, fs->bytes - end) ? RIMFS_OK : RIMFS_BAD_PADDING;
}

void rimfs_section(const struct rimfs *fs, uint32_t index, struct rimfs_section *out) {
  const uint8_t *e = entry(fs, index);
  /*@ assert placed(e, fs->bytes); */
  out->name = (const char *)e;
  out->data = fs->base + load32(e + OFFSET);
  out->bytes = load32(e + BYTES);
  out->type = load32(e + TYPE);
}

int rimfs_find(const struct rimfs *fs, const char *name, struct rimfs_section *out) {
  /*@ loop invariant 0 <= i <= fs->sections;
      loop assigns i;
      loop variant fs->sections - i; */
  for (uint32_t i = 0; i < fs->sections; ++i) {
    if (same_name(entry(fs, i), name)) {
      rimfs_section(fs, i, out);
      return RIMFS_OK;
    }
  }
  return RIMFS_NOT_FOUND;
}
