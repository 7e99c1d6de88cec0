#include "fields.h"

#include "adfc/spec/core_program.h"
#include "adfc/spec/rcb_isa.h"

struct list {
  struct field *out;
  size_t max, count;
  int core;
};

static void add(struct list *l, uint32_t word, unsigned lsb, unsigned width, int header) {
  if (l->count < l->max)
    l->out[l->count] =
        (struct field){word, (uint8_t)lsb, (uint8_t)width, (uint8_t)l->core, (uint8_t)header};
  ++l->count;
}

static void list_program(struct list *l, const uint32_t *program, uint32_t words) {
  for (uint32_t i = 0; i < RCB_HEADER_WORDS; ++i)
    add(l, i, 0, 32, 1);
  for (uint32_t pc = RCB_HEADER_WORDS; pc < words; pc += RCB_LENGTH(program[pc])) {
    add(l, pc, 0, 8, 0);   /* opcode */
    add(l, pc, 8, 8, 0);   /* flags */
    add(l, pc, 16, 16, 0); /* length */
    for (uint32_t i = 1; i < RCB_LENGTH(program[pc]); ++i)
      add(l, pc + i, 0, 32, 0);
  }
}

static uint32_t core_length(const uint32_t *w) {
  static const struct {
    uint8_t words, lists;
  } shapes[] = {
#define X(name, opcode, words, lists, a, b) [opcode] = {words, lists},
      CORE_INSTRUCTIONS(X)
#undef X
  };
  uint32_t opcode = CORE_OPCODE(w[0]);
  return shapes[opcode].words + (shapes[opcode].lists ? CORE_A(w[0]) + CORE_B(w[0]) : 0);
}

static void list_core(struct list *l, const uint32_t *core, uint32_t words) {
  for (uint32_t start = 0; start < words;) {
    if (core[start] == 0) { /* between two programs */
      ++start;
      continue;
    }
    uint32_t end = start + CORE_PROGRAM_HEADER_WORDS(core[start]);
    add(l, start, 0, 32, 0);
    for (uint32_t pc = start + 1, length; pc < end; pc += length) {
      length = core_length(core + pc);
      add(l, pc, 0, 8, 0);   /* opcode */
      add(l, pc, 8, 8, 0);   /* a */
      add(l, pc, 16, 16, 0); /* b */
      for (uint32_t i = 1; i < length; ++i)
        add(l, pc + i, 0, 32, 0);
    }
    start = end;
  }
}

size_t fields_list(struct field *out, size_t max, const uint32_t *program, uint32_t program_words,
                   const uint32_t *core, uint32_t core_words) {
  struct list l = {.out = out, .max = max};
  list_program(&l, program, program_words);
  l.core = 1;
  list_core(&l, core, core_words);
  return l.count;
}

static uint32_t mask(const struct field *field) { return UINT32_MAX >> (32 - field->width); }

uint32_t field_get(const struct field *field, const uint32_t *section) {
  return section[field->word] >> field->lsb & mask(field);
}

void field_set(const struct field *field, uint32_t *section, uint32_t value) {
  uint32_t *word = &section[field->word];
  *word = (*word & ~(mask(field) << field->lsb)) | (value & mask(field)) << field->lsb;
}
