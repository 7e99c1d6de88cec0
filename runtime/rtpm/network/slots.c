#include "slots.h"

#include "board.h"
#include "network.h"
#include "pool.h"
#include "trust.h"

#include "adfc/line.h"

/* What is left of the pool after the slots: a program's memory begins here. */
static const void *program_memory;

static struct program_source source_of(const struct slot *slot) {
  struct program_source built_in = program_built_in();
  if (slot->image == built_in.image)
    return built_in;
  return (struct program_source){.image = slot->image, .bytes = slot->bytes};
}

/* Opens the image of a slot in place of the program that is open. */
static int open(struct slots *s, uint32_t index, char *text) {
  struct program_source source = source_of(&s->slot[index]);
  pool_take_back(program_memory);
  if (!program_open(&s->program, &source, text))
    return 0;
  s->active = index;
  return 1;
}

int slots_start(struct slots *s, char *text) {
  struct program_source source = program_built_in();
  for (uint32_t i = 0; i < SLOTS; ++i) {
    s->slot[i] = (struct slot){.memory = pool_take_raw(network_options.slot_bytes)};
    if (!s->slot[i].memory) {
      struct line l = line_start(text, PROGRAM_TEXT_BYTES);
      line_put(&l, "no memory for two image slots");
      return 0;
    }
  }
  program_memory = pool_free();
  s->slot[0].image = source.image;
  s->slot[0].bytes = (uint32_t)source.bytes;
  return open(s, 0, text) && trust_check(&s->program.fs, 0, &s->slot[0].version, text);
}

uint8_t *slots_memory(struct slots *s) {
  struct slot *slot = &s->slot[!s->active];
  slot->image = NULL;
  return slot->memory;
}

/* Without touching the program that is open. */
static int check(struct slots *s, struct slot *slot, char *text) {
  struct program_source source = source_of(slot);
  struct program candidate;
  const void *before = pool_free();
  uint32_t oldest = s->slot[s->active].version;
  oldest = trust_floor() > oldest ? trust_floor() : oldest;
  int good = program_check(&candidate, &source, text) &&
             trust_check(&candidate.fs, oldest, &slot->version, text);
  pool_take_back(before);
  return good;
}

int slots_take(struct slots *s, uint32_t bytes, char *text) {
  char ignored[PROGRAM_TEXT_BYTES];
  uint32_t old = s->active, new = !old;
  struct slot *slot = &s->slot[new];
  *slot = (struct slot){.memory = slot->memory, .image = slot->memory, .bytes = bytes};
  board_write_back(slot->image, bytes);
  board_forget_instructions();
  if (check(s, slot, text)) {
    if (open(s, new, text))
      return 1;
    open(s, old, ignored); /* it did before */
  }
  slot->image = NULL;
  return 0;
}

void slots_prove(struct slots *s) {
  s->slot[s->active].proven = 1;
  trust_raise_floor(s->slot[s->active].version);
}

int slots_fall_back(struct slots *s, char *text) {
  struct slot *slot = &s->slot[s->active];
  if (slot->proven || !s->slot[!s->active].image || !open(s, !s->active, text))
    return 0;
  slot->image = NULL;
  return 1;
}
