/* Step 2 of adfc.h on a host: the kernels' code out of the image, in executable memory. */
#include "code.h"
#include "session.h"

#include "adfc/adfc_host.h"

#include <stdlib.h>
#include <sys/mman.h>

static void release(struct adfc_session *session) {
  if (session->pages)
    munmap(session->pages, session->page_bytes);
  session->pages = NULL;
}

int adfc_register_operators(struct adfc_session *session, const char *isa) {
  struct code code;
  if (!session->image.verified)
    return ADFC_NOT_READY;
  if (session->pages)
    return session_refuse(session, ADFC_BAD_ARGUMENT, "the image's code has been taken already",
                          NULL);
  int status = code_load(&code, &session->fs, isa, session->image.kernels, session->text);
  for (uint32_t i = 0; !status && i < code.count; ++i)
    if (!session->kernels[i])
      session->kernels[i] = code.kernels[i];
  if (status) {
    code_unload(&code);
    return status;
  }
  session->pages = code.pages;
  session->page_bytes = code.page_bytes;
  session->release = release;
  free(code.kernels);
  return ADFC_OK;
}
