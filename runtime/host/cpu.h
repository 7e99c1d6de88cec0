/* Which instruction sets of kernel code this machine runs. */
#ifndef ADFC_HOST_CPU_H
#define ADFC_HOST_CPU_H

/* Names of the instruction sets this build knows, the fastest first, NULL at the end. */
extern const char *const cpu_isas[];

/* Whether processor and operating system run code for `isa`. Asks for the use of AMX where that is
 * meant. */
int cpu_supports(const char *isa);

#endif
