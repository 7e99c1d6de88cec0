/* AMD Versal, the processing system of QEMU's `xlnx-versal-virt`: a Cortex-A72, started at EL3.
 * Addresses: AMD AM012, "Versal Adaptive SoC Technical Reference Manual", memory map. */
#include "board.h"
#include "aarch64.h"

#define UART0 0xff000000u
#define GIC_DISTRIBUTOR 0xf9000000u
#define GIC_REDISTRIBUTOR 0xf9080000u

const char board_name[] = "versal (Cortex-A72)";

/* DDR below 2 GB; the first GB holds nothing of ours and is left to a loader. */
_Alignas(32) const uint64_t mmu_blocks[MMU_BLOCKS] = {MMU_NORMAL(0), MMU_NORMAL(1), MMU_DEVICE(2),
                                                      MMU_DEVICE(3)};

void board_start(void) {
  pl011_start(UART0);
  aarch64_start_counter();
  gic_start(GIC_DISTRIBUTOR, GIC_REDISTRIBUTOR);
}

void board_put(char c) { pl011_put(UART0, c); }
