/* Step 2: code for the image's kernels, one by one; the host's operators.c takes it out of the
 * image. */
#include "session.h"

#include <string.h>

static int same(const char *a, const char *b) {
  while (*a && *a == *b) {
    ++a;
    ++b;
  }
  return *a == *b;
}

uint32_t session_find_kernel(const struct adfc_session *session, const char *name) {
  for (uint32_t i = 0; i < session->image.kernels; ++i)
    if (same(session->image.kernel_table[i].name, name))
      return i;
  return UINT32_MAX;
}

const char *adfc_operator_name(const struct adfc_session *session, uint32_t index) {
  if (!session->image.verified || index >= session->image.kernels)
    return NULL;
  return session->image.kernel_table[index].name;
}

int adfc_register_operator(struct adfc_session *session, const char *name, adfc_operator code) {
  if (!session->image.verified)
    return ADFC_NOT_READY;
  uint32_t index = session_find_kernel(session, name);
  if (index == UINT32_MAX)
    return session_refuse(session, ADFC_BAD_ARGUMENT, "the image calls no kernel ", name);
  if (!code)
    return session_refuse(session, ADFC_BAD_ARGUMENT, "no code given for kernel ", name);
  session->kernels[index] = code;
  return ADFC_OK;
}
