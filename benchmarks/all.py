"""Measures everything and writes one JSON and one table.

    .venv/bin/python benchmarks/all.py --out build/benchmarks

Writes FOLDER/benchmarks.json and FOLDER/benchmarks.txt. Modelled figures do not depend on the
machine; times do. Peers need benchmarks/setup-peers first; without it they are listed as missing.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import compile_stages
import emulator_work
import peers
import scaling
import throughput
import tiles

import end_to_end
from adfc.fidelity.rows import results


def fidelity() -> list[dict[str, object]]:
    """The rows of docs/fidelity.md."""
    return [
        {
            "row": result.row.number,
            "workload": result.row.workload,
            "published": result.row.published,
            "modelled": result.modelled,
            "unit": result.row.unit,
            "error_percent": result.error,
            "limit_percent": result.row.limit,
        }
        for result in results()
    ]


def fidelity_table(rows: list[dict[str, object]]) -> str:
    """A line for each row."""
    return "\n".join(
        f"{row['row']!s:3}{row['workload']!s:46}{row['published']:>9} {row['unit']!s:7}"
        + ("not reproduced" if row["modelled"] is None else f"{row['error_percent']:+.1f} %")
        for row in rows
    )


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), metavar="FOLDER")
    parser.add_argument("--models", nargs="+", default=["resnet18"])
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 1000, 2000, 4000])
    parser.add_argument("--rounds", type=int, default=7, help="turns of each peer")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = [end_to_end.measure(model, Path(folder), 5) for model in options.models]
    rows, stages = fidelity(), compile_stages.measure(options.models[0])
    work = emulator_work.measure()
    counts = tiles.measure(options.models[0])
    pipelined = [throughput.measure(options.models[0], 32)]
    sizes, others = scaling.measure(options.sizes), peers.measure(options.rounds, 5)
    data = {
        "models": [asdict(model) for model in models],
        "fidelity": rows,
        "compile_stages": stages,
        "emulator_work": work,
        "tiles": counts,
        "throughput": pipelined,
        "scaling": sizes,
        "peers": [asdict(figures) for figures in others],
    }
    parts = (
        ("End to end", "\n".join(end_to_end.line(model) for model in models)),
        ("Timing model", fidelity_table(rows)),
        (f"Compiling {options.models[0]}", compile_stages.table(stages)),
        ("Emulation by work", emulator_work.table(work)),
        (f"{options.models[0]} by core tiles", tiles.table(counts)),
        (f"{options.models[0]} pipelined", throughput.table(pipelined)),
        ("Compiling by operations", scaling.table(sizes)),
        ("Peers, ResNet-18 int8, one thread", peers.table(others)),
    )
    text = "\n\n".join(f"{title}\n{body}" for title, body in parts) + "\n"
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "benchmarks.json").write_text(json.dumps(data, indent=2) + "\n")
    (options.out / "benchmarks.txt").write_text(text)
    print(text, end="")


if __name__ == "__main__":
    main()
