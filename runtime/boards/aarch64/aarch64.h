/* What the Armv8-A boards have in common. */
#ifndef ADFC_BOARD_AARCH64_H
#define ADFC_BOARD_AARCH64_H

#include <stdint.h>

/* Descriptors of a 1 GB block in mmu_blocks (DDI 0487, D8.3): access flag, attribute index, inner
 * shareable for Normal memory, never executed for devices. */
#define MMU_DEVICE(gigabyte) ((uint64_t)(gigabyte) << 30 | 1ull << 54 | 0x401u)
#define MMU_NORMAL(gigabyte) ((uint64_t)(gigabyte) << 30 | 0x705u)
enum { MMU_BLOCKS = 4 };

/* Of each of the first 4 GB, aligned to its size. */
extern const uint64_t mmu_blocks[MMU_BLOCKS];

/* Makes PMCCNTR count cycles at every exception level. */
void aarch64_start_counter(void);

/* Lets the virtual timer interrupt this processor: a GICv3 with its distributor and this
 * processor's redistributor at these addresses. */
void gic_start(uintptr_t distributor, uintptr_t redistributor);

/* A device's interrupt (32 and above), to this processor as an FIQ, or not. */
void gic_enable(uint32_t interrupt);
void gic_disable(uint32_t interrupt);

/* Arm's PL011 UART (DDI 0183): 8 bits, no parity, its queues on. The speed is left as it is. */
void pl011_start(uintptr_t base);
void pl011_put(uintptr_t base, char c);

#endif
