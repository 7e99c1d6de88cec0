"""What the front end knows about one family of operators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, TypeAlias

from torch.fx import Node

if TYPE_CHECKING:
    from adfc.frontend.emit.emission import Emission
    from adfc.frontend.emit.values import GraphValue


class Role(Enum):
    """How an operator takes part in quantization."""

    WEIGHTED = auto()
    """Int8 features and weights, a new output scale; a following activation is fused."""
    ELEMENTWISE = auto()
    """Int8 features of different scales, a new output scale; a following activation is fused."""
    RESCALING = auto()
    """One int8 feature, a new output scale."""
    ACTIVATION = auto()
    """A clamp: fused into a producer that has no other user, else keeps its input's scale."""
    INDICES = auto()
    """One int8 feature; the result is no activation but indices."""
    SHARED = auto()
    """The output has the input's scale; several inputs have one."""


@dataclass(frozen=True)
class Refusal:
    """Why an operator call cannot be compiled, and what the user may do."""

    reason: str
    hint: str = ""


Check: TypeAlias = Callable[[Node], Refusal | None]
Wide: TypeAlias = Callable[[Node], bool]
Emit: TypeAlias = "Callable[[Emission, Node], GraphValue]"


@dataclass(frozen=True)
class OperatorFamily:
    """A family of ATen operators that one file handles.

    `check` refuses calls, seen before quantization, whose arguments are beyond it; `emit` writes
    TOSA for a call in the quantized graph.
    """

    name: str
    targets: frozenset[str]
    role: Role
    check: Check
    emit: Emit
    fixed_input: float | None = None
    """The scale that its inputs are brought to; None: any."""
    fixed_output: float | None = None
    """The scale of the result of a RESCALING operator; None: from calibration."""
    weights_axis: int = 0
    """Axis of a WEIGHTED operator's weights along which each has a scale of its own."""
    wide: Wide = lambda _node: False
    """Whether a call's activations may be int16."""


def any_wide(_node: Node) -> bool:
    """The `wide` of a family whose activations may all be int16."""
    return True


def accept_all(_node: Node) -> Refusal | None:
    """The check of a family that takes any arguments."""
    return None
