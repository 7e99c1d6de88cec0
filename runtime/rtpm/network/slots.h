/* Two slots for images, A and B. One is active: its program is open. An upload goes to the other,
 * and takes over when it has passed all checks; else the active one remains. At the start slot A
 * holds the image that is linked in, where it lies. */
#ifndef ADFC_RTPM_SLOTS_H
#define ADFC_RTPM_SLOTS_H

#include "program.h"

enum { SLOTS = 2 };

struct slot {
  uint8_t *memory;      /* network_options.slot_bytes, for uploads */
  const uint8_t *image; /* there, or linked in; NULL: the slot holds none */
  uint32_t bytes, version;
  uint32_t proven; /* an inference has run to its end */
};

struct slots {
  struct slot slot[SLOTS];
  uint32_t active;
  struct program program; /* of the active slot */
};

/* Takes the slots' memory and opens the image that is linked in. Returns 1, or 0 with the reason in
 * `text` (PROGRAM_TEXT_BYTES long), as do the others. */
int slots_start(struct slots *s, char *text);

/* Where an upload goes: the slot that is not active, which holds no image from now on. */
uint8_t *slots_memory(struct slots *s);

/* Checks the image of `bytes` bytes in slots_memory(), and makes it the active one. Where it is
 * refused, the program that was active is open as before; its buffers are cleared. */
int slots_take(struct slots *s, uint32_t bytes, char *text);

/* The active program has run to its end. */
void slots_prove(struct slots *s);

/* The active program has stopped with a fault. Where it never ran to its end, the image before it
 * becomes active again, if there is one: then returns 1. */
int slots_fall_back(struct slots *s, char *text);

#endif
