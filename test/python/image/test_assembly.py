"""Text and bytes of programs: each gives back the other, and errors name their place."""

import pytest
from hypothesis import given
from random_programs import core_sections, rcb_programs

from adfc.errors import ImageError
from adfc.image import assemble, core_program, disassemble, rcb
from adfc.image.assembly import core_line, rcb_line, read_core_line, read_rcb_line
from adfc.image.core_program import CoreSection
from adfc.image.isa import core_isa, rcb_isa
from adfc.image.rcb import RcbProgram
from adfc.image.syntax import Tokens


@given(rcb_programs(), core_sections())
def test_disassembly_assembles_to_the_same_bytes(program: RcbProgram, section: CoreSection) -> None:
    control, core = rcb.encode(program), core_program.encode_section(section)
    text = disassemble(control, core, comment=lambda _: "a remark ; (with marks)\nand lines")
    made = assemble(text)
    assert made.program == control
    assert made.core_programs == core


@given(rcb_programs())
def test_decoding_gives_back_the_program(program: RcbProgram) -> None:
    assert rcb.decode(rcb.encode(program)) == program


@given(core_sections())
def test_decoding_gives_back_the_core_programs(section: CoreSection) -> None:
    assert core_program.decode_section(core_program.encode_section(section)) == section


@pytest.mark.parametrize("shape", rcb_isa().instructions, ids=lambda shape: shape.name)
def test_the_specification_s_examples_are_valid(shape) -> None:
    instruction = read_rcb_line(Tokens.of(f"{shape.mnemonic} {shape.example}"))
    words = rcb.encode_instruction(instruction)
    assert words[0] & 0xFF == shape.opcode
    assert words[0] >> 16 == len(words)
    assert read_rcb_line(Tokens.of(rcb_line(instruction))) == instruction


@pytest.mark.parametrize("shape", core_isa().instructions, ids=lambda shape: shape.name)
def test_the_core_specification_s_examples_are_valid(shape) -> None:
    instruction = read_core_line(Tokens.of(shape.example))
    assert core_program.encode_instruction(instruction)[0] & 0xFF == shape.opcode
    assert core_line(instruction) == shape.example


def test_words_by_hand() -> None:
    """spec/rcb.toml: opcode | length << 16, operands in order, offsets low word first."""

    def words(line: str) -> list[int]:
        return rcb.encode_instruction(read_rcb_line(Tokens.of(line)))

    assert words("write32 (2, 3) 0x1de04, 0x7") == [0x0003_0001, 0x0431_DE04, 7]
    assert words("block_write (0, 1) 0x10, [0x1, 2]") == [0x0004_0003, 0x0010_0010, 1, 2]
    assert words("bind_buffer (2, 0) 0x1d004, weights + 0x123456789") == [
        0x0005_0007,
        0x0401_D004,
        3,
        0x2345_6789,
        1,
    ]
    assert words("wait_task (2, 1) mm2s 5 max 9") == [0x0005_0006, 0x0201, 1, 5, 9]
    core = core_program.encode_instruction(read_core_line(Tokens.of("acquire 2, -1")))
    assert core == [0xFFFF_0201]
    call = "call kernel 3 (window 1, 0x40) [-2] cycles 9"
    assert core_program.encode_instruction(read_core_line(Tokens.of(call))) == [
        0x0001_0207,
        3,
        9,
        0x8000_0001,
        0x40,
        0xFFFF_FFFE,
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("acquire 63, -1", [0xFFFF_3F01]),
        ("window 1 depth 2 base 0x50000 stride 0x80", [0x0002_0103, 0x5_0000, 0x80]),
        ("call kernel 0 (0x4fffc, 0x60000) [] cycles 1", [0x0207, 0, 1, 0x4_FFFC, 0x6_0000]),
    ],
)
def test_neighbours_locks_and_memory_by_hand(line: str, words: list[int]) -> None:
    """docs/rcb.md: locks 16 to 63 and addresses from 0x40000 on are neighbours'."""
    instruction = read_core_line(Tokens.of(line))
    assert core_program.encode_instruction(instruction) == words
    assert core_program.decode_instruction(words, 0) == (instruction, len(words))
    assert core_line(instruction) == line


GOOD = "program device 1 buffers 4\nend\ncore_programs bytes 64\ncore_program at 0\ndone\n"


@pytest.mark.parametrize(
    ("line", "text", "reason"),
    [
        (2, "fly (2, 3)", "no instruction is called 'fly'"),
        (2, "write32 (2, 3) 0x0", "the line ends too early"),
        (2, "write32 (2, 3) 0x0, 0x0 0x0", "'0x0' is too much"),
        (2, "write32 (2, 3) 0x0; 0x0", "the line ends too early"),
        (2, "write32 (2, 3 0x0, 0x0", "stands where ')' should"),
        (2, "write32 (128, 3) 0x0, 0x0", "column 128 is not 0 to 127"),
        (2, "write32 (2, 3) 0x100000, 0x0", "offset 1048576 is not 0 to 1048575"),
        (2, "write32 (2, 3) 0x0, 0x100000000", "value is 4294967296, must be 0 to 4294967295"),
        (2, "write32 (2, 3) 0x0, -1", "value is -1, must be 0"),
        (2, "wait_task (2, 0) up 0 max 1", "'up' is no direction: s2mm, mm2s"),
        (2, "wait_task (2, 0) s2mm 0 max 0", "max_cycles is 0, must be 1 to 268435456"),
        (2, "block_write (2, 3) 0x0, []", "needs at least one word"),
        (2, "nop $", "'$' is not understood"),
        (3, "program device 1 buffers 4", "there is a program already"),
        (5, "fly", "no core instruction is called 'fly'"),
        (5, "acquire 256, 0", "lock is 256, must be 0 to 255"),
        (5, "acquire 0, 32768", "value is 32768, must be -32768 to 32767"),
        (5, "core_program at 0", "each at its own place"),
    ],
)
def test_errors_name_the_line(line: int, text: str, reason: str) -> None:
    lines = GOOD.splitlines()
    lines.insert(line - 1, text)
    with pytest.raises(ImageError) as caught:
        assemble("\n".join(lines))
    message = str(caught.value)
    assert reason in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no program"),
        ("program device 1 buffers 4\nend", "no program, or no core_programs"),
        ("nop", "line 1: an instruction stands outside of a program"),
        (GOOD.replace("end", "nop"), "only that, is end"),
        (GOOD.replace("end", "end\nend"), "only that, is end"),
        (GOOD.replace("bytes 64", "bytes 4"), "8 bytes of core programs do not fit 4"),
        (GOOD + "core_program at 4\ndone", "the core program at 4 overlaps another"),
    ],
)
def test_errors_of_the_whole(text: str, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        assemble(text)


@given(rcb_programs())
def test_damaged_programs_are_refused(program: RcbProgram) -> None:
    data = rcb.encode(program)
    for at in range(0, len(data), max(1, len(data) // 16)):
        if 20 <= at < 24 or 12 <= at < 16:
            continue  # buffers and device: any value can be decoded
        damaged = bytearray(data)
        damaged[at] ^= 0x10
        with pytest.raises(ImageError):
            rcb.decode(bytes(damaged))
    for length in (0, 1, 31, 32, len(data) - 4, len(data) - 1):
        with pytest.raises(ImageError):
            rcb.decode(data[:length])


@given(core_sections())
def test_truncated_core_programs_are_refused(section: CoreSection) -> None:
    data = core_program.encode_section(section)
    if section.programs:
        last = max(section.programs)
        with pytest.raises(ImageError):
            words = core_program.encode(section.programs[last])
            core_program.decode_section(data[: last + 4 * len(words) - 1])
