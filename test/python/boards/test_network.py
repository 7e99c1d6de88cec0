"""Boards in a network: inferences, uploads into slots, and what goes wrong with them."""

from __future__ import annotations

import dataclasses
import json
import resource
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from adfc.boards import Board, BuildOptions, LogLevel, NetworkOptions, build_elf, load_board
from adfc.boards.package import with_code
from adfc.boards.serve import ServedBoard, serve
from adfc.cli.main import app
from adfc.errors import ExecutionError, ImageError, InputError, ToolError
from adfc.image import assemble, dump, write_image
from adfc.program import Levels, Program
from adfc.remote import Address, InferenceClient, RemoteRun, read_status, tftp, upload
from adfc.remote.wire import ANSWER, Datagram, Kind

Bootable = Callable[[str], Board]
Zoo = Callable[[str, str], Program]
Noise = Callable[[Program], list[Levels]]

BOARDS = ("versal", "virt")


@pytest.fixture(scope="module", params=BOARDS)
def served(
    request: pytest.FixtureRequest,
    bootable: Bootable,
    zoo: Zoo,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[ServedBoard]:
    """A board that serves the network with digits linked in, and stays on for all tests here."""
    board = bootable(request.param)
    elf = tmp_path_factory.mktemp(board.name) / "app.elf"
    build_elf(zoo(board.name, "digits").image, board, elf, network=NetworkOptions())
    with serve(elf, board) as running:
        yield running


@pytest.fixture
def digits(zoo: Zoo) -> Program:
    return zoo("virt", "digits")


@pytest.fixture
def restored(served: ServedBoard, digits: Program) -> Iterator[ServedBoard]:
    """The board, with digits active before and after."""
    upload(with_code(digits.image, "aarch64"), served.upload, time_limit=30)
    yield served


def _with_program(program: Program, text: str) -> bytes:
    made = assemble(text)
    parts = dataclasses.replace(program.parts, program=made.program)
    return with_code(write_image(parts), "aarch64")


def _deadlocking(program: Program) -> bytes:
    """A second wait for a task that was pushed once."""
    lines = dump(program.image).splitlines()
    last = max(i for i, line in enumerate(lines) if line.strip().startswith("wait_task"))
    return _with_program(program, "\n".join([*lines[: last + 1], *lines[last:]]))


@pytest.mark.boards
def test_a_port_that_is_in_use(bootable: Bootable, tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = int(other.getsockname()[1])
        with (
            pytest.raises(ToolError, match=f"UDP port {port} .*: Address already in use; name an"),
            serve(tmp_path / "app.elf", bootable("virt"), upload_port=port),
        ):
            pass


@pytest.mark.boards
@pytest.mark.parametrize("board", BOARDS)
def test_a_board_that_waits_does_not_keep_the_processor(
    board: str, bootable: Bootable, zoo: Zoo, tmp_path: Path
) -> None:
    """Start and three seconds of waiting take less of the host's processor than waiting lasts."""
    elf = tmp_path / "app.elf"
    build_elf(zoo(board, "digits").image, bootable(board), elf, network=NetworkOptions())
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with serve(elf, load_board(board)):
        time.sleep(3)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


def _said(served: ServedBoard, text: str) -> bool:
    """Whether the console has a line with `text`; a thread reads it, perhaps after the answer."""
    for _ in range(100):
        if any(text in line for line in served.lines):
            return True
        time.sleep(0.1)
    return False


def _infer(served: ServedBoard, inputs: list[Levels]) -> RemoteRun:
    with InferenceClient(served.inference, time_limit=60) as client:
        return client.run(inputs)


def _equals_the_host(served: ServedBoard, program: Program, inputs: list[Levels]) -> None:
    run, host = _infer(served, inputs), program.execute(inputs)
    for ours, theirs in zip(run.outputs, host.outputs, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert run.cost == host.cost
    assert run.engine_instructions == host.instructions


@pytest.mark.boards
def test_an_inference_equals_the_host(restored: ServedBoard, digits: Program, noise: Noise) -> None:
    _equals_the_host(restored, digits, noise(digits))


@pytest.mark.boards
def test_an_uploaded_image_takes_over(restored: ServedBoard, zoo: Zoo, noise: Noise) -> None:
    """Into the slot that was not active; its inferences equal the host's as well."""
    before = read_status(restored.upload, time_limit=30)
    resnet8 = zoo("virt", "resnet8")
    image = with_code(resnet8.image, "aarch64")
    after = upload(image, restored.upload, time_limit=30)
    assert {before.slot, after.slot} == {"A", "B"}
    assert after.upload == "taken"
    _equals_the_host(restored, resnet8, noise(resnet8))


@pytest.mark.boards
@pytest.mark.parametrize("fault", ["damaged", "forbidden", "without code", "no image"])
def test_a_bad_image_is_refused_and_the_old_one_remains(
    fault: str, restored: ServedBoard, digits: Program, noise: Noise
) -> None:
    """The reason reaches the uploader and the console."""
    image = bytearray(with_code(digits.image, "aarch64"))
    if fault == "damaged":
        image[image.index(digits.parts.weights) + 99] ^= 1
        reason = "section weights: its bytes are damaged"
    elif fault == "forbidden":
        text = dump(digits.image).replace("end\n", "write32 (99, 0) 0x1f004, 0x10\nend\n", 1)
        image = bytearray(_with_program(digits, text))
        reason = r"no such register.*WRITE32 tile 99,0"
    elif fault == "without code":
        image = bytearray(digits.image)
        reason = "section code: there is none for this board's processor"
    else:
        image = bytearray(b"\x7fELF" + bytes(1500))
        reason = "it does not begin with RIMF"
    before = read_status(restored.upload, time_limit=30)
    with pytest.raises(ImageError, match=f"refused the image: .*{reason}.* remains active"):
        upload(bytes(image), restored.upload, time_limit=30)
    after = read_status(restored.upload, time_limit=30)
    assert (after.slot, after.image_crc) == (before.slot, before.image_crc)
    assert _said(restored, "upload refused, the active image remains")
    _equals_the_host(restored, digits, noise(digits))


@pytest.mark.boards
def test_an_image_that_never_ran_gives_way_to_the_one_before(
    restored: ServedBoard, digits: Program, noise: Noise
) -> None:
    """It passes all checks, and deadlocks: the fault record comes back, then the old slot."""
    before = read_status(restored.upload, time_limit=30)
    upload(_deadlocking(digits), restored.upload, time_limit=30)
    with pytest.raises(ExecutionError, match=r"deadlock.*WAIT_TASK tile \d+,0.*phase"):
        _infer(restored, noise(digits))
    after = read_status(restored.upload, time_limit=30)
    assert (after.slot, after.image_crc) == (before.slot, before.image_crc)
    assert after.upload.startswith("fell back: deadlock")
    assert "deadlock" in after.fault
    _equals_the_host(restored, digits, noise(digits))


@pytest.mark.boards
def test_an_upload_that_breaks_off_changes_nothing(
    restored: ServedBoard, digits: Program, noise: Noise
) -> None:
    """The board waits some seconds for more, then takes the next upload."""
    image = with_code(digits.image, "aarch64")  # before: it may take longer than the board waits
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(20)
        client.sendto(b"\0\2image\0octet\0", restored.upload.resolve())
        assert client.recv(600) == struct.pack(">2H", 4, 0)
        client.sendto(struct.pack(">2H", 3, 1) + bytes(512), restored.upload.resolve())
        assert client.recv(600) == struct.pack(">2H", 4, 1)
    with pytest.raises(ToolError, match="busy with another upload"):
        upload(image, restored.upload, time_limit=0.1)
    _equals_the_host(restored, digits, noise(digits))
    assert upload(image, restored.upload, time_limit=30).upload == "taken"


@contextmanager
def _lossy(address: Address, every: int) -> Generator[Address]:
    """A way to `address` on which every `every`th datagram is lost, and every third comes twice.

    Each client is seen there with a port of its own.
    """
    inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    inside.bind(("127.0.0.1", 0))
    outside: dict[tuple[str, int], socket.socket] = {}
    stop = threading.Event()

    def carry() -> None:
        count = 0
        while not stop.is_set():
            ready, _, _ = select.select([inside, *outside.values()], [], [], 0.05)
            for source in ready:
                data, sender = source.recvfrom(4096)
                count += 1
                times = 0 if count % every == 0 else 1 + (count % 3 == 0)
                if source is inside:
                    if sender not in outside:
                        outside[sender] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    for _ in range(times):
                        outside[sender].sendto(data, address.resolve())
                else:
                    (client,) = (c for c, way in outside.items() if way is source)
                    for _ in range(times):
                        inside.sendto(data, client)

    thread = threading.Thread(target=carry, daemon=True)
    thread.start()
    yield Address("127.0.0.1", inside.getsockname()[1])
    stop.set()
    thread.join()
    for way in (inside, *outside.values()):
        way.close()


@pytest.mark.boards
def test_what_is_lost_is_asked_for_again(
    restored: ServedBoard, digits: Program, noise: Noise
) -> None:
    """Every 13th datagram is lost in both directions, others come twice."""
    with _lossy(restored.upload, 13) as there:
        image = with_code(digits.image, "aarch64")
        assert upload(image, there, time_limit=30).upload == "taken"
    with _lossy(restored.inference, 5) as there, InferenceClient(there, time_limit=60) as client:
        inputs = noise(digits)
        run = client.run(inputs)
    np.testing.assert_array_equal(run.outputs[0], digits.execute(inputs).outputs[0])


def _exchange(served: ServedBoard, data: bytes) -> Datagram | None:
    """What one datagram is answered with."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1.0)
        client.sendto(data, served.inference.resolve())
        try:
            return Datagram.decode(client.recv(4096))
        except TimeoutError:
            return None


@pytest.mark.boards
def test_wrong_questions(restored: ServedBoard) -> None:
    """Refused with a reason; a damaged datagram is as good as lost."""
    cases = [
        (Datagram(Kind.state, 77), "no such request"),
        (Datagram(Kind.output, 77), "no such request"),
        (Datagram(Kind.input, 77, 0, 5, 0, b"12345"), "the input block has a wrong length"),
        (Datagram(Kind.read, 77, payload=b"nothing"), "the image has no such section"),
        (Datagram(Kind.read, 77, index=9999, payload=b"io"), "there is no such part"),
        (Datagram(Kind.read, 77, payload=b"x" * 25), "the name is too long"),
        (Datagram(9, 77), "no such question"),
    ]
    for question, reason in cases:
        answer = _exchange(restored, question.encode())
        assert answer is not None
        assert (answer.kind, answer.request) == (Kind.refused, 77)
        assert answer.payload.decode() == reason
    damaged = bytearray(Datagram(Kind.read, 77, payload=b"status").encode())
    damaged[-1] ^= 1
    assert _exchange(restored, bytes(damaged)) is None
    good = _exchange(restored, Datagram(Kind.read, 77, payload=b"status").encode())
    assert good is not None
    assert good.kind == ANSWER | Kind.read


@pytest.mark.boards
def test_only_known_files(restored: ServedBoard) -> None:
    with pytest.raises(tftp.TftpRefusedError, match="Unable to open requested file"):
        tftp.read(restored.upload, "passwords", time_limit=30)
    with pytest.raises(tftp.TftpRefusedError, match="Unable to open requested file"):
        tftp.write(restored.upload, "status", b"", time_limit=30)


@pytest.mark.boards
def test_the_commands(restored: ServedBoard, digits: Program, tmp_path: Path) -> None:
    """`adfc upload` compiles the board's kernels; `adfc infer` writes what `adfc run` writes."""
    image, x = tmp_path / "digits.rimfs", tmp_path / "x.npy"
    here, there = tmp_path / "here.npy", tmp_path / "there.npy"
    digits.save(image)
    np.save(x, np.random.default_rng(3).uniform(0, 16, (1, 1, 8, 8)).astype(np.float32))
    runner = CliRunner()
    sent = runner.invoke(app, ["upload", str(image), "--host", str(restored.upload), "--json"])
    assert sent.exit_code == 0, sent.output
    assert json.loads(sent.stdout)["model"] == "digits"
    words = ["--input", str(x), "--output"]
    host = str(restored.inference)
    asked = runner.invoke(app, ["infer", "--host", host, *words, str(there), "--json"])
    ran = runner.invoke(app, ["run", str(image), *words, str(here), "--json"])
    assert (asked.exit_code, ran.exit_code) == (0, 0), asked.output
    assert here.read_bytes() == there.read_bytes()
    ours, theirs = json.loads(asked.stdout), json.loads(ran.stdout)
    for name in ("cycles", "control_cycles", "control_cycles_exposed", "ddr_bytes"):
        assert ours[name] == theirs[name]


@pytest.mark.boards
def test_a_watchdog_over_the_network(
    bootable: Bootable, zoo: Zoo, noise: Noise, tmp_path: Path
) -> None:
    """The board answers with the fault record, keeps it, and goes on."""
    board, resnet8 = bootable("virt"), zoo("virt", "resnet8")
    options = BuildOptions(LogLevel.debug, inference_ms=1)
    elf = tmp_path / "app.elf"
    build_elf(resnet8.image, board, elf, options=options, network=NetworkOptions())
    with serve(elf, board) as served:
        for _ in range(2):
            with pytest.raises(ExecutionError, match=r"the watchdog fired: .* in phase"):
                _infer(served, noise(resnet8))
        assert "the watchdog fired" in read_status(served.upload, time_limit=30).fault


def test_a_board_without_a_network(zoo: Zoo, tmp_path: Path) -> None:
    board = load_board("riscv64")
    with pytest.raises(InputError, match="no driver for a network on riscv64; use versal or virt"):
        build_elf(zoo("riscv64", "digits").image, board, tmp_path / "x", network=NetworkOptions())


def test_nobody_there() -> None:
    """A port of this machine that nobody has."""
    with pytest.raises(ToolError, match=r"no answer from 127.0.0.1:9 within 0.3 s"):
        read_status(Address("127.0.0.1", 9), time_limit=0.3)
    with (
        InferenceClient(Address("127.0.0.1", 9), time_limit=0.3) as client,
        pytest.raises(ToolError, match=r"127\.0\.0\.1:9 does not answer"),
    ):
        client.status()


@pytest.mark.parametrize("text", ["", ":69", "host:", "host:x", "host:0", "host:65536"])
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match="HOST or HOST:PORT"):
        Address.parse(text, 69)


def test_a_datagram_is_laid_out_as_documented() -> None:
    """Words in order, little-endian; the second is the CRC-32 with itself 0 (from zlib's crc32)."""
    data = Datagram(Kind.read, 7, 2, 1030, 0xAABBCCDD, b"io").encode()
    assert data[:4] == b"ADI1"
    assert data[8:] == struct.pack("<6I", 1, 7, 2, 1030, 0xAABBCCDD, 2) + b"io"
    assert Datagram.decode(data) == Datagram(1, 7, 2, 1030, 0xAABBCCDD, b"io")
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 0x10
        assert Datagram.decode(bytes(damaged)) is None
    assert Datagram.decode(data[:31]) is None
