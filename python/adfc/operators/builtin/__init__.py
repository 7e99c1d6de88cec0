"""Operators that adfc has of itself, described as packages describe theirs (adfc.operators).

A family is a folder here: its `__init__.py` says for each operator what it is in PyTorch, its
reference in numpy, its tiling, its kernel (adfc.operators.LibraryKernel) and its cost with the
source; the other files write TOSA for it. The front end, the planner's costs, docs/operators.md and
`adfc op check builtin:NAME` all read that. The descriptions need no PyTorch to be imported.
"""

from __future__ import annotations

from functools import cache

from adfc.errors import InputError
from adfc.operators.builtin import (
    arithmetic,
    average_pooling,
    convolution,
    extremum,
    functions,
    linear,
    matrix_product,
    max_pooling,
    normalization,
    resize,
    softmax,
)
from adfc.operators.builtin.family import Family
from adfc.operators.library import LibraryKernel
from adfc.operators.operator import Cost

FAMILIES: tuple[Family, ...] = (
    arithmetic.FAMILY,
    average_pooling.FAMILY,
    convolution.FAMILY,
    extremum.FAMILY,
    functions.FAMILY,
    linear.FAMILY,
    matrix_product.FAMILY,
    max_pooling.FAMILY,
    normalization.FAMILY,
    resize.FAMILY,
    softmax.FAMILY,
)


def family(name: str) -> Family:
    """The family of that name. Raises InputError where there is none."""
    for known in FAMILIES:
        if known.name == name:
            return known
    names = ", ".join(known.name for known in FAMILIES)
    raise InputError(f"there is no family '{name}' of built-in operators", hint=f"use {names}")


def targets(name: str) -> frozenset[str]:
    """The PyTorch operators of a family, as graphs name them. Raises InputError as `family`."""
    return frozenset(target for known in family(name).operators for target in known.targets)


@cache
def costs() -> dict[str, Cost]:
    """What the kernels of all families cost, by kind: operators of one kernel have one cost.

    Products of matrices are not there: the planner knows what they cost.
    """
    found: dict[str, Cost] = {}
    for known in FAMILIES:
        for operator in known.operators:
            assert isinstance(operator.kernel, LibraryKernel)
            if not isinstance(operator.cost, Cost):
                continue
            if found.setdefault(operator.kernel.kind, operator.cost) != operator.cost:
                raise AssertionError(f"two costs of the kernel {operator.kernel.kind}")
    return found
