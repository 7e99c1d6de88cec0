/* Results on the console, for programs: lines that begin with '@'. docs/bare-metal.md describes
 * them. */
#ifndef ADFC_BOARD_REPORT_H
#define ADFC_BOARD_REPORT_H

#include <stddef.h>
#include <stdint.h>

/* Something is wrong: `text` is one line or more. */
void report_fault(const char *text);

void report_counter(const char *name, uint64_t value);

/* One run has ended: the processor's and the array's cycles, and what came out. */
void report_run(uint64_t processor_cycles, uint64_t array_cycles, const uint8_t *output,
                uint64_t bytes);

/* The output block. */
void report_output(const uint8_t *block, uint64_t bytes);

/* Nothing more will come. */
void report_end(uint32_t code);

#endif
