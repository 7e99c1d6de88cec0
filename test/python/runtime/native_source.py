"""A native program in C for an image: the test's own reading of control blocks as RHAL calls."""

from __future__ import annotations

import struct

from adfc.image import ImageParts, rcb
from adfc.image.rcb import RcbInstruction

_HEAD = """
#include <stdint.h>
int rhal_write32(uint32_t, uint32_t);
int rhal_mask_write32(uint32_t, uint32_t, uint32_t);
int rhal_block_write(uint32_t, const uint32_t *, uint32_t);
int rhal_block_set(uint32_t, uint32_t, uint32_t);
int rhal_poll(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t *);
int rhal_wait_task(uint32_t, uint32_t, uint32_t, uint32_t);
int rhal_load_core(uint32_t, const uint32_t *, uint32_t);
int rhal_buffer_address(uint32_t, uint64_t *);
int rhal_cache_sync(uint32_t, uint32_t);
int rhal_barrier(void);
void rhal_timestamp(uint32_t);
void rhal_phase(uint32_t);
#define DO(call) do { int status = call; if (status) return status; } while (0)
"""


def _words(values: tuple[int, ...]) -> str:
    return f"(const uint32_t[]){{{', '.join(f'{v}u' for v in values)}}}, {len(values)}u"


def _calls(i: RcbInstruction, core: tuple[int, ...]) -> list[str]:  # noqa: PLR0911 - a table
    o = i.operands
    match i.mnemonic:
        case "write32":
            return [f"DO(rhal_write32({o['address']}u, {o['value']}u));"]
        case "mask_write32":
            return [f"DO(rhal_mask_write32({o['address']}u, {o['mask']}u, {o['value']}u));"]
        case "block_write":
            return [f"DO(rhal_block_write({o['address']}u, {_words(i.payload)}));"]
        case "block_set":
            return [f"DO(rhal_block_set({o['address']}u, {o['value']}u, {o['count']}u));"]
        case "mask_poll":
            arguments = f"{o['address']}u, {o['mask']}u, {o['value']}u, {o['max_cycles']}u"
            return [f"DO(rhal_poll({arguments}, &seen));"]
        case "wait_task":
            arguments = f"{o['tile']}u, {o['direction']}u, {o['channel']}u, {o['max_cycles']}u"
            return [f"DO(rhal_wait_task({arguments}));"]
        case "bind_buffer":
            return [
                f"DO(rhal_buffer_address({o['buffer']}u, &a));",
                f"a += {o['offset']}u;",
                f"DO(rhal_write32({o['address']}u, (uint32_t)a));",
                f"DO(rhal_mask_write32({o['address'] + 4}u, 0xffffu, (uint32_t)(a >> 32)));",
            ]
        case "load_core":
            start = o["offset"] // 4
            words = core[start : start + o["words"]]
            return [f"DO(rhal_load_core({o['tile']}u, {_words(words)}));"]
        case "cache_sync":
            return [f"DO(rhal_cache_sync({o['buffer']}u, {o['direction']}u));"]
        case "barrier":
            return ["DO(rhal_barrier());"]
        case "timestamp" | "phase":
            return [f"rhal_{i.mnemonic}({o['id']}u);"]
        case _:
            return []


def native_c(parts: ImageParts) -> str:
    """C with `int adfc_native_program(void)`."""
    core = struct.unpack(f"<{len(parts.core_programs) // 4}I", parts.core_programs)
    calls = [call for i in rcb.decode(parts.program).instructions for call in _calls(i, core)]
    start = ["uint64_t a;", "uint32_t seen;", "(void)a, (void)seen;"]
    body = "\n  ".join([*start, *calls, "return 0;"])
    return f"{_HEAD}\nint adfc_native_program(void) {{\n  {body}\n}}\n"
