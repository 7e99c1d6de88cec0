"""Number of the greatest value along an axis: tosa.argmax, an output of the program as int32.

Of equal values the first counts, as in PyTorch on a CPU. int8 values are compared: float values
that round to one level are equal.
"""

from __future__ import annotations

from torch.fx import Node

from adfc.frontend.emit.emission import Emission
from adfc.frontend.emit.registry import OperatorFamily, Refusal, Role
from adfc.frontend.emit.values import Indices
from adfc.frontend.nodes import arguments, is_feature, shape_of


def check(node: Node) -> Refusal | None:
    """Takes an axis of a float feature; nothing in the model may read the result."""
    call = arguments(node)
    if not is_feature(call["self"]):
        return Refusal("its input is no float tensor that depends on the model's input")
    if call["dim"] is None:
        return Refusal("it is over all axes", "give it one: argmax(dim=1)")
    if not shape_of(node):
        return Refusal("its result is a scalar", "keep the batch axis")
    if any(user.op != "output" for user in node.users):
        return Refusal("the model reads its result", "only an output of the model can be indices")
    return None


def emit(emission: Emission, node: Node) -> Indices:
    """The indices; the axis is brought to the end first."""
    call = arguments(node)
    feature = emission.feature(call["self"])
    shape = feature.layout.shape
    axis = call["dim"] % len(shape)
    order = (*(other for other in range(len(shape)) if other != axis), axis)
    indices = emission.build.argmax(emission.in_order(feature, order))
    return Indices(emission.build.reshape(indices, shape_of(node)), shape_of(node), shape[axis])


FAMILY = OperatorFamily(
    name="argmax",
    targets=frozenset({"aten.argmax.default"}),
    role=Role.INDICES,
    check=check,
    emit=emit,
)
