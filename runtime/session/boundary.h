/* Section `tensors`: what the floats of inputs and outputs are to their levels (docs/rimfs.md). */
#ifndef ADFC_SESSION_BOUNDARY_H
#define ADFC_SESSION_BOUNDARY_H

#include "session.h"

/* Finds and checks the section against section io; an image need not have it. Returns ADFC_OK or
 * ADFC_BAD_IMAGE, with the reason in the session's text. */
int boundary_open(struct adfc_session *session);

/* Fills what the section says of tensor `index` (inputs, then outputs). */
void boundary_read(const struct adfc_session *session, uint32_t index, struct adfc_tensor *tensor);

#endif
