"""What goes wrong is told, with its place; nothing hangs; damage is found before a run."""

import dataclasses
import platform
import struct

import numpy as np
import pytest
from array_programs import WAIT, Source, add_program, copy_program, place
from hypothesis import given
from hypothesis import strategies as st

from adfc.errors import AdfcError, ExecutionError, ImageError
from adfc.image import rcb, rimfs, write_image
from adfc.runtime import LoadedProgram, verify

X = np.zeros((1, 64), np.int8)
X86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the test's kernel is x86-64 code")


def _fault(source: Source) -> list[str]:
    """The lines of the error with which the program stops."""
    with LoadedProgram(source.image()) as program, pytest.raises(ExecutionError) as caught:
        program.run([X])
    return str(caught.value).splitlines()


@X86
def test_a_poll_that_times_out() -> None:
    first, *_ = _fault(add_program(cycles=100000, max_cycles=1000))
    assert first.startswith("the wait reached its bound at word ")
    assert "(MASK_POLL tile 2,3 register 0x32004) in phase 0: expected 0x100000, seen 0x" in first


@X86
def test_a_deadlock_tells_who_waits_for_what() -> None:
    """The core never gets its input: the shim's MM2S task is left out."""
    source = add_program()
    queue = place(0, "DMA_MM2S_QUEUE")
    control = [line for line in source.control if f"write32 {queue}" not in line]
    first, *rest = _fault(dataclasses.replace(source, control=control))
    assert first.startswith("deadlock: nothing in the array can move any more at word ")
    assert "(MASK_POLL tile 2,3 register 0x32004) in phase 0" in first
    assert any("(2,3)" in line and "lock" in line for line in rest)


def test_a_wait_for_what_never_starts() -> None:
    first, *_ = _fault(Source(["phase 4", WAIT]))
    assert first.startswith("deadlock")
    assert "(WAIT_TASK tile 2,0) in phase 4" in first


def test_what_the_array_refuses_is_named() -> None:
    """A BD with a packet header is outside the emulator's model; the verifier cannot know."""
    word1 = f"write32 {place(1, 'DMA_BD', 0, 0)}, 0x80000010"
    valid = f"write32 {place(1, 'DMA_BD', 0, 7)}, 0x80000000"
    push = f"write32 {place(1, 'DMA_MM2S_QUEUE')}, 0x0"
    first, *rest = _fault(Source(["phase 2", word1, valid, push, WAIT]))
    assert "in phase 2" in first
    assert rest
    assert "packet" in rest[0].lower()


def test_the_program_runs_again_after_a_fault() -> None:
    good, bad = copy_program(), Source([WAIT])
    with LoadedProgram(bad.image()) as program:
        for _ in range(2):
            with pytest.raises(ExecutionError, match="deadlock"):
                program.run([X], keep_state=True)
    with LoadedProgram(good.image()) as program:
        program.run([X])


def _replaced(section: str, data: bytes) -> bytes:
    """The image of the add program with other bytes in one section, all checksums right."""
    sections = rimfs.read(write_image(add_program().parts()))
    return rimfs.write(
        [rimfs.Section(n, data if n == section else bytes(d)) for n, d in sections.items()]
    )


@pytest.mark.parametrize(
    ("section", "data", "reason"),
    [
        ("program", b"", "section program"),
        ("program", b"abc", "not a whole number of words"),
        ("program", bytes(64), "section program: it names no device that is known here"),
        ("core_programs", b"", "section program: an operand is out of range at word"),
        ("core_programs", bytes(256), "the core program is not valid: its header is wrong"),
        ("kernels", b"", "no known kernel"),
        ("io", bytes(31), "section io: its tables are inconsistent"),
        ("io", bytes(32), "no such DDR buffer, or an offset past its end"),
        ("code.x86_64", b"KCOD", "section code.x86_64: it holds no kernel code"),
        ("code.x86_64", b"KCOD" + bytes(200), "has not as many kernels"),
        ("code.x86_64", b"KCOD\1\0\0\0\xff\0\0\0" + bytes(200), "reaches past its end"),
        ("code.x86_64", b"KCOD\1\0\0\0\4\0\0\0\4\0\0\0" + bytes(200), "begins outside"),
    ],
)
def test_bad_contents_are_refused_and_named(section: str, data: bytes, reason: str) -> None:
    image = _replaced(section, data)
    for check in (verify, LoadedProgram):
        with pytest.raises(ImageError, match=reason) as caught:
            check(image)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("section", ["program", "core_programs", "kernels", "io", "weights"])
def test_missing_sections_are_named(section: str) -> None:
    sections = rimfs.read(write_image(add_program().parts()))
    rest = [rimfs.Section(n, bytes(d)) for n, d in sections.items() if n != section]
    with pytest.raises(ImageError, match=f"no section {section}"):
        verify(rimfs.write(rest))


def test_truncated_and_damaged_images_are_refused() -> None:
    image = add_program().image()
    verify(image)
    for cut in range(0, len(image), 37):
        with pytest.raises(ImageError):
            verify(image[:cut])
    with pytest.raises(ImageError, match="bytes after the end"):
        verify(image + b"\0")


@given(st.integers(0, 8 * len(copy_program().image()) - 1))
def test_any_flipped_bit_is_found(bit: int) -> None:
    image = bytearray(copy_program().image())
    image[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ImageError) as caught:
        verify(bytes(image))
    assert "\n" not in str(caught.value)


@given(st.data())
def test_mutated_programs_stop_or_finish(data: st.DataObject) -> None:
    """A changed word under right checksums: refused, or run to an end or a fault."""
    parts = add_program(max_cycles=20000).parts()
    words = bytearray(parts.program)
    at = 4 * data.draw(st.integers(rcb.HEADER_WORDS, len(words) // 4 - 1))
    words[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    try:
        program = rcb.encode(_lenient(bytes(words)))
        image = write_image(dataclasses.replace(parts, program=program))
        with LoadedProgram(image, isa="x86_64") as loaded:
            loaded.run([X])
    except AdfcError as error:
        assert str(error)


def _lenient(program: bytes) -> rcb.RcbProgram:
    """The program decoded without looking at its header's sums."""
    words = struct.unpack(f"<{len(program) // 4}I", program)
    at, instructions = rcb.HEADER_WORDS, []
    while at < len(words):
        instruction, at = rcb.decode_instruction(words, at)
        instructions.append(instruction)
    return rcb.RcbProgram(words[3], words[5], tuple(instructions))


@given(st.data())
def test_mutated_core_programs_stop_or_finish(data: st.DataObject) -> None:
    """All words but those that say what the kernel may touch: kernels trust their operands."""
    parts = add_program(max_cycles=20000).parts()
    words = bytearray(parts.core_programs)
    at = 4 * data.draw(st.sampled_from([1, 4, 5, 6, 7, 8, 10, 11, 16, 17, 18]))
    words[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    image = write_image(dataclasses.replace(parts, core_programs=bytes(words)))
    try:
        with LoadedProgram(image, isa="x86_64") as loaded:
            loaded.run([X])
    except AdfcError as error:
        assert str(error)
