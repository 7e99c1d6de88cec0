"""The steps of a resident program: the layers, with those that are chained to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adfc.planner.graph import Graph, Layer


@dataclass(frozen=True)
class Step:
    """A layer, and the layer that is chained to it."""

    head: Layer
    tail: Layer | None = None
    skip: bool = False

    @property
    def last(self) -> Layer:
        """The layer whose output leaves the cores."""
        return self.tail or self.head

    @property
    def has_weights(self) -> bool:
        """Whether the head's calls read weights of a tape."""
        return self.head.has_weights and self.head.pixel is None

    @property
    def table_bytes(self) -> int:
        """Bytes of the tail's parameters, which the cores keep."""
        return self.tail.block_bytes if self.tail else 0

    @property
    def reads(self) -> tuple[str, ...]:
        """What the head reads: its activations, and a pixel."""
        pixel = self.head.pixel
        return self.head.inputs if pixel is None else (*self.head.inputs, pixel)


def is_possible(graph: Graph, step: Step) -> bool:
    """Whether a resident program knows the step's form."""
    return not any(refusals(graph, step))


def refusals(graph: Graph, step: Step) -> Iterator[str]:
    """What a resident program cannot do of a step, as a predicate of its layer."""
    for layer in (step.head, step.tail):
        if layer is not None:
            yield from _refusals(graph, layer)


def _refusals(graph: Graph, layer: Layer) -> Iterator[str]:
    # Weights that are computed, constants that are activations, and kernels that need all channels
    # of a pixel have no place on a tape or in a set.
    if layer.streamed != layer.pixel:
        yield "multiplies two activations"
    if layer.column_weights:
        yield "has weights of its own for each column"
    if layer.all_channels:
        yield "needs all channels of a pixel in one call"
    if "" in layer.inputs or layer.pixel == "":
        yield "reads a constant as an activation"
    # The hub's tensors are read and written whole, and windows start where strides say.
    if layer.views:
        yield "reads or makes a part of a tensor"
    if layer.rows.upsample != 1 or layer.columns.upsample != 1:
        yield "makes an image larger"
    # The joins pass a result on to the hubs or to DDR, not to both.
    if layer.given and any(layer.name in other.inputs for other in graph.layers):
        yield "makes an output that another layer reads"


def chain_layers(graph: Graph) -> list[Step]:
    """The graph's layers as steps, in the order in which they run.

    A layer without weights goes with the one that computes one of its operands for it alone: an
    element-wise operation of two tensors always, a pooling right behind its layer. So does a table
    of all values, which a core keeps.
    """
    reads = graph.reads
    steps: list[Step] = []
    for layer in graph.layers:
        place = _chain_place(layer, steps, reads)
        if place is None:
            steps.append(Step(layer))
        else:
            step = steps.pop(place)
            steps.append(Step(step.head, layer, skip=layer.activations == 2))
            _make_skip_before_input(steps)
    return steps


def _make_skip_before_input(steps: list[Step]) -> None:
    """Where the last step's skip tensor is made right before it, and what its head reads before
    that, have them change places, if they may: the skip tensor is the first that the step reads."""
    if len(steps) < 3 or not (steps[-1].skip and steps[-1].tail):
        return
    read, skip, last = steps[-3:]
    tails = skip.tail.inputs if skip.tail else ()
    if (
        skip.last.name in steps[-1].tail.inputs
        and read.last.name in last.reads
        and read.last.name not in (*skip.reads, *tails)
    ):
        steps[-3], steps[-2] = skip, read


def _chain_place(layer: Layer, steps: list[Step], reads: Mapping[str, int]) -> int | None:
    table = is_table(layer)
    if layer.has_weights and not table:
        return None
    if layer.activations > 2 or len(set(layer.inputs)) < layer.activations:
        return None
    behind = layer.activations == 1
    if behind and not table and (layer.kind != "max_pool2d" or layer.rows.span > 4):
        return None
    for name in layer.inputs:
        for index, step in enumerate(steps):
            if step.head.name != name or step.tail or reads[name] != 1:
                continue
            if behind and (index != len(steps) - 1 or not (table or step.head.has_weights)):
                continue
            return index
    return None


def is_table(layer: Layer) -> bool:
    """Whether its parameters are the same for all channels, and each value is computed from the one
    in its place: a table of all values."""
    fixed = layer.block_bytes > 0 and layer.parameter_bytes == layer.taps == 0
    alone = all(axis.span == axis.stride == 1 for axis in (layer.rows, layer.columns))
    return fixed and alone and layer.channelwise and layer.activations == 1 and not layer.wide
