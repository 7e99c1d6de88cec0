/* Step 3: the tensors of inputs and outputs, and the caller's buffers for them. */
#include "boundary.h"

uint32_t adfc_input_count(const struct adfc_session *session) { return session->io.n_inputs; }

uint32_t adfc_output_count(const struct adfc_session *session) { return session->io.n_outputs; }

int adfc_input(const struct adfc_session *session, uint32_t index, struct adfc_tensor *tensor) {
  if (!session->image.verified)
    return ADFC_NOT_READY;
  if (index >= session->io.n_inputs)
    return ADFC_BAD_ARGUMENT;
  boundary_read(session, index, tensor);
  return ADFC_OK;
}

int adfc_output(const struct adfc_session *session, uint32_t index, struct adfc_tensor *tensor) {
  if (!session->image.verified)
    return ADFC_NOT_READY;
  if (index >= session->io.n_outputs)
    return ADFC_BAD_ARGUMENT;
  boundary_read(session, session->io.n_inputs + index, tensor);
  return ADFC_OK;
}

static int set(struct adfc_session *s, uint32_t index, const struct adfc_tensor *tensor,
               int8_t *levels, size_t bytes) {
  if (!levels || bytes != tensor->levels)
    return session_refuse(s, ADFC_BAD_ARGUMENT, "no buffer, or one of another size, for tensor ",
                          tensor->name);
  s->buffers[index] = levels;
  return ADFC_OK;
}

int adfc_set_input(struct adfc_session *session, uint32_t index, const int8_t *levels,
                   size_t bytes) {
  struct adfc_tensor tensor;
  int status = adfc_input(session, index, &tensor);
  if (status)
    return session_refuse(session, status, "there is no such input", NULL);
  /* run.c only reads from the buffers of inputs. */
  return set(session, index, &tensor, (int8_t *)(uintptr_t)levels, bytes);
}

int adfc_set_output(struct adfc_session *session, uint32_t index, int8_t *levels, size_t bytes) {
  struct adfc_tensor tensor;
  int status = adfc_output(session, index, &tensor);
  if (status)
    return session_refuse(session, status, "there is no such output", NULL);
  return set(session, session->io.n_inputs + index, &tensor, levels, bytes);
}
