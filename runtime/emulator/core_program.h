// Core programs (spec/core_program.toml), an instruction at a time.
#ifndef ADFC_EMULATOR_CORE_PROGRAM_H
#define ADFC_EMULATOR_CORE_PROGRAM_H

#include "array.h"

// Checks the header and goes to the first instruction that takes time. AIE_FAULT where the program
// is broken.
enum aie_status aie_core_program_start(struct aie_array *array, struct aie_core *core);

// From core->pc on executes what takes no time, up to an instruction that does; *cycles is what
// that one takes, 0 for DONE.
enum aie_status aie_core_program_seek(struct aie_array *array, struct aie_core *core,
                                      uint64_t *cycles);

// Calls the kernel of the CALL at core->pc.
enum aie_status aie_core_program_call(struct aie_array *array, struct aie_core *core);

// Words of the instruction at core->pc.
uint32_t aie_core_program_length(const struct aie_core *core);

// A fault of the program at core->pc.
enum aie_status aie_core_program_broken(struct aie_array *array, const struct aie_core *core,
                                        const char *why);

#endif
