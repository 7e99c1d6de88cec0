/* QEMU's `virt` machine with a Cortex-A72. Addresses: QEMU, hw/arm/virt.c. */
#include "board.h"
#include "aarch64.h"

#define UART 0x09000000u
#define GIC_DISTRIBUTOR 0x08000000u
#define GIC_REDISTRIBUTOR 0x080a0000u

const char board_name[] = "virt (QEMU, Cortex-A72)";

_Alignas(32) const uint64_t mmu_blocks[MMU_BLOCKS] = {MMU_DEVICE(0), MMU_NORMAL(1), MMU_NORMAL(2),
                                                      MMU_DEVICE(3)};

void board_start(void) {
  pl011_start(UART);
  aarch64_start_counter();
  gic_start(GIC_DISTRIBUTOR, GIC_REDISTRIBUTOR);
}

void board_put(char c) { pl011_put(UART, c); }
