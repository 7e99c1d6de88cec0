"""The walk through the compiler: the IR of one small model before and after every pass.

Made anew by the compiler whenever the site is built, so that it says what the compiler does.
"""

import re
from pathlib import Path

from adfc.driver import passes
from adfc.driver.compile import lower
from adfc.driver.ir import Ir
from adfc.driver.options import CompileOptions
from adfc.frontend.load import load_model

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "docs/examples/walk.py"

TOLD = {
    "convert-tosa-to-adf": "Convolution, rescale and clamp become one kernel operation. "
    "Tensors are still values; nothing is said of tiles.",
    "canonicalize": "MLIR's own pass: what is dead or constant goes.",
    "cse": "MLIR's own pass: what is computed twice is computed once.",
    "adf-legalize-views": "Concatenations, slices and pads become layouts that DMAs can follow; "
    "where a model has none, nothing changes.",
    "adf-tile": "A layer becomes, as scheduled, a phase of windows, streams, DMA tasks and "
    "one core program for each core. Tiles are virtual.",
    "adf-place": "Every virtual tile gets a place in the array.",
    "adf-route": "Every stream gets its way through the stream switches, port by port.",
    "adf-allocate": "Buffers get addresses, windows locks, tasks channels and buffer descriptors.",
    "adf-verify-placed": "Nothing changes: nothing may be used twice or past its end.",
    "convert-adf-to-rcb": "All that the array must be told becomes register writes and bounded "
    "waits, in order.",
    "rcb-simplify": "What is set already is not written again; neighbouring words are written as "
    "one block.",
}
"""What each pass does, in a sentence or two: a pass without one stops the build."""


def _shortened(text: str) -> str:
    """IR without the bytes of constants."""
    text = re.sub(r'"0x([0-9A-Fa-f]{16})[0-9A-Fa-f]{16,}"', r'"0x\1..."', text)
    return re.sub(r"(dense<\[+[^<>]{60})[^<>]*?(\]*>)", r"\1 ...\2", text)


def _section(title: str, told: str, before: str, after: str) -> str:
    changed = "The IR stays as it is." if before == after else ""
    lines = after.count("\n")
    parts = [f"## {title}\n", told, changed]
    if before != after:
        body = "\n".join(f"    {line}" for line in after.splitlines())
        parts.append(
            f'<details markdown="1"><summary>After {title}: {lines} lines</summary>\n\n'
            f"{body}\n\n</details>"
        )
    return "\n".join(part for part in parts if part) + "\n"


def walk() -> str:
    """The page, in Markdown. Raises KeyError for a pass of which nothing is told."""
    tosa = load_model(f"{MODEL}:model", state_dict=None).to_tosa()
    seen: list[tuple[str, str]] = []

    def watch(name: str, module: Ir) -> None:
        seen.append((name, _shortened(module.text())))

    options = CompileOptions(tiles=1, resident=False)
    lowered = lower(tosa, options, passes.CONTROL.level, watch=watch)
    after = [text for _, text in seen[1:]] + [_shortened(lowered.module.text())]
    source = "\n".join(f"    {line}" for line in MODEL.read_text(encoding="utf-8").splitlines())
    first = "\n".join(f"    {line}" for line in seen[0][1].splitlines())
    parts = [
        "# A walk through the compiler\n",
        "One layer on its way from PyTorch to register writes, on one core tile. The compiler "
        "makes this page when the site is built. For a model of yours: `adfc compile MODEL --emit "
        "LEVEL`, and `--verbose` for the passes' times.\n",
        f"## The model\n\n{source}\n",
        f"## TOSA\n\nExported, quantized to int8 and calibrated.\n\n{first}\n",
    ]
    for (name, before), text in zip(seen, after, strict=True):
        if name == passes.ARRAY.passes[0]:
            plan = "\n".join(f"    {line}" for line in lowered.schedule.to_json().splitlines())
            parts.append(
                "## The schedule\n\nThe planner has chosen; a file of this form can be given "
                f"with `--schedule`.\n\n{plan}\n"
            )
        parts.append(_section(name, TOLD[name], before, text))
    return "\n".join(parts)
