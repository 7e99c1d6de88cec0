"""adfc.Session: the five steps, and what each says when it is wrong."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import adfc
from adfc.errors import AdfcError, ImageError, InputError
from adfc.image import read_image, write_image


@pytest.fixture
def session(image: Path) -> adfc.Session:
    return adfc.Session.load(image)


def test_five_steps_give_what_a_program_gives(
    image: Path, session: adfc.Session, example: NDArray[np.float32]
) -> None:
    program = adfc.Program.load(image)
    runs = [program.run_detailed(example, keep_state=bool(i)) for i in range(2)]
    output = np.zeros((1, 10), np.float32)
    session.register_operators()
    session.set_input(0, example)
    session.set_output(0, output)
    for expected in runs:
        output[...] = 0
        session.run()
        np.testing.assert_array_equal(output, expected.outputs[0])
        counters = session.counters()
        assert counters.cost == expected.run.cost
        assert counters.load == expected.run.load
        assert counters.instructions == expected.run.instructions
        assert counters.kernel_calls == sum(core.calls for core in expected.run.cores)
        phases = [session.phase(i) for i in range(counters.phases)]
        assert [(p.id, p.start_cycle, p.cost) for p in phases] == [
            (p.id, p.start_cycle, p.cost) for p in expected.run.phases
        ]


def test_levels_are_taken_and_given_as_they_are(
    image: Path, session: adfc.Session, example: NDArray[np.float32]
) -> None:
    program = adfc.Program.load(image)
    levels = program.quantize([example])
    output = np.zeros(session.outputs[0].array_shape, np.int8)
    session.register_operators()
    session.set_input(0, levels[0])
    session.set_output(0, output)
    session.run()
    np.testing.assert_array_equal(output, program.execute(levels).outputs[0])


def test_a_reset_array_is_loaded_again(session: adfc.Session, example: NDArray[np.float32]) -> None:
    output = np.zeros((1, 10), np.float32)
    session.register_operators()
    session.set_input(0, example)
    session.set_output(0, output)
    session.run()
    first = session.counters()
    session.reset()
    session.run()
    assert session.counters() == first


def test_steps_left_out_are_told(session: adfc.Session, example: NDArray[np.float32]) -> None:
    output = np.zeros((1, 10), np.float32)
    with pytest.raises(AdfcError, match="a step before this one is missing"):
        session.counters()
    with pytest.raises(InputError, match="no buffer is set for input 'x'"):
        session.run()
    session.set_input(0, example)
    with pytest.raises(InputError, match="no buffer is set for output 'output'"):
        session.run()
    session.set_output(0, output)
    with pytest.raises(AdfcError, match="no operator is registered for kernel"):
        session.run()
    session.close()
    with pytest.raises(InputError, match="closed"):
        session.run()


def test_wrong_buffers_are_refused(session: adfc.Session, example: NDArray[np.float32]) -> None:
    for wrong in (example[:, :2], example.astype(np.int32), example.astype(np.int8)):
        with pytest.raises(InputError, match="tensor 'x'"):
            session.set_input(0, wrong)
    with pytest.raises(InputError, match="tensor 'output'"):
        session.set_output(0, np.zeros((1, 10), np.float64))
    frozen = np.zeros((1, 10), np.float32)
    frozen.flags.writeable = False
    with pytest.raises(InputError, match="cannot be written"):
        session.set_output(0, frozen)
    with pytest.raises(InputError, match="no input 1"):
        session.set_input(1, example)


def test_operators_of_ones_own(session: adfc.Session, example: NDArray[np.float32]) -> None:
    """Each kernel's code replaced by one that writes zeros: so the output is all zero."""
    calls: list[str] = []

    def nothing(name: str) -> "adfc.session.Operator":  # type: ignore[name-defined]
        def operator(buffers: list[NDArray[np.int8]], _: list[int]) -> None:
            calls.append(name)
            buffers[-1][...] = 0

        return operator

    output = np.ones((1, 10), np.float32)
    for name in session.operators:
        session.register_operator(name, nothing(name))
    session.set_input(0, example)
    session.set_output(0, output)
    session.run()
    assert session.counters().kernel_calls == len(calls)
    assert not output.any()
    with pytest.raises(InputError, match="calls no kernel nothing"):
        session.register_operator("nothing", nothing("nothing"))


def test_an_operator_s_exception_reaches_the_caller(
    session: adfc.Session, example: NDArray[np.float32]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("in an operator")

    session.register_operator(session.operators[0], broken)
    session.register_operators()
    session.set_input(0, example)
    session.set_output(0, np.zeros((1, 10), np.float32))
    with pytest.raises(ZeroDivisionError):
        session.run()


def test_code_for_no_machine(session: adfc.Session) -> None:
    with pytest.raises(AdfcError, match="does not run kernel code for 'z80'"):
        session.register_operators("z80")
    session.register_operators("x86_64")
    with pytest.raises(AdfcError, match="taken already"):
        session.register_operators()


def test_damaged_images(image: Path) -> None:
    whole = bytearray(image.read_bytes())
    whole[len(whole) // 2] ^= 1
    with pytest.raises(ImageError):
        adfc.Session.load(bytes(whole))


def test_section_tensors_must_agree(image: Path) -> None:
    parts = read_image(image.read_bytes())
    boundary = bytearray(parts.extra["tensors"])
    boundary[0] ^= 1  # of a scale
    changed = write_image(
        type(parts)(**{**vars(parts), "extra": {**parts.extra, "tensors": bytes(boundary)}})
    )
    with pytest.raises(ImageError, match="section tensors"):
        adfc.Session.load(changed)


def test_completion_finds_what_is_not_imported_yet() -> None:
    assert set(adfc.__all__) <= set(dir(adfc))
