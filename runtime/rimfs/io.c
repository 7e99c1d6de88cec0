#include "adfc/rimfs.h"

#include "bytes.h"

_Static_assert(sizeof(struct rimfs_tensor) == RIMFS_TENSOR_BYTES,
               "records lie in the image as they are");

/* A tensor's extents multiply to its bytes, and it lies inside its block of `block` bytes. */
/*@ requires \valid_read(t);
    assigns \nothing; */
static int good_tensor(const struct rimfs_tensor *t, uint64_t block) {
  if (t->rank < 1 || t->rank > RIMFS_TENSOR_DIMS || t->name[sizeof t->name - 1] ||
      t->offset % RIMFS_ALIGNMENT || t->offset > block || t->bytes > block - t->offset)
    return 0;
  uint64_t bytes = 1;
  /*@ loop invariant 0 <= i <= RIMFS_TENSOR_DIMS;
      loop assigns i, bytes;
      loop variant RIMFS_TENSOR_DIMS - i; */
  for (uint32_t i = 0; i < RIMFS_TENSOR_DIMS; ++i) {
    bytes *= t->dims[i];
    if (!t->dims[i] || bytes > UINT32_MAX || (i >= t->rank && t->dims[i] != 1))
      return 0;
  }
  return bytes == t->bytes && t->valid >= 1 && t->valid <= t->dims[t->rank - 1];
}

const struct rimfs_tensor *rimfs_tensor(const struct rimfs_io *io, uint32_t index) {
  /*@ assert \valid_read(io->tensors + RIMFS_TENSOR_BYTES * index +
                         (0 .. RIMFS_TENSOR_BYTES - 1)); */
  /* Sections are aligned to 64 bytes and the header is 32 long, so the cast is aligned. */
  return (const struct rimfs_tensor *)(const void *)(io->tensors +
                                                     (size_t)RIMFS_TENSOR_BYTES * index);
}

int rimfs_io(const struct rimfs *fs, struct rimfs_io *out) {
  struct rimfs_section s;
  const char *name = "io";
  /*@ assert text(name, 2); */
  int status = rimfs_find(fs, name, &s);
  if (status)
    return status;
  if (s.bytes < RIMFS_IO_HEADER_BYTES)
    return RIMFS_BAD_CONTENT;
  out->n_inputs = load32(s.data);
  out->n_outputs = load32(s.data + 4);
  out->arena_bytes = load64(s.data + 8);
  out->input_bytes = load64(s.data + 16);
  out->output_bytes = load64(s.data + 24);
  out->tensors = s.data + RIMFS_IO_HEADER_BYTES;
  uint64_t count = (uint64_t)out->n_inputs + out->n_outputs;
  if (count * RIMFS_TENSOR_BYTES != s.bytes - RIMFS_IO_HEADER_BYTES) /* below 2^40 */
    return RIMFS_BAD_CONTENT;
  /*@ loop invariant 0 <= i <= count;
      loop assigns i;
      loop variant count - i; */
  for (uint32_t i = 0; i < count; ++i)
    if (!good_tensor(rimfs_tensor(out, i),
                     i < out->n_inputs ? out->input_bytes : out->output_bytes))
      return RIMFS_BAD_CONTENT;
  return RIMFS_OK;
}
