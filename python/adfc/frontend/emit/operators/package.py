"""Operators of installed packages: tosa.custom in domain "adfc"."""

from __future__ import annotations

from functools import cache
from typing import Any

from torch.fx import Node

from adfc.errors import InputError
from adfc.frontend.emit.emission import Emission, boundary_layout, mlir_location
from adfc.frontend.emit.operators.described import role_of
from adfc.frontend.emit.registry import OperatorFamily, Refusal
from adfc.frontend.emit.values import Feature, Layout, PackageCall, Value
from adfc.frontend.nodes import arguments, is_feature, shape_of
from adfc.operators.geometry import Elementwise, Packaged, Rows, Tiling, Windows, checked_shape
from adfc.operators.kernel import Composition
from adfc.operators.operator import Operator
from adfc.operators.registry import operator_of, refusal


def family_of(target: str) -> OperatorFamily | None:
    """The family of the packaged operator that graphs call `target`; None where there is none."""
    if target.startswith(("aten.", "prims.", "quantized_decomposed.", "adfc.")):
        return None
    found = operator_of(target)
    return None if found is None else _family(found[1])


@cache
def _family(operator: Operator) -> OperatorFamily:
    own = operator.output_scale
    return OperatorFamily(
        name=operator.name,
        targets=frozenset(operator.targets),
        role=role_of(operator),
        check=_check,
        emit=_emit,
        fixed_input=None if operator.input_scale == "any" else float(operator.input_scale),
        fixed_output=None if isinstance(own, str) else float(own),
    )


def _found(node: Node) -> Operator:
    found = operator_of(str(node.target))
    assert found is not None
    return found[1]


def _check(node: Node) -> Refusal | None:
    """Takes float features whose shapes go with the operator's tiling."""
    found = operator_of(str(node.target))
    assert found is not None
    package, operator = found
    reason = refusal(package)
    if reason is not None:
        return Refusal(reason, f"run `adfc op check {package.name}`, or --untrusted-operators")
    if isinstance(operator.kernel, Composition):
        return Refusal("its composition could not be put in its place")
    sources = node.all_input_nodes
    if not sources or not all(is_feature(source) for source in sources):
        return Refusal("its inputs must be float tensors that depend on the model's input")
    call = constants_of(node)
    try:
        tiling = operator.tiling_of(call, tuple(shape_of(source) for source in sources))
        shapes = [_compiled_shape(tiling, shape_of(source)) for source in sources]
        checked_shape(tiling, shapes, _compiled_shape(tiling, shape_of(node)))
        if not isinstance(tiling, Packaged):
            raise InputError(f"its tiling is {type(tiling).__name__}, for adfc's own kernels alone")
    except InputError as error:
        return Refusal(error.message, error.hint or "")
    except Exception as error:
        return Refusal(f"its tiling raises {type(error).__name__}: {error}")
    return None


def constants_of(node: Node) -> dict[str, Any]:
    """The arguments of a call that are no tensors, by name."""
    return {name: value for name, value in arguments(node).items() if not isinstance(value, Node)}


def _compiled_shape(tiling: Tiling, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape as the kernel sees it: images are NHWC where windows are cut from them."""
    if isinstance(tiling, Windows) and len(shape) == 4:
        return (shape[0], shape[2], shape[3], shape[1])
    return shape


def _emit(emission: Emission, node: Node) -> PackageCall:
    """The call, which waits for the scale of its result."""
    operator = _found(node)
    call = constants_of(node)
    features = [emission.feature(source) for source in node.args if isinstance(source, Node)]
    tiling = operator.tiling_of(call, tuple(feature.layout.shape for feature in features))
    layout, values = _laid_out(emission, tiling, features, shape_of(node))
    return PackageCall(
        operator=operator,
        tiling=tiling,
        arguments=call,
        values=values,
        scales=tuple(feature.scale for feature in features),
        layout=layout,
        location=mlir_location(node),
    )


def _laid_out(
    emission: Emission, tiling: Tiling, features: list[Feature], shape: tuple[int, ...]
) -> tuple[Layout, tuple[Value, ...]]:
    """(the result's layout, the inputs' values in one order)."""
    if isinstance(tiling, Windows):
        return boundary_layout(shape), tuple(emission.as_image(feature) for feature in features)
    first = features[0]
    if isinstance(tiling, Elementwise):
        same = all(feature.layout == first.layout for feature in features)
        if same:
            return first.layout, tuple(feature.value for feature in features)
        plain = tuple(range(len(shape)))
        return Layout(shape, order=plain), tuple(emission.as_row_major(f) for f in features)
    assert isinstance(tiling, Rows)
    _, order = emission.ordered(first)
    rank = len(shape)
    if order[-1] != rank - 1:
        order = tuple(range(rank))
    return Layout(shape, order=order), tuple(emission.in_order(f, order) for f in features)
