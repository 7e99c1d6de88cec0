/* Counter, exceptions and end of an Armv8-A board. */
#include "aarch64.h"

#include "board.h"

void aarch64_start_counter(void) {
  /* PMCR: enabled, 64 bits, reset; PMCCFILTR.NSH: EL2 too. DDI 0487, D24.5. */
  __asm__ volatile("msr pmccfiltr_el0, %0" ::"r"(1ull << 27));
  __asm__ volatile("msr pmcntenset_el0, %0" ::"r"(1ull << 31));
  __asm__ volatile("msr pmcr_el0, %0\n\tisb" ::"r"(0x45ull));
}

uint64_t board_cycles(void) {
  uint64_t value;
  __asm__ volatile("isb\n\tmrs %0, pmccntr_el0" : "=r"(value)::"memory");
  return value;
}

/* Line by line, to the point where all observers see it. CTR_EL0.DminLine: DDI 0487, D24.2. */
void board_write_back(const void *start, size_t bytes) {
  uint64_t ctr;
  __asm__ volatile("mrs %0, ctr_el0" : "=r"(ctr));
  uintptr_t line = 4ul << (ctr >> 16 & 15), end = (uintptr_t)start + bytes;
  for (uintptr_t at = (uintptr_t)start & ~(line - 1); at < end; at += line)
    __asm__ volatile("dc cvac, %0" ::"r"(at) : "memory");
  __asm__ volatile("dsb sy" ::: "memory");
}

void board_forget_instructions(void) { __asm__ volatile("ic iallu\n\tdsb sy\n\tisb" ::: "memory"); }

_Noreturn void aarch64_exception(uint64_t syndrome, uint64_t link, uint64_t address);

_Noreturn void aarch64_exception(uint64_t syndrome, uint64_t link, uint64_t address) {
  static const char *const names[] = {"ESR", "ELR", "FAR"};
  const uint64_t values[] = {syndrome, link, address};
  board_exception(names, values, 3);
}

/* Semihosting SYS_EXIT (Arm's "Semihosting for AArch32 and AArch64"): a debugger or QEMU ends the
 * program. Without one, HLT is an exception. */
_Noreturn void board_exit(enum board_exit_code code) {
  uint64_t block[2] = {0x20026 /* ADP_Stopped_ApplicationExit */, code};
  register uint64_t operation __asm__("x0") = 0x18;
  register uint64_t *argument __asm__("x1") = block;
  __asm__ volatile("hlt #0xf000" : "+r"(operation) : "r"(argument) : "memory");
  for (;;)
    __asm__ volatile("wfe");
}
