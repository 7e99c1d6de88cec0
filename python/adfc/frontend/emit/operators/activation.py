"""Activations that clamp: ReLU, ReLU6, hardtanh, clamp."""

from __future__ import annotations

import math
from dataclasses import replace

from torch.fx import Node

from adfc.frontend.emit.emission import Emission, mlir_location
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role, any_wide
from adfc.frontend.emit.values import Accumulator, Feature, Lookup
from adfc.frontend.nodes import arguments, is_feature, op_name


def bounds_of(node: Node) -> tuple[float, float]:
    """Real bounds of the clamp that a node computes."""
    name = op_name(node).split(".")[1].rstrip("_")
    if name == "relu":
        return 0.0, math.inf
    if name == "relu6":
        return 0.0, 6.0
    call = arguments(node)
    if name in ("clamp_min", "clamp_max"):
        bound = float(call["min" if name == "clamp_min" else "max"])
        return (bound, math.inf) if name == "clamp_min" else (-math.inf, bound)
    low, high = (
        (call["min_val"], call["max_val"]) if name == "hardtanh" else (call["min"], call["max"])
    )
    return -math.inf if low is None else float(low), math.inf if high is None else float(high)


def check(node: Node) -> Refusal | None:
    """Takes float features and bounds in order."""
    if not is_feature(node.args[0]):
        return Refusal("its input is no float tensor that depends on the model's input")
    low, high = bounds_of(node)
    if low > high:
        return Refusal(f"its lower bound {low:g} lies above its upper bound {high:g}")
    return None


def emit(emission: Emission, node: Node) -> Accumulator | Lookup | Feature:
    """Bounds for what has no int8 scale yet; a tosa.clamp for an int8 feature."""
    value = emission.value(node.args[0])
    bounds = bounds_of(node)
    if isinstance(value, Lookup):
        return replace(value, bounds=bounds)
    if not isinstance(value, Accumulator):
        return emission.clamp(emission.feature(node.args[0]), bounds)
    return replace(value, bounds=bounds, bounds_location=mlir_location(node))


FAMILY = OperatorFamily(
    name="activation",
    targets=frozenset(
        {
            "aten.relu.default",
            "aten.relu_.default",
            "aten.relu6.default",
            "aten.relu6_.default",
            "aten.hardtanh.default",
            "aten.hardtanh_.default",
            "aten.clamp.default",
            "aten.clamp_.default",
            "aten.clamp_max.default",
            "aten.clamp_max_.default",
            "aten.clamp_min.default",
            "aten.clamp_min_.default",
        }
    ),
    role=Role.ACTIVATION,
    check=check,
    emit=emit,
    wide=any_wide,
)
