/* What a verified program does at most. */
#ifndef ADFC_HOST_BOUND_H
#define ADFC_HOST_BOUND_H

#include "adfc/adfc_host.h"

/* Counts what a verified program of `words` words does when it reaches its end: it has no branches,
 * so one that stops with a fault does less. Of no program (`words` is 0) all counts are 0. */
struct adfc_bound bound_of(const uint32_t *program, uint32_t words);

#endif
