/* Results on the console, for people and for programs: lines that begin with '@' are for programs.
 * docs/bare-metal.md describes them. */
#ifndef ADFC_BOARD_REPORT_H
#define ADFC_BOARD_REPORT_H

#include <stddef.h>
#include <stdint.h>

/* A line for people. */
void report_say(const char *text);

/* Something is wrong: `text` may have several lines. */
void report_fault(const char *text);

void report_counter(const char *name, uint64_t value);

/* The output block. */
void report_output(const uint8_t *block, uint64_t bytes);

/* Nothing more will come. */
void report_end(uint32_t code);

#endif
