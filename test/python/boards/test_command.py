"""`adfc deploy` and `adfc run --board` as users meet them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adfc.program import Program

pytestmark = [
    pytest.mark.boards,
    pytest.mark.skipif(
        shutil.which("qemu-system-aarch64") is None, reason="qemu-system-aarch64 is not installed"
    ),
]


@pytest.fixture(scope="module")
def image(zoo: Callable[[str, str], Program], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("image") / "digits.rimfs"
    zoo("versal", "digits").save(path)
    return path


def _adfc(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "adfc.cli.main", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_run_on_a_board_writes_what_the_host_writes(image: Path, tmp_path: Path) -> None:
    x = tmp_path / "x.npy"
    np.save(x, np.random.default_rng(3).uniform(0, 16, (1, 1, 8, 8)).astype(np.float32))
    here, there = tmp_path / "here.npy", tmp_path / "there.npy"
    host = _adfc("run", image, "--input", x, "--output", here, "--json")
    board = _adfc("run", image, "--board", "versal", "--input", x, "--output", there, "--json")
    assert (host.returncode, board.returncode) == (0, 0), board.stderr
    assert here.read_bytes() == there.read_bytes()
    ours, theirs = json.loads(board.stdout), json.loads(host.stdout)
    for name in ("cycles", "control_cycles", "control_cycles_exposed", "ddr_bytes"):
        assert ours[name] == theirs[name]
    assert (ours["board"], ours["isa"]) == ("versal", "aarch64")
    assert ours["guest_instructions_each"] == [ours["guest_instructions"]]


def test_a_deployed_program_starts_without_us(image: Path, tmp_path: Path) -> None:
    """As the message says: QEMU and the ELF alone; without an input the program takes zeros."""
    elf = tmp_path / "app.elf"
    made = _adfc("deploy", image, "--board", "virt", "-o", elf)
    assert made.returncode == 0, made.stderr
    command = made.stderr.strip().partition("in QEMU: ")[2].split()
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert "adfc: no input lies in memory: taking zeros" in done.stdout
    assert done.stdout.rstrip().endswith("@end 0")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "--board", "virt", "--time-limit", "0.001"], "did not end within 0.001 s"),
        (["run", "--board", "virt", "--backend", "trace"], "--board goes with --backend emu"),
        (["run", "--board", "zynq"], "there is no board 'zynq'"),
        (["deploy", "--board", "zynq", "-o", "never.elf"], "there is no board 'zynq'"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(
    words: list[str], message: str, image: Path, tmp_path: Path
) -> None:
    done = _adfc(words[0], image, *words[1:])
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not any(tmp_path.iterdir())


def test_a_damaged_image_is_not_deployed(image: Path, tmp_path: Path) -> None:
    content = bytearray(image.read_bytes())
    content[-1000] ^= 4
    damaged = tmp_path / "damaged.rimfs"
    damaged.write_bytes(content)
    done = _adfc("deploy", damaged, "--board", "virt", "-o", tmp_path / "app.elf")
    assert done.returncode == 1
    assert "damaged.rimfs" in done.stderr
    assert not (tmp_path / "app.elf").exists()
