"""Images: equal parts give equal bytes, the parts come back, and any damage is found and named."""

import dataclasses
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adfc.errors import ImageError
from adfc.image import (
    ImageParts,
    IoTable,
    IoTensor,
    Kernel,
    assemble,
    dump,
    read_image,
    rimfs,
    write_image,
)

TEXT = """program device 1 buffers 4
  phase 0
  write32 (2, 3) 0x1de04, 0x0
  end
core_programs bytes 64
core_program at 0
  done
"""


def parts() -> ImageParts:
    made = assemble(TEXT)
    return ImageParts(
        program=made.program,
        core_programs=made.core_programs,
        weights=bytes(range(100)),
        kernels=(Kernel("conv2d_0", (64, 192, 32, 128), 2), Kernel("add_1", (64, 64, 64))),
        code={"x86_64": b"code", "x86_64-vnni": b"other code"},
        io=IoTable(
            (IoTensor("x", 0, (1, 2, 2, 4), 3),),
            (IoTensor("logits", 64, (1, 10), 10),),
            64,
            128,
            4096,
        ),
        metadata={"model": "m", "layers": [{"name": "conv1"}], "tiles": 4},
        extra={"debug": b"?"},
    )


def test_parts_come_back() -> None:
    image = write_image(parts())
    again = read_image(image)
    assert again == parts()
    assert write_image(again) == image
    assert len(image) % 64 == 0


def test_layout_by_hand() -> None:
    """docs/rimfs.md: header 64 bytes, entries of 48, sections at the next multiple of 64."""
    image = rimfs.write([rimfs.Section("program", b"abc"), rimfs.Section("meta.json", b"{}")])
    directory = struct.pack("<24s6I", b"program", 1, 0, 192, 3, zlib.crc32(b"abc"), 0)
    directory += struct.pack("<24s6I", b"meta.json", 7, 0, 256, 2, zlib.crc32(b"{}"), 0)
    fields = (b"RIMF", 1, 320, 2, 64, zlib.crc32(directory))
    crc = zlib.crc32(struct.pack("<4s5I", *fields) + bytes(40))
    header = struct.pack("<4s7I", *fields, crc, 0) + bytes(32)
    assert image == (header + directory).ljust(192, b"\0") + b"abc".ljust(64, b"\0") + b"{}".ljust(
        64, b"\0"
    )


@given(
    st.dictionaries(st.text("abc.", min_size=1, max_size=23), st.binary(max_size=200), max_size=6)
)
def test_any_sections_come_back(sections: dict[str, bytes]) -> None:
    image = rimfs.write([rimfs.Section(name, data) for name, data in sections.items()])
    assert {name: bytes(data) for name, data in rimfs.read(image).items()} == sections


def _places(image: bytes) -> dict[str, tuple[int, int]]:
    """Where each section lies: name -> (first byte, end)."""
    count = struct.unpack_from("<I", image, 12)[0]
    places: dict[str, tuple[int, int]] = {}
    for index in range(count):
        name, _, _, offset, size, _, _ = struct.unpack_from("<24s6I", image, 64 + 48 * index)
        places[name.rstrip(b"\0").decode()] = (offset, offset + size)
    return places


def _refused(image: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        read_image(image)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_truncation_at_every_section_is_found() -> None:
    image = write_image(parts())
    cuts = {0, 1, 63, 64, 100, len(image) - 1}
    for start, end in _places(image).values():
        cuts |= {start, start + 1, end - 1, end}
    for cut in sorted(cuts - {len(image)}):
        assert "truncated" in _refused(image[:cut])
    assert "too many" in _refused(image + b"\0")


def test_flipped_bits_in_every_section_are_found_and_named() -> None:
    image = write_image(parts())
    for name, (start, end) in _places(image).items():
        for at in {start, (start + end) // 2, end - 1}:
            for bit in (0, 7):
                damaged = bytearray(image)
                damaged[at] ^= 1 << bit
                assert _refused(bytes(damaged)).startswith(f"section {name}: ")


@given(st.data())
def test_any_flipped_bit_is_found(data: st.DataObject) -> None:
    image = bytearray(write_image(parts()))
    bit = data.draw(st.integers(0, 8 * len(image) - 1))
    image[bit // 8] ^= 1 << bit % 8
    _refused(bytes(image))


def test_missing_sections_are_named() -> None:
    sections = rimfs.read(write_image(parts()))
    for left_out in ("program", "core_programs", "kernels", "io", "weights", "meta.json"):
        rest = [rimfs.Section(n, bytes(d)) for n, d in sections.items() if n != left_out]
        assert f"no section {left_out}" in _refused(rimfs.write(rest))


def test_no_image_at_all() -> None:
    assert "does not begin with RIMF" in _refused(b"PK\3\4" + bytes(100))
    assert "not even a header" in _refused(b"")


@pytest.mark.parametrize("name", ["", "x" * 24, "ä", "a", "a b", "a\n"])
def test_bad_section_names_are_refused(name: str) -> None:
    with pytest.raises(ImageError, match="cannot name a section"):
        rimfs.write([rimfs.Section(name, b""), rimfs.Section("a", b"")])


@pytest.mark.parametrize(
    ("tensor", "reason"),
    [
        (IoTensor("x", 32, (1, 4), 4), "does not lie in its block"),
        (IoTensor("x", 64, (1, 4), 4), "does not lie in its block"),
        (IoTensor("x", 0, (65,), 65), "does not lie in its block"),
        (IoTensor("x", 0, (1, 4), 5), "5 of 4 channels"),
        (IoTensor("x", 0, (1, 4), 0), "0 of 4 channels"),
        (IoTensor("x", 0, (), 1), "has shape"),
        (IoTensor("x", 0, (1,) * 7, 1), "has shape"),
        (IoTensor("x", 0, (0, 4), 1), "has shape"),
    ],
)
def test_inconsistent_tensors_are_refused(tensor: IoTensor, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        IoTable((tensor,), (), 64, 0, 0).encode()


def test_io_tables_from_json() -> None:
    table = parts().io
    assert IoTable.from_json(dataclasses.asdict(table)) == table


def test_dump_names_registers_layers_and_kernels_and_assembles_again() -> None:
    text = dump(write_image(parts()))
    assert "; kernel 1: add_1" in text
    assert "; input x: 1x2x2x4 int8 at 0, 3 channels valid" in text
    lines = {line.split(";")[0].strip(): line for line in text.splitlines()}
    assert lines["phase 0"].endswith("; conv1")
    assert lines["write32 (2, 3) 0x1de04, 0x0"].endswith("; core DMA_S2MM_QUEUE[0]")
    made = assemble(text)
    assert (made.program, made.core_programs) == (parts().program, parts().core_programs)
