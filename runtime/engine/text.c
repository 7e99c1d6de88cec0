/* Fault records as one line of English. */
#include "adfc/engine.h"
#include "adfc/line.h"
#include "adfc/rhal.h"

#define NAME(table, index) ((index) < sizeof table / sizeof *table ? table[index] : "unknown")

static const char *const status_names[] = {
    [ENGINE_OK] = "no fault",
    [ENGINE_NOT_VERIFIED] = "the program has not been verified",
    [ENGINE_BAD_IMAGE] = "a section that the program needs is missing or inconsistent",
    [ENGINE_BAD_HEADER] = "the program's header is wrong",
    [ENGINE_BAD_CRC] = "the program's bytes are damaged",
    [ENGINE_WRONG_DEVICE] = "the program is for another device",
    [ENGINE_BAD_OPCODE] = "no such instruction",
    [ENGINE_BAD_LENGTH] = "the instruction's length is wrong",
    [ENGINE_BAD_OPERAND] = "an operand is out of range",
    [ENGINE_BAD_TILE] = "no such tile, or not of the kind needed",
    [ENGINE_BAD_ADDRESS] = "no such register, or it cannot be accessed in this way",
    [ENGINE_BAD_BUFFER] = "no such DDR buffer, or an offset past its end",
    [ENGINE_BAD_WAIT] = "the wait's bound is 0 or too long",
    [ENGINE_BAD_END] = "END is missing, or not the last instruction",
    [ENGINE_BAD_COUNT] = "a count in the header contradicts the program",
    [ENGINE_BAD_DESCRIPTOR] = "a shim could reach past a DDR buffer, or one that is not bound",
    [ENGINE_BAD_CORE_PROGRAM] = "the core program is not valid",
};

static const char *const core_names[] = {
    [CORE_OK] = "no fault",
    [CORE_BAD_HEADER] = "its header is wrong",
    [CORE_BAD_OPCODE] = "no such instruction",
    [CORE_BAD_LENGTH] = "an instruction reaches past its end",
    [CORE_BAD_LOCK] = "no lock that the core reaches, or a value that does not fit it",
    [CORE_BAD_WINDOW] = "no such window, or one not declared before",
    [CORE_BAD_ADDRESS] =
        "a buffer that leaves the data memory that the core reaches, or is not aligned to 4",
    [CORE_BAD_LOOP] = "a loop nested too deep, unmatched, or of count 0",
    [CORE_BAD_CALL] =
        "a call of no known kernel, with operands that it does not take, or of 0 cycles",
    [CORE_BAD_END] = "DONE is missing, not the last instruction, or in a loop",
    [CORE_ENDLESS] = "it would execute too many instructions",
};

static const char *const rhal_names[] = {
    [RHAL_OK] = "no fault",
    [RHAL_TIMEOUT] = "the wait reached its bound",
    [RHAL_BAD_ADDRESS] = "the array has no such register, or it cannot be accessed in this way",
    [RHAL_BAD_BUFFER] = "the DDR buffer is not bound",
    [RHAL_DEADLOCK] = "deadlock: nothing in the array can move any more",
    [RHAL_FAULT] = "the array reported an error",
    [RHAL_UNSUPPORTED] = "the backend cannot do this",
    [RHAL_WATCHDOG] = "the watchdog fired: the program takes longer than it may",
};

static const char *const opcode_names[] = {
#define X(name, opcode, words, payload) [opcode] = #name,
    RCB_INSTRUCTIONS(X)
#undef X
};

static void put_place(struct line *l, const struct engine_fault *f) {
  line_put(l, " at word ");
  line_number(l, f->pc, 10);
  line_put(l, " (");
  line_put(l, NAME(opcode_names, f->opcode));
  if (f->tile != ENGINE_NOWHERE) {
    line_put(l, " tile ");
    line_number(l, RCB_TILE_COLUMN(f->tile), 10);
    line_put(l, ",");
    line_number(l, RCB_TILE_ROW(f->tile), 10);
  }
  if (f->reg != ENGINE_NOWHERE) {
    line_put(l, " register ");
    line_number(l, f->reg, 16);
  }
  line_put(l, ")");
  if (f->phase != ENGINE_NOWHERE) {
    line_put(l, " in phase ");
    line_number(l, f->phase, 10);
  }
  if (f->load)
    line_put(l, " of the load program");
}

void engine_fault_text(const struct engine_fault *fault, char *text, size_t bytes) {
  struct line l = line_start(text, bytes);
  if (fault->status == ENGINE_RHAL)
    line_put(&l, NAME(rhal_names, fault->rhal));
  else
    line_put(&l, NAME(status_names, fault->status));
  if (fault->status == ENGINE_BAD_CORE_PROGRAM) {
    line_put(&l, ": ");
    line_put(&l, NAME(core_names, fault->expected));
    line_put(&l, ", word ");
    line_number(&l, fault->seen, 10);
    line_put(&l, " of the section,");
  }
  if (fault->pc)
    put_place(&l, fault);
  if (fault->status == ENGINE_BAD_CORE_PROGRAM || (!fault->expected && !fault->seen))
    return;
  line_put(&l, ": expected ");
  line_number(&l, fault->expected, 16);
  line_put(&l, ", seen ");
  line_number(&l, fault->seen, 16);
}
