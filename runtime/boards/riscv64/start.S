# Start-up of a 64-bit RISC-V board in machine mode: turns floating point on, sets stack and trap
# vector, clears .bss and calls board_main. Registers: The RISC-V Instruction Set Manual, Volume II.

    .section .start, "ax"
    .global board_entry
board_entry:
    csrr    t0, mhartid             # one hart works, the others sleep
    bnez    t0, park
    li      t0, 1 << 13             # mstatus.FS = Initial
    csrs    mstatus, t0
    la      t0, trap
    csrw    mtvec, t0
    la      sp, board_stack_top
    la      t0, board_bss_start
    la      t1, board_bss_end
1:  bgeu    t0, t1, 2f
    sd      zero, 0(t0)
    addi    t0, t0, 8
    j       1b
2:  csrwi   mcountinhibit, 0        # all counters run
    j       board_main
park:
    wfi
    j       park

    .balign 4
trap:
    csrr    a0, mcause
    csrr    a1, mepc
    csrr    a2, mtval
    la      sp, board_stack_top
    j       riscv_exception
