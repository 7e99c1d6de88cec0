// Memory management: addresses stay as they are; the first 4 GB in blocks of 1 GB, as the board's
// table mmu_blocks says. Without it all memory is Device memory, where unaligned accesses fault and
// nothing is cached. Fields: DDI 0487, sections D8.3 and D24.2 (TCR, SCTLR, MAIR).

    .equ MAIR, 0xff00               // attribute 0: Device-nGnRnE, 1: Normal, write-back
    .equ TCR, 0x3520                // T0SZ 32 (4 GB), tables inner shareable, write-back; 4 KB pages
    .equ TCR_EL1_EPD1, 1 << 23      // no table for the upper addresses
    .equ TCR_EL2_EL3_RES1, 0x80800000
    .equ SCTLR_MCI, 0x1005          // memory management, data and instruction caches on

    .section .text.mmu_start, "ax"
    .global mmu_start
mmu_start:
    adrp    x1, mmu_blocks
    add     x1, x1, :lo12:mmu_blocks
    mov     x2, #MAIR
    mov     x3, #TCR
    mrs     x4, CurrentEL
    cmp     x4, #(2 << 2)
    ldr     x5, =TCR_EL2_EL3_RES1
    ldr     x6, =TCR_EL1_EPD1
    orr     x5, x3, x5
    orr     x6, x3, x6
    ldr     x7, =SCTLR_MCI
    b.lo    1f
    b.eq    2f
    msr     mair_el3, x2
    msr     tcr_el3, x5
    msr     ttbr0_el3, x1
    isb
    tlbi    alle3
    dsb     sy
    isb
    mrs     x0, sctlr_el3
    orr     x0, x0, x7
    msr     sctlr_el3, x0
    isb
    ret
2:  msr     mair_el2, x2
    msr     tcr_el2, x5
    msr     ttbr0_el2, x1
    isb
    tlbi    alle2
    dsb     sy
    isb
    mrs     x0, sctlr_el2
    orr     x0, x0, x7
    msr     sctlr_el2, x0
    isb
    ret
1:  msr     mair_el1, x2
    msr     tcr_el1, x6
    msr     ttbr0_el1, x1
    isb
    tlbi    vmalle1
    dsb     sy
    isb
    mrs     x0, sctlr_el1
    orr     x0, x0, x7
    msr     sctlr_el1, x0
    isb
    ret
