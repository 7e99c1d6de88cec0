"""Operators that say themselves what they are (adfc.operators), as families of the front end."""

from __future__ import annotations

import importlib
from functools import cache

from adfc.frontend.emit.registry import OperatorFamily, Role
from adfc.operators import builtin
from adfc.operators.library import LibraryKernel
from adfc.operators.operator import Operator


def role_of(operator: Operator) -> Role:
    """How the operator takes part in quantization."""
    if operator.output_scale == "input":
        return Role.SHARED
    kernel = operator.kernel
    if isinstance(kernel, LibraryKernel) and kernel.weights_axis is not None:
        return Role.WEIGHTED
    clamps = isinstance(kernel, LibraryKernel) and kernel.clamps
    return Role.ELEMENTWISE if clamps else Role.RESCALING


def built_in(name: str) -> tuple[OperatorFamily, ...]:
    """The built-in family of that name: as many as there are modules that write TOSA for it."""
    operators = builtin.family(name).operators
    lowerings = dict.fromkeys(_lowering(operator) for operator in operators)
    return tuple(
        _family(lowering, tuple(o for o in operators if _lowering(o) == lowering))
        for lowering in lowerings
    )


def _lowering(operator: Operator) -> tuple[str, Role]:
    assert isinstance(operator.kernel, LibraryKernel)
    return operator.kernel.lowering, role_of(operator)


@cache
def _family(lowering: tuple[str, Role], operators: tuple[Operator, ...]) -> OperatorFamily:
    module_name, role = lowering
    module = importlib.import_module(module_name)
    return OperatorFamily(
        name=module_name.removeprefix("adfc.operators.builtin."),
        targets=frozenset(target for operator in operators for target in operator.targets),
        role=role,
        check=module.check,
        emit=module.emit,
        wide=getattr(module, "may_be_wide", lambda _node: False),
    )
