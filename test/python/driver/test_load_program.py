"""Images with a load program through the compiler's IR: text, bytes, and back."""

import pytest

from adfc.driver.ir import parse
from adfc.errors import CompileError
from adfc.image import rcb

IMAGE = """
rcb.image @main device "ve2802" input 64 output 64 arena 0 weights 128 {
  rcb.program load {
    rcb.bind_buffer (2, 0) 0x1d004, weights + 64
    rcb.load_core (2, 3) from 0 words 2
    rcb.end
  }
  rcb.program {
    rcb.phase 0
    rcb.end
  }
  rcb.core_programs [0x201ac, 0x8]
}
"""


def test_both_programs_are_encoded() -> None:
    encoded = parse(IMAGE).encode()
    load, run = rcb.decode(encoded.load_program), rcb.decode(encoded.program)
    assert [i.mnemonic for i in load.instructions] == ["bind_buffer", "load_core", "end"]
    assert [i.mnemonic for i in run.instructions] == ["phase", "end"]
    assert load.device == run.device == 1


def test_an_image_without_one_has_no_load_program() -> None:
    start, end = IMAGE.index("  rcb.program load"), IMAGE.index("  rcb.program {")
    encoded = parse(IMAGE[:start] + IMAGE[end:]).encode()
    assert encoded.load_program == b""
    assert [i.mnemonic for i in rcb.decode(encoded.program).instructions] == ["phase", "end"]


def test_a_load_program_alone_is_refused() -> None:
    end, core = IMAGE.index("  rcb.program {"), IMAGE.index("  rcb.core_programs")
    with pytest.raises(CompileError, match=r"exactly one rcb\.program without load"):
        parse(IMAGE[:end] + IMAGE[core:])
