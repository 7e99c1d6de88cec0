// Start-up of an Armv8-A board, at EL3, EL2 or EL1: opens floating point and vectors, sets stack and
// exception vectors, clears .bss, turns memory management on, and calls board_main.
// Registers and fields: Arm Architecture Reference Manual for A-profile (DDI 0487), chapter D24.

    .section .start, "ax"
    .global board_entry
board_entry:
    mrs     x0, mpidr_el1
    tst     x0, #0xffffff           // one processor works, the others sleep
    b.ne    park
    mrs     x19, CurrentEL          // EL << 2
    cmp     x19, #(3 << 2)
    b.ne    1f
    msr     cptr_el3, xzr           // floating point and vectors do not trap
    mrs     x0, scr_el3
    orr     x0, x0, #(1 << 2)       // SCR_EL3.FIQ: FIQs are taken here
    msr     scr_el3, x0
1:  cmp     x19, #(2 << 2)
    b.lo    2f
    b.hi    2f
    mov     x0, #0x33ff             // CPTR_EL2: RES1 bits, TFP clear
    msr     cptr_el2, x0
2:  mov     x0, #(3 << 20)          // CPACR_EL1.FPEN
    msr     cpacr_el1, x0
    isb
    adrp    x0, vectors
    add     x0, x0, :lo12:vectors
    cmp     x19, #(2 << 2)
    b.lo    4f
    b.eq    3f
    msr     vbar_el3, x0
    b       5f
3:  msr     vbar_el2, x0
    b       5f
4:  msr     vbar_el1, x0
5:  adrp    x0, board_stack_top
    add     x0, x0, :lo12:board_stack_top
    mov     sp, x0
    adrp    x0, board_bss_start
    add     x0, x0, :lo12:board_bss_start
    adrp    x1, board_bss_end
    add     x1, x1, :lo12:board_bss_end
6:  cmp     x0, x1
    b.hs    7f
    stp     xzr, xzr, [x0], #16
    b       6b
7:  bl      mmu_start
    b       board_main
park:
    wfe
    b       park

// Of the table's 16 entries (DDI 0487, D1.3.1) those for exceptions of this level with its own stack
// pointer: nothing runs at another level, or with another stack pointer.
    .section .text.vectors, "ax"
    .balign 2048
vectors:
    .skip   0x200
    b       exception               // synchronous
    .balign 128
    b       exception               // IRQ: none is enabled
    .balign 128
    b       bark                    // FIQ: the watchdog's timer
    .balign 128
    b       exception               // SError

bark:                               // never returns: any stack will do
    adrp    x0, board_stack_top
    add     sp, x0, :lo12:board_stack_top
    mrs     x0, CurrentEL
    cmp     x0, #(2 << 2)
    b.lo    2f
    b.eq    1f
    mrs     x0, elr_el3
    b       board_bark
1:  mrs     x0, elr_el2
    b       board_bark
2:  mrs     x0, elr_el1
    b       board_bark

exception:
    mrs     x19, CurrentEL
    cmp     x19, #(2 << 2)
    b.lo    2f
    b.eq    1f
    mrs     x0, esr_el3
    mrs     x1, elr_el3
    mrs     x2, far_el3
    b       aarch64_exception
1:  mrs     x0, esr_el2
    mrs     x1, elr_el2
    mrs     x2, far_el2
    b       aarch64_exception
2:  mrs     x0, esr_el1
    mrs     x1, elr_el1
    mrs     x2, far_el1
    b       aarch64_exception
