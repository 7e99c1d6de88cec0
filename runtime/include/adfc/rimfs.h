/* RIMFS: a read-only image of named sections, mounted where it lies in memory. docs/rimfs.md
 * describes the format.
 *
 * Mounting checks the whole image (bounds, checksums, padding) and copies nothing; a mounted image
 * is safe to read. */
#ifndef ADFC_RIMFS_H
#define ADFC_RIMFS_H

#include <stddef.h>
#include <stdint.h>

#define RIMFS_MAGIC 0x464d4952u /* the bytes 'RIMF' */
#define RIMFS_VERSION 1u
#define RIMFS_ALIGNMENT 64u /* of the image in memory, and of each section in the image */
#define RIMFS_HEADER_BYTES 64u
#define RIMFS_ENTRY_BYTES 48u
#define RIMFS_NAME_BYTES 24u
#define RIMFS_MAX_SECTIONS 64u

enum rimfs_type { /* of a section, by its name */
                  RIMFS_PROGRAM = 1,
                  RIMFS_CORE_PROGRAMS = 2,
                  RIMFS_WEIGHTS = 3,
                  RIMFS_KERNELS = 4,
                  RIMFS_CODE = 5,
                  RIMFS_IO = 6,
                  RIMFS_LOAD_PROGRAM = 8,
                  RIMFS_DATA =
                      7, /* anything that only people and tools read: meta.json, debug tables */
};

enum rimfs_status {
  RIMFS_OK = 0,
  RIMFS_MISALIGNED,    /* the image does not begin at a multiple of RIMFS_ALIGNMENT */
  RIMFS_TRUNCATED,     /* shorter than its header says, or than a header */
  RIMFS_TRAILING,      /* bytes after the end of the image */
  RIMFS_BAD_MAGIC,     /* no RIMFS image */
  RIMFS_BAD_VERSION,   /* of another version */
  RIMFS_BAD_HEADER,    /* the header's checksum or a field of it is wrong */
  RIMFS_BAD_DIRECTORY, /* the directory's checksum or bounds are wrong */
  RIMFS_BAD_NAME,  /* a section's name is empty, not printable, not NUL-padded, or there twice */
  RIMFS_BAD_PLACE, /* a section overlaps another, leaves a gap, or ends past the image */
  RIMFS_BAD_SECTION_CRC, /* a section's bytes are damaged */
  RIMFS_BAD_PADDING,     /* bytes between sections that are not zero */
  RIMFS_NOT_FOUND,       /* no section of that name */
  RIMFS_BAD_CONTENT,     /* a section's own tables are inconsistent */
};

struct rimfs {
  const uint8_t *base;
  uint32_t bytes;
  uint32_t sections;
};

struct rimfs_section {
  const char *name; /* in the image; NUL-terminated */
  const uint8_t *data;
  uint32_t bytes;
  uint32_t type;
};

/*@ // The directory lies in the image.
    predicate mounted(struct rimfs *fs) =
      \valid_read(fs->base + (0 .. fs->bytes - 1)) && fs->sections <= RIMFS_MAX_SECTIONS &&
      RIMFS_HEADER_BYTES + RIMFS_ENTRY_BYTES * fs->sections <= fs->bytes;

    // Four bytes as a word.
    logic integer word(uint8_t *p) = p[0] + 0x100 * p[1] + 0x10000 * p[2] + 0x1000000 * p[3];

    // Where the directory's entry of section i is.
    logic uint8_t *entry_of(uint8_t *base, integer i) =
      base + RIMFS_HEADER_BYTES + RIMFS_ENTRY_BYTES * i;

    // What the entry at e says of its section, offset and length, lies in the image.
    predicate placed(uint8_t *e, integer bytes) = word(e + 32) + word(e + 36) <= bytes;

    // And all sections before number n.
    predicate laid(struct rimfs *fs, integer n) = \forall integer i; 0 <= i < n ==>
      placed(entry_of(fs->base, i), fs->bytes);

    // What rimfs_mount() leaves.
    predicate sound_image(struct rimfs *fs) = mounted(fs) && laid(fs, fs->sections);

    // Those bytes are the image's.
    predicate inside(struct rimfs *fs, uint8_t *p, integer bytes) =
      \base_addr(p) == \base_addr(fs->base) && 0 <= p - fs->base &&
      p - fs->base + bytes <= fs->bytes;

    // A name that can be read up to its NUL, or as far as names go: n is the last byte of it.
    predicate text(char *name, integer n) =
      0 <= n < RIMFS_NAME_BYTES && \valid_read(name + (0 .. n)) &&
      (name[n] == 0 || n == RIMFS_NAME_BYTES - 1); */

/* Checks the `bytes` bytes at `image` and fills *fs. Returns a rimfs_status; where a section is at
 * fault, its index is in *section, else UINT32_MAX is. The caller keeps the image unchanged and in
 * place for as long as *fs is used. */
/*@ requires \valid(fs) && \valid(section) && \valid_read((const uint8_t *)image + (0 .. bytes -
   1)); requires \separated(fs, section, (const uint8_t *)image + (0 .. bytes - 1)); assigns *fs,
   *section; ensures \result == RIMFS_OK ==> sound_image(fs) && fs->base == (const uint8_t *)image;
 */
int rimfs_mount(struct rimfs *fs, const void *image, size_t bytes, uint32_t *section);

/* Why something is refused with `status`, a rimfs_status; in text.c, for those who print it. */
const char *rimfs_reason(int status);

/* Writes one line about what rimfs_mount() returned to `text`, NUL-terminated, cut at `bytes` >= 1.
 */
void rimfs_fault_text(const struct rimfs *fs, int status, uint32_t section, char *text,
                      size_t bytes);

/* Section number `index` < fs->sections. */
/*@ requires \valid_read(fs) && sound_image(fs) && index < fs->sections && \valid(out);
    requires \separated(out, fs) && \separated(out, fs->base + (0 .. fs->bytes - 1));
    assigns *out;
    ensures inside(fs, out->data, out->bytes); */
void rimfs_section(const struct rimfs *fs, uint32_t index, struct rimfs_section *out);

/* The section called `name`. Returns RIMFS_OK or RIMFS_NOT_FOUND. */
/*@ requires \valid_read(fs) && sound_image(fs) && \valid(out);
    requires \exists integer n; text(name, n);
    requires \separated(out, fs) && \separated(out, fs->base + (0 .. fs->bytes - 1));
    assigns *out;
    ensures \result == RIMFS_OK ==> inside(fs, out->data, out->bytes);
    ensures \result != RIMFS_OK ==>
            out->data == \old(out->data) && out->bytes == \old(out->bytes); */
int rimfs_find(const struct rimfs *fs, const char *name, struct rimfs_section *out);

/* Section `io`: sizes of the DDR buffers, and the tensors in the input and output block. */
struct rimfs_io {
  const uint8_t *tensors; /* n_inputs + n_outputs records of RIMFS_TENSOR_BYTES */
  uint32_t n_inputs, n_outputs;
  uint64_t arena_bytes, input_bytes, output_bytes;
};

#define RIMFS_IO_HEADER_BYTES 32u
#define RIMFS_TENSOR_BYTES 80u
#define RIMFS_TENSOR_DIMS 6u
#define RIMFS_KERNEL_BYTES 96u
#define RIMFS_KERNEL_BUFFERS 8u

struct rimfs_tensor {               /* one record, as it lies in the image */
  char name[32];                    /* NUL-terminated */
  uint32_t offset;                  /* in its block, a multiple of 64 */
  uint32_t bytes;                   /* product of dims: int8 elements, as stored in DDR */
  uint32_t rank;                    /* 1 .. RIMFS_TENSOR_DIMS */
  uint32_t dims[RIMFS_TENSOR_DIMS]; /* in array order, as stored; unused ones are 1 */
  uint32_t valid;                   /* elements of the innermost dimension that count */
  uint32_t reserved[2];
};

struct rimfs_kernel { /* one record of section `kernels`, as it lies in the image */
  char name[56];      /* NUL-terminated */
  uint32_t buffers;   /* how many a call takes, at most RIMFS_KERNEL_BUFFERS */
  uint32_t immediates;
  uint32_t bytes[RIMFS_KERNEL_BUFFERS]; /* of each buffer: nothing beyond is read or written */
};

/*@ // The table of tensors lies in the image.
    predicate tensors_in(struct rimfs *fs, struct rimfs_io *io) =
      inside(fs, io->tensors, RIMFS_TENSOR_BYTES * (io->n_inputs + io->n_outputs)); */

/* Reads and checks section `io`. Returns RIMFS_OK, RIMFS_NOT_FOUND or RIMFS_BAD_CONTENT. */
/*@ requires \valid_read(fs) && sound_image(fs) && \valid(out);
    requires \separated(out, fs) && \separated(out, fs->base + (0 .. fs->bytes - 1));
    assigns *out;
    ensures \result == RIMFS_OK ==> tensors_in(fs, out); */
int rimfs_io(const struct rimfs *fs, struct rimfs_io *out);

/* Record `index` < n_inputs + n_outputs: the inputs, then the outputs. */
/*@ requires \valid_read(io) && index < io->n_inputs + io->n_outputs;
    requires \valid_read(io->tensors +
                         (0 .. RIMFS_TENSOR_BYTES * (io->n_inputs + io->n_outputs) - 1));
    assigns \nothing;
    ensures \valid_read(\result); */
const struct rimfs_tensor *rimfs_tensor(const struct rimfs_io *io, uint32_t index);

#endif
