/* What a session is made of. It lies at the start of the caller's arena; behind it its tables, the
 * emulated array and the DDR buffers. */
#ifndef ADFC_SESSION_H
#define ADFC_SESSION_H

#include "adfc/adfc.h"
#include "adfc/engine.h"
#include "adfc/rhal_emu.h"

enum { SESSION_TEXT_BYTES = 4096, SESSION_ISA_BYTES = 24 };

struct adfc_session {
  struct rimfs fs;
  struct engine_image image;
  struct rimfs_io io;
  const uint8_t *boundary;       /* section `tensors`; NULL: there is none */
  struct rhal_emu emu;           /* of the latest inference */
  struct aie_array *array;       /* NULL: powered off */
  int loaded;                    /* the load program, if any, has been played on it */
  int ran;                       /* there are counters */
  aie_kernel_fn *kernels;        /* by kernel id; NULL: no code yet */
  int8_t **buffers;              /* of the caller: inputs, then outputs; NULL: not set */
  struct rhal_emu_phase *phases; /* as many as the program has */
  uint32_t max_phases;
  uint8_t *array_memory;
  size_t array_bytes;
  uint8_t *ddr[RCB_BUFFER_COUNT]; /* but for the weights, which are used in the image */
  struct rhal_emu_cost load_cost; /* of the load program in the latest run */
  uint32_t instructions;
  void (*release)(struct adfc_session *session); /* of what the host gave; NULL: nothing */
  void *pages; /* executable memory, page_bytes long; the release's */
  size_t page_bytes;
  char text[SESSION_TEXT_BYTES];
};

/* Puts `reason` (and `name` behind it, where not NULL) into the session's text; returns status. */
int session_refuse(struct adfc_session *session, int status, const char *reason, const char *name);

/* A caller's kernel index by its name; UINT32_MAX: there is none. */
uint32_t session_find_kernel(const struct adfc_session *session, const char *name);

#endif
