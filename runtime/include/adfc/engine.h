/* The engine: checks an image's control programs, then plays them through the RHAL. It knows no
 * model and takes no decision.
 *
 * An image has a program that is played for each inference. It may have a load program as well,
 * which puts into the array what stays there: it is played first, and again after a fault or a
 * reset of the array. An image without one loads what it needs in each run.
 *
 * No heap, no globals, no libc; the caller's memory only; every wait is bounded. What goes wrong is
 * told in a fault record, and nothing is written to the array unless all programs have passed
 * engine_verify(). */
#ifndef ADFC_ENGINE_H
#define ADFC_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "adfc/rimfs.h"
#include "adfc/spec/rcb_isa.h"

struct adfc_device;
#ifdef __FRAMAC__
#include "adfc/spec/devices.h" /* contracts look into a device */
/*@ // A device of spec/devices: no more columns than noc_columns has bits.
    predicate known(struct adfc_device *device) = \valid_read(device) && device->columns <= 64; */
#endif

enum engine_status {
  ENGINE_OK = 0,
  ENGINE_NOT_VERIFIED,     /* engine_run() before engine_verify() */
  ENGINE_BAD_IMAGE,        /* a section that the program needs is missing or inconsistent */
  ENGINE_BAD_HEADER,       /* magic, version or length of the program */
  ENGINE_BAD_CRC,          /* the program's bytes are damaged */
  ENGINE_WRONG_DEVICE,     /* the program is for another device */
  ENGINE_BAD_OPCODE,       /* no such instruction, or flags that are not 0 */
  ENGINE_BAD_LENGTH,       /* an instruction's length is wrong, or it reaches past the end */
  ENGINE_BAD_OPERAND,      /* an operand's value is out of range */
  ENGINE_BAD_TILE,         /* no such tile, or not of the kind that is needed */
  ENGINE_BAD_ADDRESS,      /* no such register, or it cannot be accessed so */
  ENGINE_BAD_BUFFER,       /* no such DDR buffer, or an offset past its end */
  ENGINE_BAD_WAIT,         /* a wait without a bound, or with one above ADFC_MAX_WAIT */
  ENGINE_BAD_END,          /* END is missing, or not the last instruction */
  ENGINE_BAD_COUNT,        /* the header's counts contradict the instructions */
  ENGINE_BAD_CORE_PROGRAM, /* a core program is not valid: `seen` is its word, `expected` a
                              core_fault */
  ENGINE_BAD_DESCRIPTOR,   /* a task would leave its DDR buffer, or could: `seen` is the address of
                              the shim's buffer descriptor */
  ENGINE_RHAL,             /* a RHAL call failed: `rhal` says how */
};

/* What is wrong with a core program. */
enum core_fault {
  CORE_OK = 0,
  CORE_BAD_HEADER,  /* magic, version or length */
  CORE_BAD_OPCODE,  /* no such instruction, or an unused field that is not 0 */
  CORE_BAD_LENGTH,  /* an instruction reaches past the end */
  CORE_BAD_LOCK,    /* no lock that the core reaches, or a value that does not fit it */
  CORE_BAD_WINDOW,  /* no such window, or one not declared before */
  CORE_BAD_ADDRESS, /* not a multiple of 4, or a buffer that leaves the memory it is in */
  CORE_BAD_LOOP,    /* nested too deep, no matching LOOP or NEXT, or count 0 */
  CORE_BAD_CALL,    /* no such kernel, other operands than it takes, or no cycles */
  CORE_BAD_END,     /* DONE is missing, not the last instruction, or in a loop */
  CORE_ENDLESS,     /* more than CORE_PROGRAM_MAX_STEPS instructions would be executed */
};

/* Where and why a program was refused, or stopped. Fields that do not apply are 0; ENGINE_NOWHERE
 * is no place. */
struct engine_fault {
  uint32_t status;   /* enum engine_status */
  uint32_t rhal;     /* enum rhal_status */
  uint32_t pc;       /* word index of the instruction in the program */
  uint32_t opcode;   /* enum rcb_opcode */
  uint32_t phase;    /* of the last PHASE instruction */
  uint32_t tile;     /* column << 8 | row */
  uint32_t reg;      /* offset of the register in the tile */
  uint32_t expected; /* value waited for, or the limit that was exceeded */
  uint32_t seen;     /* value read, or the operand at fault */
  uint32_t load;     /* not 0: in the load program */
};
#define ENGINE_NOWHERE UINT32_MAX /* phase, tile, reg */

/* Programs and what they refer to. Everything stays where it is: in the mounted image. */
struct engine_image {
  const struct adfc_device *device;
  const uint32_t *program;
  uint32_t program_words; /* of the section; the program fills it */
  const uint32_t *load;   /* the load program; NULL: there is none */
  uint32_t load_words;
  const uint32_t *core_programs;
  uint32_t core_program_words;
  const struct rimfs_kernel *kernel_table;
  uint32_t kernels; /* records of it */
  uint64_t buffer_bytes[RCB_BUFFER_COUNT];
  uint32_t verified; /* set by engine_verify() */
};

/*@ // What >> means; WP leaves it to the provers, which do not know it.
    axiomatic Shift {
      axiom shift_by_16: \forall integer w; 0 <= w ==> (w >> 16) == w / 65536;
    }

    // All that an image refers to is there.
    predicate readable(struct engine_image *i) =
      \valid_read(i) && \valid_read(i->program + (0 .. i->program_words - 1)) &&
      \valid_read(i->load + (0 .. i->load_words - 1)) &&
      (i->load == \null ==> i->load_words == 0) &&
      \valid_read(i->core_programs + (0 .. i->core_program_words - 1)) &&
      \valid_read(i->kernel_table + (0 .. i->kernels - 1));

    // Writing *f changes nothing of it.
    predicate apart(struct engine_image *i, struct engine_fault *f) =
      \separated(f, i) && \separated(f, i->program + (0 .. i->program_words - 1)) &&
      \separated(f, i->load + (0 .. i->load_words - 1)) &&
      \separated(f, i->core_programs + (0 .. i->core_program_words - 1)) &&
      \separated(f, i->kernel_table + (0 .. i->kernels - 1));

    // Nor does writing *r.
    predicate beside(struct engine_image *i, struct engine_result *r) =
      \separated(r, i) && \separated(r, i->program + (0 .. i->program_words - 1)) &&
      \separated(r, i->load + (0 .. i->load_words - 1)) &&
      \separated(r, i->core_programs + (0 .. i->core_program_words - 1));

    // The length of an instruction without a payload is its opcode's.
    predicate shaped(integer opcode, integer length) =
      opcode != RCB_OP_BLOCK_WRITE && length >= 1 &&
      (opcode == RCB_OP_WRITE32 ==> length == 3) &&
      (opcode == RCB_OP_MASK_WRITE32 ==> length == 4) &&
      (opcode == RCB_OP_BLOCK_SET ==> length == 4) &&
      (opcode == RCB_OP_MASK_POLL ==> length == 5) &&
      (opcode == RCB_OP_WAIT_TASK ==> length == 5) &&
      (opcode == RCB_OP_BIND_BUFFER ==> length == 5) &&
      (opcode == RCB_OP_LOAD_CORE ==> length == 4) &&
      (opcode == RCB_OP_CACHE_SYNC ==> length == 3) &&
      (opcode == RCB_OP_TIMESTAMP ==> length == 2) &&
      (opcode == RCB_OP_PHASE ==> length == 2);

    // An instruction, of which `left` words are there, is as long as its opcode says.
    predicate whole(integer opcode, integer length, integer left) =
      1 <= length <= left && length <= 65535 && opcode < RCB_OPCODE_COUNT &&
      (opcode == RCB_OP_BLOCK_WRITE ? length >= 3 : shaped(opcode, length));

    // And its operands in words 2 and 3 lead to nothing that is not there.
    predicate leads(integer opcode, integer second, integer third, integer core_words) =
      (opcode == RCB_OP_BIND_BUFFER ==> second < RCB_BUFFER_COUNT) &&
      (opcode == RCB_OP_LOAD_CORE ==> second / 4 + third <= core_words);

    // So are all from word `pc` on. Any word is `reached`: axioms ask for it so that provers
    // unfold `good` where the code stands, and not for ever.
    axiomatic Program {
      predicate reached(integer pc) reads \nothing;
      axiom reached_all: \forall integer pc; reached(pc);
      predicate good{L}(uint32_t *p, integer pc, integer words, integer core_words)
        reads p[0 .. words - 1];
      axiom good_end{L}: \forall uint32_t *p, integer words, core_words;
        good(p, words, words, core_words);
      axiom good_step{L}: \forall uint32_t *p, integer pc, next, words, core_words;
        reached(next) && 0 <= pc < words && next == pc + RCB_LENGTH(p[pc]) ==>
          (good(p, pc, words, core_words) <==>
             whole(RCB_OPCODE(p[pc]), RCB_LENGTH(p[pc]), words - pc) &&
             leads(RCB_OPCODE(p[pc]), p[pc + 2], p[pc + 3], core_words) &&
             good(p, next, words, core_words));
      axiom good_reads{L, M}: \forall uint32_t *p, integer pc, words, core_words;
        good{L}(p, pc, words, core_words) &&
        (\forall integer i; 0 <= i < words ==> \at(p[i], L) == \at(p[i], M)) ==>
          good{M}(p, pc, words, core_words);
    }

    // What engine_verify() has found of both programs.
    predicate verified(struct engine_image *i) =
      i->program_words > RCB_HEADER_WORDS &&
      good(i->program, RCB_HEADER_WORDS, i->program_words, i->core_program_words) &&
      (i->load != \null ==>
         i->load_words > RCB_HEADER_WORDS &&
         good(i->load, RCB_HEADER_WORDS, i->load_words, i->core_program_words));

    // No word of them has changed.
    predicate unchanged{L, M}(struct engine_image *i) =
      (\forall integer k; 0 <= k < \at(i->program_words, L) ==>
         \at(i->program[k], L) == \at(i->program[k], M)) &&
      (\forall integer k; 0 <= k < \at(i->load_words, L) ==>
         \at(i->load[k], L) == \at(i->load[k], M)); */

/*@ // What an image refers to lies where the section that it was opened from does.
    predicate lies_in(struct engine_image *i, struct rimfs *fs) =
      \base_addr(i->program) == \base_addr(fs->base) &&
      (i->load == \null || \base_addr(i->load) == \base_addr(fs->base)) &&
      \base_addr(i->core_programs) == \base_addr(fs->base) &&
      \base_addr(i->kernel_table) == \base_addr(fs->base); */

/* What a load or a run did. */
struct engine_result {
  struct engine_fault fault; /* status ENGINE_OK: the program reached END */
  uint32_t instructions;     /* performed */
};

/* Collects the program's parts from a mounted image. Returns ENGINE_OK or ENGINE_BAD_IMAGE. */
/*@ requires \valid(image) && \valid_read(fs) && sound_image(fs) && known(device);
    requires \separated(image, fs, device) &&
             \separated(image, fs->base + (0 .. fs->bytes - 1));
    assigns *image;
    ensures \result == ENGINE_OK ==> image->device == device && readable(image);
    ensures \result == ENGINE_OK ==> lies_in(image, fs); */
int engine_open(struct engine_image *image, const struct rimfs *fs,
                const struct adfc_device *device);

/* Checks both programs whole, their core programs included. Returns fault->status. */
/*@ requires readable(image) && \valid(image) && known(image->device);
    requires \valid(fault) && apart(image, fault) && \separated(fault, image->device);
    requires \separated(image, image->device, image->program + (0 .. image->program_words - 1));
    requires \separated(image, image->load + (0 .. image->load_words - 1));
    assigns *fault, image->verified;
    ensures image->verified ==> verified(image); */
int engine_verify(struct engine_image *image, struct engine_fault *fault);

/* Checks of verified programs that no task of a shim reaches past the DDR buffer to which its
 * buffer descriptor is bound: whenever one is pushed to a queue, with all of its dimensions and
 * iterations; in the load program and in any number of runs after it. An image that fails is no
 * longer a verified one. Returns fault->status. Where DDR
 * lies behind a memory protection of its own, a board that counts every byte may leave this away.
 */
/*@ requires readable(image) && \valid(image) && known(image->device) && verified(image);
    requires \valid(fault) && apart(image, fault) && \separated(fault, image->device);
    requires \separated(image, image->device, image->program + (0 .. image->program_words - 1));
    requires \separated(image, image->load + (0 .. image->load_words - 1));
    assigns *fault, image->verified;
    ensures image->verified ==> verified(image); */
int engine_verify_ddr(struct engine_image *image, struct engine_fault *fault);

/* Plays the load program of a verified image; does nothing where there is none. Returns
 * result->fault.status. */
/*@ requires readable(image) && \valid(result) && beside(image, result);
    requires image->verified ==> verified(image);
    assigns *result; */
int engine_load(const struct engine_image *image, struct engine_result *result);

/* Plays the program of a verified image, for one inference. Where the image has a load program,
 * that was played on this array before, and nothing has failed since. Returns result->fault.status.
 */
/*@ requires readable(image) && \valid(result) && beside(image, result);
    requires image->verified ==> verified(image);
    assigns *result; */
int engine_run(const struct engine_image *image, struct engine_result *result);

/* Checks the core program of `words` words against the table of the `kernels` kernels that it may
 * call, and the memory modules that its core reaches: bit i of `modules` is module i of enum
 * core_module, and no other bit is set. One that passes ends, and no kernel that it calls leaves
 * the data memory of one of these, as long as each keeps to the bytes that its record states.
 * Returns an enum core_fault, with the index of the word at fault in *at. */
/*@ requires \valid_read(program + (0 .. words - 1)) && \valid(at);
    requires \valid_read(table + (0 .. kernels - 1));
    requires \separated(at, program + (0 .. words - 1));
    requires \separated(at, table + (0 .. kernels - 1));
    assigns *at; */
int core_verify(const uint32_t *program, uint32_t words, const struct rimfs_kernel *table,
                uint32_t kernels, uint32_t modules, uint32_t *at);

/* Writes one line about `fault` to `text`, NUL-terminated, cut at `bytes` >= 1. */
void engine_fault_text(const struct engine_fault *fault, char *text, size_t bytes);

#endif
