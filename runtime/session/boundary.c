#include "boundary.h"

#include <string.h>

enum { RECORD_BYTES = 64 };

struct record { /* as it lies in the image */
  double scale;
  uint32_t index_rows;
  uint32_t rank;
  uint32_t shape[ADFC_RANK];
  uint32_t permutation[ADFC_RANK];
};

_Static_assert(sizeof(struct record) == RECORD_BYTES, "records lie in the image as they are");

static struct record record_at(const uint8_t *section, uint32_t index) {
  struct record r;
  memcpy(&r, section + (size_t)RECORD_BYTES * index, sizeof r);
  return r;
}

static uint32_t extent(const struct rimfs_tensor *t, uint32_t axis) {
  return axis + 1 == t->rank ? t->valid : t->dims[axis];
}

/* Indices are four bytes each, along the innermost axis. */
static int good_indices(const struct record *r, const struct rimfs_tensor *t) {
  uint64_t levels = 4;
  for (uint32_t i = 0; i < r->rank; ++i)
    levels = levels > UINT32_MAX ? levels : levels * r->shape[i];
  uint64_t there = 1;
  for (uint32_t i = 0; i < t->rank; ++i)
    there *= extent(t, i);
  return levels == there && extent(t, t->rank - 1) == 4;
}

static int good_record(const struct record *r, const struct rimfs_tensor *t) {
  uint32_t seen = 0;
  if (r->rank < 1 || r->rank > ADFC_RANK || !(r->scale > 0) || r->scale - r->scale != 0)
    return 0;
  for (uint32_t i = 0; i < ADFC_RANK; ++i)
    if (i >= r->rank && (r->shape[i] != 1 || r->permutation[i] != 0))
      return 0;
  for (uint32_t i = 0; i < r->rank; ++i) {
    if (r->permutation[i] >= r->rank)
      return 0;
    seen |= 1u << r->permutation[i];
  }
  if (seen != (1u << r->rank) - 1)
    return 0;
  if (r->index_rows)
    return good_indices(r, t);
  for (uint32_t i = 0; i < r->rank; ++i)
    if (r->rank != t->rank || extent(t, i) != r->shape[r->permutation[i]])
      return 0;
  return 1;
}

int boundary_open(struct adfc_session *session) {
  struct rimfs_section s;
  uint64_t count = (uint64_t)session->io.n_inputs + session->io.n_outputs;
  session->boundary = NULL;
  if (rimfs_find(&session->fs, "tensors", &s))
    return ADFC_OK;
  if (s.bytes != count * RECORD_BYTES)
    return session_refuse(session, ADFC_BAD_IMAGE,
                          "section tensors: it has not as many records as section io", NULL);
  for (uint32_t i = 0; i < count; ++i) {
    struct record r = record_at(s.data, i);
    const struct rimfs_tensor *t = rimfs_tensor(&session->io, i);
    if (!good_record(&r, t))
      return session_refuse(session, ADFC_BAD_IMAGE,
                            "section tensors: it contradicts section io about ", t->name);
  }
  session->boundary = s.data;
  return ADFC_OK;
}

void boundary_read(const struct adfc_session *session, uint32_t index, struct adfc_tensor *tensor) {
  const struct rimfs_tensor *t = rimfs_tensor(&session->io, index);
  *tensor = (struct adfc_tensor){.name = t->name, .rank = t->rank, .levels = 1};
  for (uint32_t i = 0; i < ADFC_RANK; ++i) {
    tensor->shape[i] = i < t->rank ? extent(t, i) : 1;
    tensor->levels *= tensor->shape[i];
  }
  if (!session->boundary)
    return;
  struct record r = record_at(session->boundary, index);
  tensor->scale = r.scale;
  tensor->index_rows = r.index_rows;
  tensor->user_rank = r.rank;
  memcpy(tensor->user_shape, r.shape, sizeof r.shape);
  memcpy(tensor->permutation, r.permutation, sizeof r.permutation);
}
