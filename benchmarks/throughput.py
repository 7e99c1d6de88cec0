"""Images a second of pipelined programs, beside the program that `adfc compile` makes of one image.

    .venv/bin/python benchmarks/throughput.py resnet18 resnet8

Compiles each model for a batch and for one image and reports modelled cycles, which do not depend
on the machine: for an image, all of the batch shared out; in steady state; until the first image
is done; and the images a second that they make.
"""

from __future__ import annotations

import argparse
import json

from adfc.cli import arguments
from adfc.driver.options import CompileOptions
from adfc.program import compile_tosa

MODELS = ("digits", "ds_cnn", "resnet8", "mobilenet_v1", "resnet18", "resnet50")
"""Measured where none are named."""


def measure(model: str, batch: int) -> dict[str, float | str]:
    """A model's figures. Raises AdfcError where it cannot be pipelined."""
    tosa = arguments.load(model, None).to_tosa()
    pipelined = compile_tosa(tosa, CompileOptions(batch=batch), name=model)
    told = pipelined.throughput()
    single = compile_tosa(tosa, CompileOptions(), name=model).report()
    return {
        "model": model,
        "batch": batch,
        "cores": sum(layer.cores for layer in pipelined.layers),
        "cycles_per_image": told.cycles_per_image,
        "images_per_second": told.images_per_second,
        "period_cycles": told.period_cycles,
        "steady_images_per_second": told.steady_images_per_second,
        "latency_cycles": told.latency_cycles,
        "single_cycles": single.modelled_cycles,
        "single_images_per_second": single.clock_mhz * 1e6 / single.modelled_cycles,
    }


def table(rows: list[dict[str, float | str]]) -> str:
    """A line for each model."""
    head = f"{'model':14}{'batch':>6}{'cores':>6}{'cycles/image':>14}{'images/s':>10}"
    lines = [
        f"{head}{'period':>10}{'images/s':>10}{'latency':>12}{'one alone':>12}{'images/s':>10}"
    ]
    lines += [
        f"{row['model']:14}{row['batch']:6}{row['cores']:6}{row['cycles_per_image']:14,.0f}"
        f"{row['images_per_second']:10,.0f}{row['period_cycles']:10,.0f}"
        f"{row['steady_images_per_second']:10,.0f}{row['latency_cycles']:12,}"
        f"{row['single_cycles']:12,}{row['single_images_per_second']:10,.0f}"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("models", nargs="*", default=list(MODELS))
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    rows = [measure(model, options.batch) for model in options.models]
    print(json.dumps({"throughput": rows}, indent=2) if options.json else table(rows))


if __name__ == "__main__":
    main()
