"""A right operator, of which the tests make wrong ones: the sign changed, saturating."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from adfc.operators import Case, CKernel, Cost, Elementwise, Integers, Levels, Operator
from adfc.operators.registry import Package

SOURCE = """
#include <stdint.h>
void negate(const int8_t *x, int8_t *y, int32_t count) {
  for (int32_t i = 0; i < count; ++i)
    y[i] = (int8_t)(x[i] == -128 ? 127 : -x[i]);
}
"""

DOCUMENTATION = "Changes the sign of each element, saturating: adfc_test.negate(x) gives -x."


@torch.library.custom_op("adfc_test::negate", mutates_args=())
def negate(x: torch.Tensor) -> torch.Tensor:
    return -x


@negate.register_fake
def _(x: torch.Tensor) -> torch.Tensor:
    return torch.empty_like(x)


def reference(inputs: tuple[Levels, ...], _integers: Integers) -> Levels:
    return np.clip(-inputs[0].astype(np.int16), -128, 127).astype(np.int8)


def operator(source: str = SOURCE, **changes: Any) -> Operator:
    """The operator with a kernel of this text, and further changes."""
    fields: dict[str, Any] = {
        "name": "adfc_test::negate",
        "tiling": Elementwise(),
        "kernel": CKernel(source, "negate"),
        "reference": reference,
        "cost": Cost("assumed: a load, a subtraction and a store", load_a=1, store=1, mac=1),
        "output_scale": "input",
        "cases": (Case((1, 24)), Case((1, 3, 6, 5))),
    }
    return Operator(**{**fields, **changes})


def package(*operators: Operator, documentation: str = DOCUMENTATION) -> Package:
    """A package of these operators, which has no files."""
    return Package("adfc-test", "1", operators, Path(__file__).parent, (), documentation)
