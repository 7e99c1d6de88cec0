/* RHAL layer `trace`: writes down every call, sums them up in a digest, and forwards them to the
 * backend behind it.
 *
 * Two programs that make the same calls with the same arguments in the same order have the same
 * digest, and the same lines. Lines look like assembly: "write32 (2, 3) 0x1d000, 0x10"; blocks are
 * told by their length and CRC-32. Without a bound trace every call is forwarded and that is all.
 */
#ifndef ADFC_RHAL_TRACE_H
#define ADFC_RHAL_TRACE_H

#include <stdint.h>

struct rhal_trace {
  void (*line)(void *user, const char *text); /* gets every line; may be NULL */
  void *user;
  uint64_t digest; /* FNV-1a over all calls and their arguments, 64 bit */
  uint64_t calls;
};

/* Starts tracing into `trace`, its digest and count set to their starting values; NULL: stops. */
void rhal_trace_bind(struct rhal_trace *trace);

#endif
