"""The instruction sets of spec/*.toml, read once."""

from __future__ import annotations

from functools import cache

from adfc.spec import core_program, rcb
from adfc.spec.paths import spec_folder


@cache
def rcb_isa() -> rcb.Isa:
    """The RCB instruction set."""
    return rcb.load(spec_folder())


@cache
def core_isa() -> core_program.CoreIsa:
    """The core program instruction set."""
    return core_program.load(spec_folder())


@cache
def rcb_by_mnemonic() -> dict[str, rcb.Instruction]:
    """RCB instructions by their name in assembly."""
    return {instruction.mnemonic: instruction for instruction in rcb_isa().instructions}


@cache
def core_by_mnemonic() -> dict[str, core_program.CoreInstruction]:
    """Core program instructions by their name in assembly."""
    return {instruction.mnemonic: instruction for instruction in core_isa().instructions}


@cache
def core_by_opcode() -> dict[int, core_program.CoreInstruction]:
    """Core program instructions by opcode."""
    return {instruction.opcode: instruction for instruction in core_isa().instructions}
