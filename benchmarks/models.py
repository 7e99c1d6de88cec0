"""Every model of the zoo: compile time, image, modelled cycles, DDR traffic, accuracy.

    .venv/bin/python benchmarks/models.py [MODEL...] [--again] [--out FOLDER]

Measures each model in a process of its own, and writes its row of the table in docs/models.md.
Figures are kept in build/benchmarks/models: what is there is not measured again but with --again,
and models without figures keep the rows that they have. With another FOLDER for the figures the
page stays as it is. Only the times depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from adfc import zoo
from adfc.check import check_model, subject
from adfc.driver.options import CompileOptions
from adfc.frontend.load import load_model
from adfc.program import compile_tosa

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "models.md"
SECTION = re.compile(r"(<!-- models -->\n).*?(<!-- end -->)", re.DOTALL)
ROW = re.compile(r"^\| `([^`]+)` \|.*", re.MULTILINE)
FIGURES = ROOT / "build" / "benchmarks" / "models"


@dataclass(frozen=True)
class Figures:
    """One model. `compile_seconds` are processor seconds from the module to the image.

    `sqnr_db` compares the array with float on the model's own inputs: the least over the outputs.
    `bit_exact`: the array's bytes, and the native program's, are the reference model's.
    """

    model: str
    layers: int
    macs: int
    compile_seconds: float
    image_bytes: int
    modelled_cycles: int
    modelled_ms: float
    ddr_bytes: int
    bit_exact: bool
    sqnr_db: float | None
    top1_agreement: float | None


def measure(name: str, inputs: int) -> Figures:
    """Compiles and checks a model in this process."""
    start = _processor_seconds()
    model = subject(load_model(name))
    program = compile_tosa(model.tosa, CompileOptions(), name=name)
    seconds = _processor_seconds() - start
    check = check_model(model, CompileOptions(), inputs, program=program, layers=False)
    report = program.report()
    return Figures(
        model=name,
        layers=len(report.layers),
        macs=report.macs,
        compile_seconds=round(seconds, 1),
        image_bytes=report.image_bytes,
        modelled_cycles=report.modelled_cycles,
        modelled_ms=report.milliseconds,
        ddr_bytes=report.ddr_bytes,
        bit_exact=check.bit_exact,
        sqnr_db=check.sqnr_db,
        top1_agreement=check.top1_agreement,
    )


def _processor_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def measure_apart(name: str, inputs: int) -> Figures:
    """As `measure`, in a process of its own, whose cache of kernel code is empty."""
    command = [sys.executable, __file__, name, "--one", "--inputs", str(inputs)]
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, check=False
        )
    if done.returncode:
        sys.exit(f"{name} failed")
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def known(folder: Path, name: str) -> Figures | None:
    """The figures of an earlier run."""
    path = folder / f"{name}.json"
    return Figures(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


HEADING = (
    "| model | layers | MMACs | compile s | image KB | modelled cycles | modelled ms | DDR KB"
    " | bytes equal | SQNR dB | top-1 |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


def line(row: Figures) -> str:
    """The figures as a row of a Markdown table."""
    sqnr = row.sqnr_db is not None and math.isfinite(row.sqnr_db)
    cells = (
        f"`{row.model}`",
        f"{row.layers}",
        f"{row.macs / 1e6:,.1f}",
        f"{row.compile_seconds:.0f}",
        f"{row.image_bytes / 1024:,.0f}",
        f"{row.modelled_cycles:,}",
        f"{row.modelled_ms:.2f}",
        f"{row.ddr_bytes / 1024:,.0f}",
        "all" if row.bit_exact else "NO",
        f"{row.sqnr_db:.1f}" if sqnr else "-",
        "-" if row.top1_agreement is None else f"{row.top1_agreement:.0%}",
    )
    return f"| {' | '.join(cells)} |"


def with_rows(text: str, rows: Sequence[Figures], models: Sequence[str]) -> str:
    """The page's text with these figures, in the order of `models`: those without figures keep the
    rows that they have, other rows go."""

    def section(found: re.Match[str]) -> str:
        lines = {row[1]: row[0] for row in ROW.finditer(found[0])}
        lines |= {row.model: line(row) for row in rows}
        made = [lines[name] for name in models if name in lines]
        return "\n".join([found[1], HEADING, *made, "", found[2]])

    return SECTION.sub(section, text)


def main() -> int:
    """Measure, write the page, print figures; the exit status tells whether all are bit-exact."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("models", nargs="*", metavar="MODEL", help="the whole zoo without any")
    parser.add_argument("--again", action="store_true", help="measure what is known too")
    parser.add_argument("--inputs", type=int, default=1, help="inputs to compare (1)")
    parser.add_argument("--out", type=Path, default=FIGURES, help="for figures")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(asdict(measure(options.models[0], options.inputs))))
        return 0
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.models or zoo.names():
        zoo.get(name)
        if options.again or known(options.out, name) is None:
            print(f"measuring {name}", file=sys.stderr)
            text = json.dumps(asdict(measure_apart(name, options.inputs)), indent=1)
            (options.out / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    rows = [row for name in zoo.names() if (row := known(options.out, name))]
    if options.out.resolve() == FIGURES.resolve():
        PAGE.write_text(with_rows(PAGE.read_text("utf-8"), rows, zoo.names()), encoding="utf-8")
    if options.json:
        print(json.dumps({"models": [asdict(row) for row in rows]}, indent=2))
    else:
        print("\n".join([HEADING, *map(line, rows)]))
    return 0 if all(row.bit_exact for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
