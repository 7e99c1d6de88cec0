"""Unrolls recurrent layers over their fixed length.

    rnn, gru, lstm (any number of layers, both directions, projections), and their cells
    -> linear, add, sub, mul, sigmoid, tanh of each step

A step computes what PyTorch documents for torch.nn.RNN, GRU and LSTM. The products of a sequence
with a layer's weights are one product for all steps. A state that begins as zeros is left out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch.fx import GraphModule, Node

from adfc.frontend.graph_writer import GraphWriter
from adfc.frontend.nodes import arguments, op_name, shape_of

_aten: Any = torch.ops.aten

State: TypeAlias = tuple[Node, ...]
"""The hidden state, and an LSTM's cell state, each (1, H)."""

Before: TypeAlias = tuple[Node | None, ...]
"""The state before a step; None is zeros."""


def unroll_recurrent(model: GraphModule) -> None:
    """Rewrites `model` in place. Calls in training, and of batches, are left as they are."""
    for node in list(model.graph.nodes):
        name = op_name(node) if node.op == "call_function" else ""
        if name in _CELLS:
            _unroll_cell(GraphWriter(model, node), _CELLS[name])
        elif name in _LAYERS and not arguments(node)["train"]:
            _unroll_layers(GraphWriter(model, node), _LAYERS[name])
    model.graph.eliminate_dead_code()


@dataclass(frozen=True)
class _Parameters:
    """Of a cell. `projection` brings an LSTM's state to the hidden state's size."""

    inputs: Node
    state: Node
    input_bias: Node | None = None
    state_bias: Node | None = None
    projection: Node | None = None


class _Step:
    """Makes the nodes of one step from the inputs' products (1, gates * H)."""

    def __init__(self, write: GraphWriter, products: Node, cell: _Parameters) -> None:
        self.write, self.products, self.cell = write, products, cell

    def call(self, name: str, *operands: Any) -> Node:
        """A node that calls an ATen operator."""
        packet = getattr(_aten, name)
        return self.write.call(
            packet.Tensor if hasattr(packet, "Tensor") else packet.default, *operands
        )

    def linear(self, hidden: Node | None) -> Node | None:
        """The hidden state's products; of zeros the bias, or nothing."""
        if hidden is None:
            return self.cell.state_bias
        return self.call("linear", hidden, self.cell.state, self.cell.state_bias)

    def plus(self, one: Node, other: Node | None) -> Node:
        """Their sum."""
        return one if other is None else self.call("add", one, other)

    def part(self, values: Node | None, first: int, last: int, count: int) -> Node | None:
        """Gates `first` to before `last` of `count`."""
        if values is None:
            return None
        size = shape_of(values)[-1] // count
        return self.call("slice", values, -1, first * size, last * size)


_Cell: TypeAlias = Callable[[_Step, Before], State]


def _rnn(function: str) -> _Cell:
    def cell(step: _Step, state: Before) -> State:
        return (step.call(function, step.plus(step.products, step.linear(state[0]))),)

    return cell


def _gru(step: _Step, state: Before) -> State:
    """Gates r, z, n: n = tanh(Wx + r * Uh), and the state becomes n + z * (h - n)."""
    (hidden,) = state
    own = step.linear(hidden)
    first, new = (step.part(step.products, *gates, 3) for gates in ((0, 2), (2, 3)))
    assert first is not None
    assert new is not None
    gates = step.call("sigmoid", step.plus(first, step.part(own, 0, 2, 3)))
    reset, update = step.part(gates, 0, 1, 2), step.part(gates, 1, 2, 2)
    if own is not None:
        new = step.call("add", new, step.call("mul", reset, step.part(own, 2, 3, 3)))
    new = step.call("tanh", new)
    if hidden is None:
        return (step.call("sub", new, step.call("mul", update, new)),)
    return (step.call("add", new, step.call("mul", update, step.call("sub", hidden, new))),)


def _lstm(step: _Step, state: Before) -> State:
    """Gates i, f, g, o: the cell becomes f * c + i * g, the hidden state o * tanh(c)."""
    hidden, cell = state
    sums = step.plus(step.products, step.linear(hidden))
    entry, forget, output = (
        step.call("sigmoid", step.part(sums, gate, gate + 1, 4)) for gate in (0, 1, 3)
    )
    new = step.call("mul", entry, step.call("tanh", step.part(sums, 2, 3, 4)))
    if cell is not None:
        new = step.call("add", step.call("mul", forget, cell), new)
    hidden = step.call("mul", output, step.call("tanh", new))
    if step.cell.projection is not None:
        hidden = step.call("linear", hidden, step.cell.projection)
    return (hidden, new)


_CELLS: dict[str, _Cell] = {
    "aten.rnn_tanh_cell.default": _rnn("tanh"),
    "aten.rnn_relu_cell.default": _rnn("relu"),
    "aten.gru_cell.default": _gru,
    "aten.lstm_cell.default": _lstm,
}

_LAYERS: dict[str, _Cell] = {
    "aten.rnn_tanh.input": _rnn("tanh"),
    "aten.rnn_relu.input": _rnn("relu"),
    "aten.gru.input": _gru,
    "aten.lstm.input": _lstm,
}


def _unroll_cell(write: GraphWriter, cell: _Cell) -> None:
    call = arguments(write.node)
    parameters = _Parameters(call["w_ih"], call["w_hh"], call["b_ih"], call["b_hh"])
    states = call["hx"] if isinstance(call["hx"], (list, tuple)) else [call["hx"]]
    products = write.call(_aten.linear.default, call["input"], call["w_ih"], call["b_ih"])
    state = cell(_Step(write, products, parameters), tuple(map(_unless_zero, states)))
    if len(state) == 1:
        write.node.replace_all_uses_with(state[0])
        return
    for user in list(write.node.users):
        user.replace_all_uses_with(state[_index(user)])


@dataclass(frozen=True)
class _Sequence:
    """A (1, T, n) or (T, 1, n) tensor, or its T parts of shape (1, n)."""

    whole: Node | None
    parts: Sequence[Node] = ()


def _unroll_layers(write: GraphWriter, cell: _Cell) -> None:
    call = arguments(write.node)
    axis = 1 if call["batch_first"] else 0
    shape = shape_of(call["input"])
    if len(shape) != 3 or shape[1 - axis] != 1:
        return
    directions = 2 if call["bidirectional"] else 1
    cells = _cells(call["params"], call["has_biases"], call["num_layers"] * directions)
    states = call["hx"] if isinstance(call["hx"], (list, tuple)) else [call["hx"]]
    sequence, last = _Sequence(call["input"]), list[State]()
    for layer in range(call["num_layers"]):
        results: list[list[Node]] = []
        for index in range(layer * directions, (layer + 1) * directions):
            products = _products(write, sequence, cells[index], axis, shape[axis])
            steps = [_Step(write, product, cells[index]) for product in products]
            start: Before = tuple(_row(write, _unless_zero(state), index) for state in states)
            # The second direction goes from the last step to the first.
            turn = -1 if index % directions else 1
            after = list(_states(cell, steps[::turn], start))
            last.append(after[-1])
            results.append([state[0] for state in after[::turn]])
        parts = [write.joined(part, -1) for part in zip(*results, strict=True)]
        sequence = _Sequence(None, parts)
    for user in list(write.node.users):
        which = _index(user)
        if which == 0:
            _replace(write, user, sequence.parts, axis)
        else:
            _replace(write, user, [state[which - 1] for state in last], 0)
        write.model.graph.erase_node(user)
    write.model.graph.erase_node(write.node)  # not pure for torch.fx, which would keep it


def _states(cell: _Cell, steps: Sequence[_Step], state: Before) -> Generator[State]:
    """The state after each step."""
    for step in steps:
        after = cell(step, state)
        yield after
        state = after


def _cells(params: Sequence[Node], biases: bool, count: int) -> list[_Parameters]:
    each = len(params) // count
    made: list[_Parameters] = []
    for start in range(0, len(params), each):
        own = list(params[start : start + each])
        projection = own.pop() if each % 2 else None
        made.append(_Parameters(*own[: 4 if biases else 2], projection=projection))
    return made


def _products(
    write: GraphWriter, sequence: _Sequence, cell: _Parameters, axis: int, length: int
) -> list[Node]:
    """What each step's gates get from its inputs."""
    if sequence.whole is None:
        weights = cell.inputs, cell.input_bias
        return [write.call(_aten.linear.default, part, *weights) for part in sequence.parts]
    whole = write.call(_aten.linear.default, sequence.whole, cell.inputs, cell.input_bias)
    return [write.call(_aten.select.int, whole, axis, time) for time in range(length)]


def _unless_zero(state: Any) -> Node | None:
    """A state that a call begins with; None where it is zeros."""
    return None if op_name(state).startswith(("aten.zeros.", "aten.zeros_like.")) else state


def _row(write: GraphWriter, states: Node | None, index: int) -> Node | None:
    return None if states is None else write.call(_aten.select.int, states, 0, index)


def _index(user: Node) -> int:
    assert user.target is operator.getitem, "a tuple is read by its parts"
    return int(user.args[1])  # type: ignore[arg-type]


def _replace(write: GraphWriter, user: Node, parts: Sequence[Node], axis: int) -> None:
    """Puts `parts`, stacked along `axis`, in the place of `user`; who selects one gets it."""
    for reader in list(user.users):
        if op_name(reader) == "aten.select.int":
            call = arguments(reader)
            if call["dim"] % 3 == axis:
                reader.replace_all_uses_with(parts[call["index"]])
                write.model.graph.erase_node(reader)
    if user.users:
        rows = [write.call(_aten.unsqueeze.default, part, axis) for part in parts]
        user.replace_all_uses_with(write.joined(rows, axis))
