/* What lwIP asks of compiler and library: no more than memory functions. */
#ifndef ADFC_LWIP_CC_H
#define ADFC_LWIP_CC_H

#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_LIMITS_H 0
#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_UNISTD_H 1

/* Its assertions name errors of a program that calls it; bad frames are none of them. */
#define LWIP_NOASSERT 1
#define LWIP_PLATFORM_ASSERT(text) ((void)0)
#define LWIP_PLATFORM_DIAG(text) ((void)0)

#define LWIP_RAND() 0u /* ports are fixed */

#endif
