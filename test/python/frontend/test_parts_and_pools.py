"""What is rewritten into parts and regular pools computes what PyTorch does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional

from adfc.frontend.export import export_graph

C, H, W = 4, 7, 10


class Function(nn.Module):
    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x)


def function(f: Callable[[torch.Tensor], torch.Tensor]) -> nn.Module:
    return Function(f)


MODULES: dict[str, nn.Module] = {
    "average, ceil mode": nn.AvgPool2d(3, 2, ceil_mode=True),
    "average, ceil mode, padding counted": nn.AvgPool2d(3, 2, 1, ceil_mode=True),
    "average, padding not counted": nn.AvgPool2d(3, 1, 1, count_include_pad=False),
    "average, neither": nn.AvgPool2d((2, 3), (3, 2), 1, True, False),
    "average, divided by 7": nn.AvgPool2d(3, 2, 1, True, False, 7),
    "average of a line, ceil mode": nn.Sequential(nn.Flatten(2), nn.AvgPool1d(4, 3, 1, True)),
    "adaptive average": nn.AdaptiveAvgPool2d((3, 4)),
    "adaptive average, larger": nn.AdaptiveAvgPool2d((9, 20)),
    "adaptive maximum": nn.AdaptiveMaxPool2d((3, 4)),
    "maximum, ceil mode": nn.MaxPool2d(3, 2, ceil_mode=True),
    "maximum, ceil mode, padded": nn.MaxPool2d((2, 5), 3, (1, 2), ceil_mode=True),
    "sum": function(lambda x: x.sum((2, 3), keepdim=True)),
    "amax": function(lambda x: x.amax((-1, -2))),
    "stack": function(lambda x: torch.stack([x.flatten(1), -x.flatten(1)], 1)),
    "repeat": function(lambda x: x.repeat(1, 2, 1, 3)),
    "expand": function(lambda x: x[:, :, :1].expand(-1, -1, 5, -1)),
    "expanded gate": function(lambda x: x * x.mean((2, 3), keepdim=True).expand_as(x)),
    "roll": function(lambda x: x.roll((2, -3), (2, 3))),
    "reflected": nn.ReflectionPad2d((1, 2, 3, 0)),
    "replicated": nn.ReplicationPad2d((1, 2, 3, 0)),
    "circular": nn.Conv2d(C, 3, 3, padding=1, padding_mode="circular"),
    "every second": function(lambda x: torch.cat([x[:, :, 1::2, :9:2], x[:, :, :-1:2, 1::2]], 1)),
    "reflected line": nn.Sequential(nn.Flatten(2), nn.ReflectionPad1d(2)),
}


@pytest.mark.parametrize("name", MODULES)
def test_rewritten_operators_compute_the_same(name: str) -> None:
    torch.manual_seed(0)
    module, x = MODULES[name].eval(), torch.randn(1, C, H, W)
    graph = export_graph(module, (x,))
    with torch.no_grad():
        torch.testing.assert_close(graph(x), module(x))


def test_windows_alike_become_one_pool() -> None:
    """7 to 3 takes windows of 3, each 2 after the one before."""
    graph = export_graph(nn.AdaptiveAvgPool2d(3), (torch.randn(1, C, 7, 7),))
    calls = [node for node in graph.graph.nodes if node.op == "call_function"]
    assert [str(call.target) for call in calls] == ["aten.avg_pool2d.default"]


def test_a_broadcast_needs_no_copies() -> None:
    graph = export_graph(
        function(lambda x: x + functional.adaptive_avg_pool2d(x, 1).expand_as(x)),
        (torch.randn(1, C, H, W),),
    )
    assert not any("cat" in str(node.target) for node in graph.graph.nodes)
