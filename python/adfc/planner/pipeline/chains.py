"""Poolings that the cores of the layer before go on with: what lies between never leaves them.

So less leaves the cores. In return rows that windows of two tiles share are computed for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from adfc.planner.cost import Call, call_cycles
from adfc.planner.graph import Axis, Graph, Layer
from adfc.spec.devices import Device


@dataclass(frozen=True)
class Chain:
    """A layer, and the pooling that alone reads it."""

    head: Layer
    tail: Layer

    def layer(self) -> Layer:
        """Both as one layer, by the pooling's name: its output positions read the head's input."""
        head, tail = self.head, self.tail
        return replace(
            head,
            name=tail.name,
            output=tail.output,
            rows=_through(head.rows, tail.rows),
            columns=_columns(head, tail),
            macs=head.macs + tail.macs,
            given=tail.given,
        )

    def shape(self) -> Chain:
        """Equal for chains that are scheduled alike."""
        return Chain(self.head.shape(), self.tail.shape())

    def inner(self, call: Call) -> Call:
        """The head's call for what the pooling reads."""
        first, end = _between(self.tail, call.columns)
        return replace(call, rows=self.tail.rows.extent(call.rows), columns=end - first)

    def outer(self, call: Call) -> Call:
        """The pooling's call."""
        return replace(call, in_channels=call.out_channels)

    def cycles(self, call: Call, device: Device) -> tuple[int, int]:
        """AIE cycles of the head's call, and of the pooling's."""
        inner, outer = self.inner(call), self.outer(call)
        return call_cycles(self.head, inner, device), call_cycles(self.tail, outer, device)


def chains_of(graph: Graph) -> dict[str, Chain]:
    """All that there are, by the pooling's name."""
    layers = {layer.name: layer for layer in graph.layers}
    reads = graph.reads
    return {
        tail.name: Chain(head, tail)
        for tail in graph.layers
        if tail.kind == "max_pool2d"
        and (head := layers.get(tail.inputs[0])) is not None
        and reads[head.name] == 1
        and _can_be(head, tail)
    }


def joined(graph: Graph, chains: Mapping[str, Chain]) -> Graph:
    """The graph with each chain as one layer."""
    heads = {chain.head.name for chain in chains.values()}
    return Graph(
        tuple(
            chains[layer.name].layer() if layer.name in chains else layer
            for layer in graph.layers
            if layer.name not in heads
        )
    )


def _can_be(head: Layer, tail: Layer) -> bool:
    if head.output != tail.input:
        # It reads the result in another shape.
        return False
    axes = (head.rows, head.columns, tail.rows, tail.columns)
    if not head.adds_up or head.given or head.wide or tail.wide or not _keep_all(axes):
        return False
    # Without columns of padding there may be too few for strides: no axis says that.
    columns = _columns(head, tail)
    return columns.span > 0 and _keep_all([columns])


def _keep_all(axes: Iterable[Axis]) -> bool:
    """Whether windows have all positions between their first and their last."""
    return all(axis.upsample == 1 and not (axis.span == 1 and axis.stride > 1) for axis in axes)


def _between(tail: Layer, columns: int) -> tuple[int, int]:
    """Columns [first, end) that so many of the pooling's read, from the first on: those that are
    there, as a call has all columns and need not compute padding."""
    axis = tail.columns
    first = axis.first(0)
    return max(first, 0), min(first + axis.extent(columns), axis.size)


def _columns(head: Layer, tail: Layer) -> Axis:
    """How all columns of the pooling together read the head's input."""
    axis, count = head.columns, tail.output[1]
    first, end = _between(tail, count)
    stride = axis.stride * tail.columns.stride
    span = axis.extent(end - first) - (count - 1) * stride
    return Axis(size=axis.size, stride=stride, span=span, pad=-axis.first(first))


def _through(inner: Axis, outer: Axis) -> Axis:
    """How positions of an axis that reads another one's outputs read its input."""
    return Axis(
        size=inner.size,
        stride=inner.stride * outer.stride,
        span=inner.span + (outer.span - 1) * inner.stride,
        pad=inner.pad + outer.pad * inner.stride,
    )
