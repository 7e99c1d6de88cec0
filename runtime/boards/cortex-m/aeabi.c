/* What clang calls by the names of Arm's run-time ABI (RTABI32): memory functions, and division of
 * 64-bit numbers, which 32-bit processors lack. */
#include "memory.h"

void __aeabi_memcpy(void *to, const void *from, size_t bytes);
void __aeabi_memmove(void *to, const void *from, size_t bytes);
void __aeabi_memset(void *to, size_t bytes, int value);
void __aeabi_memclr(void *to, size_t bytes);

#define ALIGNED(name)                                                                              \
  __asm__(".global " #name "4, " #name "8\n.thumb_set " #name "4, " #name "\n.thumb_set " #name    \
          "8, " #name)
ALIGNED(__aeabi_memcpy);
ALIGNED(__aeabi_memmove);
ALIGNED(__aeabi_memset);
ALIGNED(__aeabi_memclr);

void __aeabi_memcpy(void *to, const void *from, size_t bytes) { memcpy(to, from, bytes); }
void __aeabi_memmove(void *to, const void *from, size_t bytes) { memmove(to, from, bytes); }
void __aeabi_memset(void *to, size_t bytes, int value) { memset(to, value, bytes); }
void __aeabi_memclr(void *to, size_t bytes) { memset(to, 0, bytes); }

/* Calls cortex_m_divide (divide.c). Quotient in r0 and r1, rest in r2 and r3. */
__asm__(".section .text.__aeabi_uldivmod, \"ax\", %progbits\n"
        ".global __aeabi_uldivmod\n"
        ".type __aeabi_uldivmod, %function\n"
        ".thumb_func\n"
        "__aeabi_uldivmod:\n"
        "  push {r6, lr}\n"
        "  sub sp, #16\n"
        "  add r6, sp, #8\n"
        "  str r6, [sp]\n"
        "  bl cortex_m_divide\n"
        "  ldrd r2, r3, [sp, #8]\n"
        "  add sp, #16\n"
        "  pop {r6, pc}\n"
        ".text\n");
