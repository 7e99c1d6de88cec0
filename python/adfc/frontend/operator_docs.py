"""Writes docs/operators.md: what the array can do, from the code that does it.

    python -m adfc.frontend.operator_docs [--check]

With --check nothing is written, and the command fails where the page is out of date.
"""

from __future__ import annotations

import inspect
import math
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from adfc.frontend.emit.operators import FAMILIES
from adfc.frontend.emit.registry import OperatorFamily, Role
from adfc.generated import keep
from adfc.operators import builtin
from adfc.operators.builtin.family import Family
from adfc.operators.library import LibraryKernel
from adfc.operators.operator import Operator
from adfc.planner.kernel_cost import LANES, group_slots
from adfc.spec import kernels
from adfc.spec.devices import Device, load
from adfc.spec.paths import spec_folder

_CONVERSION = "lib/Conversion/TosaToADF/Passes.td"
_ROLES = {
    Role.WEIGHTED: "its own; a following clamp is fused",
    Role.ELEMENTWISE: "its own; a following clamp is fused",
    Role.RESCALING: "its own",
    Role.INDICES: "none: int32",
    Role.ACTIVATION: "its producer's, fused, or its input's",
    Role.SHARED: "its inputs', which have one",
}


def page(root: Path) -> str:
    """The page for the source tree at `root`. ValueError where the conversion has no table."""
    device = load("ve2802", root / "spec")
    sections = (
        "# Supported operators",
        "Made from the code by `python -m adfc.frontend.operator_docs`; do not edit it.",
        "Everything here runs on the array, bit-exact with Arm's TOSA reference model. What is not"
        " here is an error that lists each such call with its reason and source line, before any"
        " other work is done. Batches are 1; tensors are int8, in layers chosen for it int16"
        " ([quantization.md](quantization.md)), with symmetric scales.",
        "## From PyTorch",
        "Operators of an exported program (ATen), and how the result gets its scale.",
        _families(),
        "Lines (1, C, L) are computed as images of one row; `split`, `chunk` and `unbind` become"
        " slices. A function of one number becomes a table of its 256 results. `rnn`, `gru`, `lstm`"
        " and their cells are unrolled over their fixed length, into products, sums and tables."
        " `stack`, `repeat`, `expand`, `roll`, steps over rows and columns, and `pad` that"
        " reflects, replicates or goes round are put together from slices; `amax` over an image,"
        " `adaptive_max_pool2d`, and pools with `ceil_mode` or windows of different sizes from"
        " regular pools, a dilated `max_pool2d` from shifted images. `addmm`, `baddbmm` and"
        " products with constants are linear layers; `group_norm`, `instance_norm` and `layer_norm`"
        " over several axes are one over rows; means, sums and `softmax` along other axes,"
        " `pixel_shuffle` and `pixel_unshuffle` are transposed, weighed or averaged.",
        "Families that describe themselves as packages of operators do"
        " ([write-an-operator.md](write-an-operator.md)): `adfc op check builtin:FAMILY` runs the"
        " same admission test on them, boards included.",
        _described(),
        "## From TOSA",
        "What any producer of TOSA 1.0 may hand over (`adfc compile MODEL.mlir`).",
        _conversion(root),
        "## Kernels: limits and modelled rates",
        _rates(device),
    )
    return "\n\n".join(sections) + "\n"


def _families() -> str:
    rows = ["| operators | what they become | scale of the result |", "|---|---|---|"]
    for family in FAMILIES:
        names = ", ".join(f"`{name}`" for name in _names(family))
        rows.append(f"| {names} | {_summary(family)} | {_ROLES[family.role]} |")
    return "\n".join(rows)


def _described() -> str:
    rows = ["| family | kernel | operators | cost of the kernel |", "|---|---|---|---|"]
    for family in builtin.FAMILIES:
        rows += _kernels(family)
    return "\n".join(rows)


def _kernels(family: Family) -> list[str]:
    """A row for each kernel of a family."""
    found: dict[str, list[Operator]] = {}
    for operator in family.operators:
        assert isinstance(operator.kernel, LibraryKernel)
        found.setdefault(operator.kernel.kind, []).append(operator)
    rows: list[str] = []
    for kind, operators in found.items():
        cost = operators[0].cost
        assert cost is not None
        plain = dict.fromkeys(_plain(operator.target) for operator in operators)
        names = ", ".join(f"`{name}`" for name in plain)
        rows.append(f"| {family.name} | `{kind}` | {names} | {cost.source} |")
    return rows


def _plain(target: str) -> str:
    """The operator without namespace and overload."""
    return target.split(".")[1]


def _names(family: OperatorFamily) -> list[str]:
    """The operators without namespace and overload; in-place forms are not listed apart."""
    plain = {_plain(target) for target in family.targets}
    return sorted(name for name in plain if not (name.endswith("_") and name[:-1] in plain))


def _summary(family: OperatorFamily) -> str:
    """The first paragraph of the module that emits the family."""
    module = inspect.getmodule(family.emit)
    text = inspect.cleandoc((module and module.__doc__) or "").split("\n\n", maxsplit=1)[0]
    return " ".join(text.split()).rstrip(".").replace("|", "\\|")


def _conversion(root: Path) -> str:
    """The table in the description of the pass that converts TOSA."""
    text = (root / _CONVERSION).read_text(encoding="utf-8")
    table = re.findall(r"^ *(\|.*\|) *$", text, re.MULTILINE)
    if not table:
        raise ValueError(f"{_CONVERSION} describes no table of operators")
    return "\n".join(re.sub(r"  +", " ", re.sub(r"-{3,}", "---", row)) for row in table)


def _rates(device: Device) -> str:
    forms = (
        ("conv2d", "int8_int8", ""),
        ("conv2d", "int8_int4", " with weights of four bits"),
        ("conv2d_wide", "int16_int8", " of int16 activations"),
    )
    memory, mem = device.core.data_bytes // 1024, device.mem
    pad = tuple((1 << bits) - 1 for bits in reversed(mem.pad_bits[1:]))
    return "\n".join(
        (
            f"Modelled for {device.title}, a core tile and cycle. No silicon has been used.",
            "",
            "| kernels | modelled rate |",
            "|---|---|",
            *(
                f"| `{kind}`{which} | {device.macs[name].macs} multiply-accumulates at most, in"
                f" shapes of {' x '.join(str(size) for size in device.macs[name].shape)} |"
                for kind, name, which in forms
            ),
            *(f"| `{kind}` | {rate:.3g} results |" for kind, rate in _results(device)),
            "",
            f"- Input and output windows, weights and sums of one call share {memory} KB of a core"
            f" tile; `mean2d` reads a whole image in one call.",
            f"- A memory tile adds up to {pad[0]} rows and {pad[1]} columns of zeros to a window;"
            " what convolutions have more is made explicit.",
            f"- A window has at most {(1 << mem.wrap_bits) - 1} rows and columns.",
            "- Channels lie in whole 32-bit words. Parts of a concatenation, and slices, that begin"
            " at none cost a 1x1 convolution.",
            "- A layer that fits in no way is an error that names the memory and by how much.",
        )
    )


def _results(device: Device) -> list[tuple[str, float]]:
    """Results a cycle of each kernel without a matrix product, of nine values where it reads some.

    Of the pipelined loop: what a call spends around it comes on top.
    """
    table = kernels.load(device.architecture)
    kinds = sorted({*table.elementwise, *builtin.costs()})
    return [(kind, LANES / math.ceil(group_slots(kind, 9, table).most)) for kind in kinds]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit status."""
    root = spec_folder().parent
    return keep(
        "adfc.frontend.operator_docs",
        (__doc__ or "").splitlines()[0],
        "tables",
        (root / "docs" / "operators.md",),
        lambda _: page(root),
        arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
