/* What every program on a board begins with, and how it tells of faults. */
#ifndef ADFC_RTPM_START_H
#define ADFC_RTPM_START_H

#include "board.h"
#include "program.h"

/* Starts the board, tells of a kept fault record, and tests processor, memory and clock. Does not
 * return where one of them fails. */
void rtpm_start(void);

/* Tests the array of a program that is open. */
void rtpm_test_array(struct program *p);

/* Tells what is wrong (on the console, and kept for the next boot). */
void rtpm_fault(const char *text);

/* Tells why the program stopped: its fault record, and what the array says of it. Returns the text,
 * which remains until the next call. */
const char *rtpm_explain(struct program *p, const struct engine_fault *fault);

/* Tells what is wrong, and ends. */
_Noreturn void rtpm_refuse(const char *text);
_Noreturn void rtpm_end(enum board_exit_code code);

#endif
