/* What a board is to the code that all boards share: a console, a clock, an end. Each board's
 * folder defines these functions; common/ calls them. */
#ifndef ADFC_BOARD_H
#define ADFC_BOARD_H

#include <stddef.h>
#include <stdint.h>

/* How a program ends; what board_exit() hands to whoever started the board. */
enum board_exit_code {
  BOARD_OK = 0,
  BOARD_REFUSED = 1,   /* the image or the request is bad, or does not fit the memory */
  BOARD_FAULTED = 2,   /* the program stopped with a fault record */
  BOARD_EXCEPTION = 3, /* the processor took an exception */
  BOARD_SELF_TEST = 4, /* the board does not work */
};

extern const char board_name[];

/* Console and counters. Called once, before all else. */
void board_start(void);

/* Sends one character, waiting until there is room for it. */
void board_put(char c);

/* Processor cycles since some moment; instructions in QEMU, to the last one. */
uint64_t board_cycles(void);

/* Microseconds since some moment, by a clock that runs whatever the processor does. */
uint64_t board_microseconds(void);

/* One alarm, without an interrupt: it rings `microseconds` from now, and goes on until it is set
 * again. */
void board_alarm_set(uint64_t microseconds);
int board_alarm_rang(void);

/* Calls board_bark() `microseconds` from now by an interrupt, whatever the processor is at, unless
 * called again before; 0: never. May be late by as long as the clock takes to count a period. */
void board_bark_set(uint64_t microseconds);

/* The interrupt has come while the instruction at `place` was next: tells so, and ends. */
_Noreturn void board_bark(uintptr_t place);

/* Sleeps until interrupt number `device` of the board's interrupt controller is there, or so many
 * microseconds have passed; returns at once where it is there already. The device's driver takes it
 * back. Of boards with a network, and not while board_bark_set() waits. */
void board_sleep(uint32_t device, uint64_t microseconds);

/* Writes what the caches hold of these bytes back to memory, where there are caches. */
void board_write_back(const void *start, size_t bytes);

/* Instructions that were written as data are fetched anew. After board_write_back() of them. */
void board_forget_instructions(void);

/* Ends the program. Where nobody listens (no debugger, no QEMU) it stops here for good. */
_Noreturn void board_exit(enum board_exit_code code);

/* The program's own start, called by a board's start-up code with memory and stack in order. */
_Noreturn void board_main(void);

/* Called by a board's exception entry: prints the registers' names and values, and ends. */
_Noreturn void board_exception(const char *const *names, const uint64_t *values, uint32_t count);

#endif
