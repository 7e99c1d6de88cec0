/* Floats and indices in the user's order to levels in array order, and back. */
#include "adfc/adfc.h"

/* Walks a tensor in array order; `user` is the place of the element in the user's order. */
struct walk {
  uint64_t stride[ADFC_RANK]; /* of the array's axes in the user's tensor, in elements */
  uint32_t at[ADFC_RANK];
  uint64_t user;
};

static struct walk walk_start(const struct adfc_tensor *t) {
  struct walk w = {0};
  uint64_t stride[ADFC_RANK], step = 1;
  for (uint32_t i = t->user_rank; i-- > 0;) {
    stride[i] = step;
    step *= t->user_shape[i];
  }
  for (uint32_t i = 0; i < t->rank; ++i)
    w.stride[i] = stride[t->permutation[i]];
  return w;
}

static void walk_on(struct walk *w, const struct adfc_tensor *t) {
  for (uint32_t i = t->rank; i-- > 0;) {
    w->user += w->stride[i];
    if (++w->at[i] < t->shape[i])
      return;
    w->user -= w->stride[i] * t->shape[i];
    w->at[i] = 0;
  }
}

static int real(const struct adfc_tensor *t) {
  return t->scale > 0 && !t->index_rows && t->rank == t->user_rank;
}

/* To the nearest integer, halves to even, clipped to int8. */
static int8_t level(double steps) {
  if (steps <= -128)
    return -128;
  if (steps >= 127)
    return 127;
  int whole = (int)steps; /* towards zero */
  double rest = steps - whole;
  int odd = whole & 1;
  if (rest > 0.5 || (rest == 0.5 && odd))
    ++whole;
  else if (rest < -0.5 || (rest == -0.5 && odd))
    --whole;
  return (int8_t)whole;
}

int adfc_quantize(const struct adfc_tensor *tensor, const float *values, int8_t *levels) {
  if (!real(tensor))
    return ADFC_BAD_ARGUMENT;
  struct walk w = walk_start(tensor);
  for (uint64_t i = 0; i < tensor->levels; ++i) {
    float value = values[w.user];
    if (value - value != 0) /* not finite */
      return ADFC_BAD_ARGUMENT;
    levels[i] = level((double)value / tensor->scale);
    walk_on(&w, tensor);
  }
  return ADFC_OK;
}

int adfc_dequantize(const struct adfc_tensor *tensor, const int8_t *levels, float *values) {
  if (!real(tensor))
    return ADFC_BAD_ARGUMENT;
  struct walk w = walk_start(tensor);
  for (uint64_t i = 0; i < tensor->levels; ++i) {
    values[w.user] = (float)(levels[i] * tensor->scale);
    walk_on(&w, tensor);
  }
  return ADFC_OK;
}

int adfc_index_levels(const struct adfc_tensor *tensor, const int32_t *indices, int8_t *levels) {
  if (!tensor->index_rows)
    return ADFC_BAD_ARGUMENT;
  for (uint64_t i = 0; i < tensor->levels / 4; ++i) {
    uint32_t index = (uint32_t)indices[i];
    if (index >= tensor->index_rows)
      return ADFC_BAD_ARGUMENT;
    for (uint32_t byte = 0; byte < 4; ++byte)
      levels[4 * i + byte] = (int8_t)(uint8_t)(index >> 8 * byte);
  }
  return ADFC_OK;
}
