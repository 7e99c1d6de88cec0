"""The commands of docs/graphs.md, as a user types them; text in, text out; what diff tells."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from graphs import FOLDER, example

from adfc.cli.main import main
from adfc.program import Program

DOCS = Path(__file__).parents[3] / "docs" / "graphs.md"


@dataclass(frozen=True)
class Done:
    """What a command left."""

    status: int
    stdout: str
    stderr: str


Adfc = Callable[..., Done]


@pytest.fixture
def adfc(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Adfc:
    """Runs the `adfc` command in this process, in the folder."""
    monkeypatch.chdir(folder)

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["adfc", *arguments])
        capsys.readouterr()
        try:
            main()
            status = 0
        except SystemExit as stop:
            status = int(stop.code or 0)
        printed = capsys.readouterr()
        return Done(status, printed.out, printed.err)

    return call


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two files that the page shows, and an input."""
    folder = tmp_path_factory.mktemp("graphs")
    text = DOCS.read_text()
    for language, name in (("cpp", "scale.cc"), ("python", "scale.py")):
        found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
        assert found is not None
        (folder / name).write_text(found[1])
    x = np.random.default_rng(0).integers(-(2**15), 2**15, 1024, dtype=np.int16)
    np.save(folder / "x.npy", x)
    return folder


def test_commands_of_the_page(adfc: Adfc, folder: Path) -> None:
    text = re.sub(r"```.*?```", "", DOCS.read_text(), flags=re.DOTALL)
    blocks = re.findall(r"(?:^    .+\n)+", text, re.MULTILINE)
    commands = [line.strip() for block in blocks for line in block.splitlines()]
    assert len(commands) == 10
    outputs: dict[str, str] = {}
    for command in commands:
        words = shlex.split(command)
        if words[0] == "sed":
            # sed 's/OLD/NEW/' FILE > FILE
            _, old, new, _ = words[1].split("/")
            (folder / words[4]).write_text((folder / words[2]).read_text().replace(old, new))
            continue
        done = adfc(*words[1:])
        assert done.status == 0, f"{command}: {done.stderr}"
        outputs[words[1]] = done.stdout
    x, y = np.load(folder / "x.npy"), np.load(folder / "y.npy")
    assert np.array_equal(y, example("scale").reference(x))
    assert (folder / "scale.elf").read_bytes()[:4] == b"\x7fELF"
    assert json.loads((folder / "scale.json").read_text())["traceEvents"]
    # The edit made rings of 2 buffers to rings of 4: in the one core tile, and nowhere else.
    told = outputs["diff"]
    places = [line for line in told.splitlines() if line and not line.startswith(" ")]
    assert len([place for place in places if "core" in place]) == 1
    assert not [place for place in places if "shim" in place or "mem" in place]
    assert "- " in told
    assert "window 0 depth 4" in told


def test_text_of_a_graph_gives_the_same_program(adfc: Adfc, folder: Path) -> None:
    for name in ("fir", "gemm"):
        path = FOLDER / f"{name}.py"
        image, again = folder / f"{name}.rimfs", folder / f"{name}_again.rimfs"
        text = folder / f"{name}.adf.mlir"
        for arguments in (
            (str(path), "-o", str(image)),
            (str(path), "--emit", "adf", "-o", str(text)),
            (str(text), "-o", str(again)),
        ):
            done = adfc("compile", *arguments)
            assert done.status == 0, done.stderr
        old, new = Program.load(image), Program.load(again)
        assert old.parts.program == new.parts.program
        assert old.parts.core_programs == new.parts.core_programs
        assert old.parts.code == new.parts.code
        assert (old.inputs, old.outputs) == (new.inputs, new.outputs)


def test_text_of_a_network_gives_the_same_program(adfc: Adfc, folder: Path) -> None:
    image, again, text = (folder / f"net{s}" for s in (".rimfs", "2.rimfs", ".adf.mlir"))
    for arguments in (
        ("autoencoder", "--no-resident", "-o", str(image)),
        ("autoencoder", "--no-resident", "--emit", "adf", "-o", str(text)),
        (str(text), "-o", str(again)),
    ):
        done = adfc("compile", *arguments)
        assert done.status == 0, done.stderr
    old, new = Program.load(image), Program.load(again)
    assert old.parts.program == new.parts.program
    assert old.parts.weights == new.parts.weights
    assert (old.inputs, old.outputs) == (new.inputs, new.outputs)
    # Edited: the first layer's clamp. The program changes in its kernels alone.
    edited = re.sub(r"clamp \[-128, 127\]", "clamp [-100, 100]", text.read_text(), count=1)
    assert edited != text.read_text()
    text.write_text(edited)
    done = adfc("compile", str(text), "-o", str(again))
    assert done.status == 0, done.stderr
    assert Program.load(again).parts.code != old.parts.code


def test_wrong_text_is_refused_with_its_line(adfc: Adfc, folder: Path) -> None:
    text = folder / "wrong.adf.mlir"
    good = folder / "good.adf.mlir"
    assert adfc("compile", "scale.py", "--emit", "adf", "-o", str(good)).status == 0
    text.write_text(good.read_text().replace("bytes 512", "bytes 510", 1))
    done = adfc("compile", str(text), "-o", "w.rimfs")
    assert done.status != 0
    assert "'bytes' is 510: must be a positive multiple of 4" in done.stderr
    assert "wrong" in done.stderr
    assert not (folder / "w.rimfs").exists()


def test_other_commands_say_that_a_graph_is_no_network(adfc: Adfc) -> None:
    done = adfc("check", "scale.py")
    assert done.status != 0
    assert "is a data-flow graph, not a network" in done.stderr
