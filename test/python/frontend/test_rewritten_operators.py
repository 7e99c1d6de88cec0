"""Operators that are rewritten into others: what comes out is what PyTorch computes.

The reference model's results lie as close to the float module's as int8 can: the rewriting itself
is checked in float, which leaves no room for a wrong axis or a lost factor.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils._pytree import tree_leaves

from adfc.determinism import reproducible
from adfc.frontend.export import export_graph
from adfc.frontend.validate import validate_strict
from adfc.oracle import ReferenceModel


class Function(nn.Module):
    """A module of a function of its input."""

    def __init__(self, function, **layers: nn.Module) -> None:
        super().__init__()
        self.function = function
        self.layers = nn.ModuleDict(layers)
        self.register_buffer("weight", torch.randn(6, 5))
        self.register_buffer("bias", torch.randn(5))
        self.register_buffer("scores", torch.randn(2, 4, 4))

    def forward(self, x: torch.Tensor):
        return self.function(self, x)


def normal(norm: nn.Module) -> nn.Module:
    """A normalisation whose weights are not the neutral ones."""
    nn.init.uniform_(norm.weight, 0.5, 1.5)
    nn.init.uniform_(norm.bias, -0.5, 0.5)
    return norm


def root_mean_square(_, x: torch.Tensor) -> torch.Tensor:
    x = x.to(torch.float32)
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)


def biased_attention(m: Function, x: torch.Tensor) -> torch.Tensor:
    heads = x.view(1, 4, 2, 3).transpose(1, 2)
    scores = m.scores.masked_fill(torch.ones(4, 4).triu(1).bool(), float("-inf"))
    return nn.functional.scaled_dot_product_attention(heads, heads, heads, attn_mask=scores)


IMAGE, ROWS = (1, 6, 5, 7), (1, 4, 6)

with reproducible(5):
    CASES = {
        "addmm": (Function(lambda m, x: torch.addmm(m.bias, x[0], m.weight)), ROWS),
        "addmm, scaled": (
            Function(lambda m, x: torch.addmm(m.bias, x[0], m.weight, beta=2, alpha=0.5)),
            ROWS,
        ),
        "baddbmm": (Function(lambda _, x: torch.baddbmm(x, x[:, :, :4], x)), ROWS),
        "product with a constant": (Function(lambda m, x: x @ m.weight), ROWS),
        "product of a constant": (Function(lambda m, x: m.weight[:, :4] @ x), ROWS),
        "group norm": (normal(nn.GroupNorm(3, 6)), IMAGE),
        "group norm without weights": (nn.GroupNorm(2, 6, affine=False), IMAGE),
        "instance norm": (normal(nn.InstanceNorm2d(6, affine=True)), IMAGE),
        "layer norm over an image": (normal(nn.LayerNorm([6, 5, 7])), IMAGE),
        "root mean square": (Function(root_mean_square), ROWS),
        "mean over tokens": (Function(lambda _, x: x.mean(1)), ROWS),
        "sum over tokens": (Function(lambda _, x: x.sum(1, keepdim=True)), ROWS),
        "mean over features": (Function(lambda _, x: x.mean(-1)), ROWS),
        "mean over channels": (Function(lambda _, x: x.mean(1, keepdim=True)), IMAGE),
        "sum over rows": (Function(lambda _, x: x.sum(2)), IMAGE),
        "mean over all axes but one": (Function(lambda _, x: x.mean((1, 3))), IMAGE),
        "softmax over channels": (nn.Softmax(1), IMAGE),
        "dilated max pool": (nn.MaxPool2d(2, dilation=2), IMAGE),
        "dilated max pool, padded": (
            nn.MaxPool2d((3, 2), stride=(1, 2), padding=(1, 1), dilation=(2, 3), ceil_mode=True),
            IMAGE,
        ),
        "attention with given scores": (Function(biased_attention), ROWS),
    }


@pytest.mark.parametrize("name", CASES)
def test_the_rewritten_graph_computes_the_same(name: str) -> None:
    module, shape = CASES[name]
    with reproducible():
        example = (torch.randn(shape),)
    graph = export_graph(module.eval(), example)
    with torch.no_grad():
        (found,) = tree_leaves(graph(*example))
        torch.testing.assert_close(found, module(*example), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_its_integers_are_close_to_float(name: str, imported) -> None:
    module, shape = CASES[name]
    with reproducible():
        example = (torch.randn(shape),)
    found = imported(module.eval(), calibration=[example])
    validate_strict(found.tosa.text)
    with torch.no_grad():
        expected = module(*example)
    (given,), (spec,) = found.tosa.inputs, found.tosa.outputs
    (levels,) = ReferenceModel(found.tosa).run([given.quantize(example[0].numpy())])
    noise = torch.from_numpy(spec.dequantize(levels)) - expected
    assert noise.square().mean().sqrt() < 0.08 * expected.std()
