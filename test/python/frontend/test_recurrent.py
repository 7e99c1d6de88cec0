"""Unrolled recurrent layers compute what PyTorch's own do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from adfc.errors import UnsupportedOpError
from adfc.frontend.export import export_graph
from adfc.frontend.nodes import op_name

FRAMES, INPUTS, HIDDEN = 5, 6, 8


class Reads(nn.Module):
    """A layer, and what is read of its result."""

    def __init__(self, layer: nn.Module, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self.layer, self.read = layer, read

    def forward(self, x: torch.Tensor) -> Any:
        return self.read(self.layer(x))


class Loop(nn.Module):
    """A cell, called for each frame; the state begins as the cell has it, or as a frame says."""

    def __init__(self, cell: nn.Module, *, started: bool = False) -> None:
        super().__init__()
        self.cell, self.started = cell, started
        self.start = nn.Linear(INPUTS, HIDDEN)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state: Any = self.start(x[:, 0]) if self.started else None
        for frame in x.unbind(1):
            state = self.cell(frame, state)
        return state if isinstance(state, torch.Tensor) else state[0] + state[1]


def layer(kind: Callable[..., nn.Module], **options: Any) -> nn.Module:
    return kind(INPUTS, HIDDEN, batch_first=True, **options)


MODULES = {
    "rnn": lambda: Reads(layer(nn.RNN, nonlinearity="relu"), lambda y: y[0]),
    "rnn, both directions": lambda: Reads(layer(nn.RNN, bidirectional=True), lambda y: y),
    "gru, last step": lambda: Reads(layer(nn.GRU), lambda y: y[0][:, -1]),
    "gru, 2 layers": lambda: Reads(
        layer(nn.GRU, num_layers=2, bidirectional=True, dropout=0.5), lambda y: y[0]
    ),
    "gru, time first": lambda: Reads(nn.GRU(INPUTS, HIDDEN, bias=False), lambda y: y[1][0]),
    "lstm": lambda: Reads(layer(nn.LSTM), lambda y: (y[0], y[1][0], y[1][1])),
    "lstm, 2 layers": lambda: Reads(
        layer(nn.LSTM, num_layers=2, bidirectional=True), lambda y: y[0] + y[0]
    ),
    "lstm, projected": lambda: Reads(layer(nn.LSTM, proj_size=4, bias=False), lambda y: y[0]),
    "rnn cell": lambda: Loop(nn.RNNCell(INPUTS, HIDDEN)),
    "gru cell": lambda: Loop(nn.GRUCell(INPUTS, HIDDEN, bias=False)),
    "gru cell from a state": lambda: Loop(nn.GRUCell(INPUTS, HIDDEN), started=True),
    "lstm cell": lambda: Loop(nn.LSTMCell(INPUTS, HIDDEN)),
}


@pytest.mark.parametrize("name", MODULES)
def test_unrolled_layers_compute_the_same(name: str) -> None:
    torch.manual_seed(0)
    module = MODULES[name]().eval()
    shape = (FRAMES, 1, INPUTS) if "time first" in name else (1, FRAMES, INPUTS)
    x = torch.randn(shape)
    # With the time first, the program's input has it second.
    if "time first" in name:
        module, x = nn.Sequential(Turn(), module), x.transpose(0, 1)
    graph = export_graph(module, (x,))
    kinds = {op_name(node) for node in graph.graph.nodes if node.op == "call_function"}
    assert not any(word in kind for kind in kinds for word in ("rnn", "gru", "lstm"))
    with torch.no_grad():
        torch.testing.assert_close(flat(graph(x)), flat(module(x)))


class Turn(nn.Module):
    """(1, T, n) -> (T, 1, n)"""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.transpose(0, 1)


def flat(values: Any) -> tuple[torch.Tensor, ...]:
    return (values,) if isinstance(values, torch.Tensor) else tuple(values)


def test_a_state_that_is_not_used_costs_nothing() -> None:
    """The sequence is not stacked for who reads the last step only."""
    graph = export_graph(Reads(layer(nn.GRU), lambda y: y[0][:, -1]), (torch.randn(1, 4, INPUTS),))
    assert "aten.cat.default" not in {op_name(node) for node in graph.graph.nodes}


def test_a_batch_is_refused() -> None:
    """Where a sequence's batch is not 1, its line is named."""
    module = Reads(nn.GRU(INPUTS, HIDDEN), lambda y: y[0])
    with pytest.raises(UnsupportedOpError, match="gru"):
        export_graph(module, (torch.randn(1, FRAMES, INPUTS),))


@pytest.mark.filterwarnings("error")
def test_export_does_not_warn_of_torchs_own_code() -> None:
    """torch.export tells that nn.GRU assigns its weights: nothing that a user could change."""
    export_graph(Reads(layer(nn.GRU), lambda y: y[0]), (torch.randn(1, 2, INPUTS),))
