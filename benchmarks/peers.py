"""One emulated ResNet-18 inference beside other int8 run times, one thread each, in the same run.

    benchmarks/setup-peers && .venv/bin/python benchmarks/peers.py

All contestants live at the same time and take turns, round after round, so that what else the
machine does meets all of them; the best of all rounds counts. Only the time of the inference itself
is taken; what is not installed or cannot run is listed with its reason.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from peer_run import CONTESTANTS

HERE = Path(__file__).resolve().parent
PEERS = HERE.parent / "build" / "peers" / "bin" / "python"


@dataclass(frozen=True)
class Figures:
    """A contestant's milliseconds: best wall and processor time, and the rounds' median."""

    name: str
    wall_ms: float
    processor_ms: float
    median_ms: float
    missing: str = ""


class Contestant:
    """A process that waits for its turns."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.rounds: list[dict[str, float]] = []
        python = sys.executable if name.startswith("adfc") else str(PEERS)
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        try:
            self.process = subprocess.Popen(
                [python, str(HERE / "peer_run.py"), name, str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=environment,
            )
        except FileNotFoundError:
            self.missing = "not installed: run benchmarks/setup-peers"
            return
        self.missing = self.answer().get("missing", "")

    def answer(self) -> dict[str, str]:
        """The next line of output."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"missing": "its process ended"}

    def turn(self, inferences: int) -> None:
        """Let it make some inferences."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{inferences}\n")
        self.process.stdin.flush()
        answer = self.answer()
        if "missing" in answer:
            self.missing = answer["missing"]
        else:
            self.rounds.append({key: float(value) for key, value in answer.items()})

    def figures(self) -> Figures:
        """What all its turns gave."""
        if self.missing:
            return Figures(self.name, 0, 0, 0, self.missing)
        wall = [1e3 * turn["wall"] for turn in self.rounds]
        processor = [1e3 * turn["processor"] for turn in self.rounds]
        return Figures(self.name, min(wall), min(processor), statistics.median(wall))


def prepare(folder: Path) -> None:
    """Compile ResNet-18 to an image, and to TOSA text for IREE. Exits where that fails."""
    adfc = str(Path(sys.executable).parent / "adfc")
    for arguments in (
        ["-o", str(folder / "resnet18.rimfs")],
        ["--emit", "tosa", "-o", str(folder / "resnet18.mlir")],
    ):
        if subprocess.run([adfc, "compile", "resnet18", *arguments], check=False).returncode:
            sys.exit("resnet18 cannot be compiled")


def measure(rounds: int, inferences: int) -> list[Figures]:
    """All contestants' figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        all_of_them = [Contestant(name, folder) for name in CONTESTANTS]
        for _ in range(rounds):
            for contestant in all_of_them:
                if not contestant.missing:
                    contestant.turn(inferences)
        return [contestant.figures() for contestant in all_of_them]


def table(figures: list[Figures]) -> str:
    """A line for each contestant, with its ratio to LiteRT."""
    litert = next(f for f in figures if f.name == "litert")
    lines = [f"{'':22}{'best ms':>9}{'CPU ms':>9}{'median':>9}  times LiteRT"]
    for f in figures:
        if f.missing:
            lines.append(f"{f.name:22}{'-':>9}  {f.missing}")
            continue
        ratio = "" if litert.missing else f"{f.processor_ms / litert.processor_ms:12.1f}"
        lines.append(f"{f.name:22}{f.wall_ms:9.2f}{f.processor_ms:9.2f}{f.median_ms:9.2f}  {ratio}")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="turns of each contestant")
    parser.add_argument("--inferences", type=int, default=5, help="inferences in a turn")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    figures = measure(options.rounds, options.inferences)
    if options.json:
        print(json.dumps({"peers": [asdict(f) for f in figures]}, indent=2))
    else:
        print(table(figures))


if __name__ == "__main__":
    main()
