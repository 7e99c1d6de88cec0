"""Random programs that can be encoded, from the instruction sets themselves."""

from __future__ import annotations

from hypothesis import strategies as st

from adfc.image.core_program import WINDOW_BIT, CoreInstruction, CoreProgram, CoreSection
from adfc.image.isa import core_isa, rcb_isa
from adfc.image.rcb import RcbInstruction, RcbProgram
from adfc.spec import core_program as core_spec
from adfc.spec import rcb as rcb_spec

WORD = st.integers(0, 0xFFFF_FFFF)


def _operand(kind: str) -> st.SearchStrategy[int]:
    if kind == "cycles":
        return st.integers(1, rcb_isa().max_wait_cycles)
    if kind == "count":
        return st.integers(1, 0xFFFF_FFFF)
    if kind == "offset":
        return st.integers(0, 0xFFFF_FFFF_FFFF_FFFF)
    if kind == "tile":
        return st.builds(
            lambda column, row: column << 8 | row, st.integers(0, 127), st.integers(0, 31)
        )
    if kind in ("direction", "buffer"):
        return st.integers(0, len(rcb_isa().enumeration(kind).cases) - 1)
    return WORD


def _rcb(shape: rcb_spec.Instruction) -> st.SearchStrategy[RcbInstruction]:
    operands = {o.name: _operand(o.kind) for o in shape.operands if o.kind != "words"}
    payload = (
        st.lists(WORD, min_size=1, max_size=12).map(tuple) if shape.has_payload else st.just(())
    )
    return st.builds(
        RcbInstruction, st.just(shape.mnemonic), st.fixed_dictionaries(operands), payload
    )


def rcb_programs() -> st.SearchStrategy[RcbProgram]:
    """RCB programs of any instructions; they need not pass the verifier."""
    shapes = [_rcb(shape) for shape in rcb_isa().instructions if shape.mnemonic != "end"]
    body = st.lists(st.one_of(shapes), max_size=20)
    return st.builds(
        lambda device, buffers, instructions: RcbProgram(
            device, buffers, (*instructions, RcbInstruction("end"))
        ),
        WORD,
        WORD,
        body,
    )


def _value(kind: str, bits: int) -> st.SearchStrategy[int]:
    if kind.startswith("signed"):
        return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)
    return st.integers(0, (1 << bits) - 1)


def _core(shape: core_spec.CoreInstruction) -> st.SearchStrategy[CoreInstruction]:
    counts = {entry.count for entry in shape.lists}
    fields = {
        entry.name: _value(entry.kind, bits)
        for entry, bits in ((shape.a, 8), (shape.b, 16), *((w, 32) for w in shape.words))
        if entry is not None and entry.name not in counts
    }
    buffer = st.one_of(
        st.integers(0, 0xFFFF), st.integers(0, 7).map(lambda window: WINDOW_BIT | window)
    )
    lists = {
        entry.name: st.lists(
            buffer if entry.kind == "buffer" else _value("signed32", 32), max_size=9
        ).map(tuple)
        for entry in shape.lists
    }
    return st.builds(
        CoreInstruction,
        st.just(shape.mnemonic),
        st.fixed_dictionaries(fields),
        st.fixed_dictionaries(lists),
    )


@st.composite
def core_sections(draw: st.DrawFn) -> CoreSection:
    """Sections of core programs at increasing places, with gaps."""
    shapes = st.one_of([_core(shape) for shape in core_isa().instructions])
    programs: dict[int, CoreProgram] = {}
    at = 4 * draw(st.integers(0, 3))
    for _ in range(draw(st.integers(0, 3))):
        body = tuple(draw(st.lists(shapes, max_size=8)))
        programs[at] = CoreProgram(body)
        words = 1 + sum(1 + 2 + sum(map(len, i.lists.values())) for i in body)  # at most
        at += 4 * (words + draw(st.integers(0, 3)))
    return CoreSection(programs, at)
