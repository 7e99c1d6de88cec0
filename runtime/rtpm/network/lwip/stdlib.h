/* <stdlib.h> for lwIP: in functions that are not linked. */
#ifndef ADFC_LWIP_STDLIB_H
#define ADFC_LWIP_STDLIB_H

int atoi(const char *text);

#endif
