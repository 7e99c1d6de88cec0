"""What cannot be compiled is refused at once, all of it, with its place."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import torch
from torch import nn

from adfc.errors import UnsupportedOpError
from adfc.frontend import import_model
from adfc.frontend.support import supported_targets

IMAGE = (1, 4, 8, 8)


def refused(module: nn.Module, *shapes: tuple[int, ...]) -> UnsupportedOpError:
    example = tuple(torch.randn(shape) for shape in shapes)
    with pytest.raises(UnsupportedOpError) as caught:
        import_model(module, example, [example])
    return caught.value


class Many(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(4, 4, 1)
        self.pool = nn.Unfold(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        x = torch.lgamma(x)  # gamma
        x = self.pool(x)  # windows
        return torch.cumsum(x, 1)  # sums


def test_every_unsupported_operator_is_listed_with_its_place() -> None:
    error = refused(Many(), IMAGE)
    lines, first = inspect.getsourcelines(Many)

    def place(mark: str) -> str:
        number = first + next(i for i, line in enumerate(lines) if f"# {mark}" in line)
        return f"{Path(__file__)}:{number}"

    assert [(op.op, op.module_path, op.source) for op in error.ops] == [
        ("aten.lgamma.default", "", place("gamma")),
        ("aten.im2col.default", "pool", place("windows")),
        ("aten.cumsum.default", "", place("sums")),
    ]
    for op in error.ops:
        assert op.op in str(error)
        assert op.source in str(error)
        assert op.hint


class Several(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        values, _ = torch.topk(x, 2, 1)
        largest = x.max(1).values
        return torch.cumsum(values, 1) + largest


def test_operators_with_several_results_are_listed_among_the_others() -> None:
    error = refused(Several(), IMAGE)
    names = ["aten.topk.default", "aten.max.dim", "aten.cumsum.default"]
    assert [op.op for op in error.ops][:3] == names


class Function(nn.Module):
    def __init__(self, function, **layers: nn.Module) -> None:
        super().__init__()
        self.function = function
        self.layers = nn.ModuleDict(layers)

    def forward(self, *inputs: torch.Tensor):
        return self.function(self.layers, *inputs)


REFUSALS = {
    "power that some numbers lack": (Function(lambda _, x: x**0.5), "natural number"),
    "mean over the batch": (Function(lambda _, x: x.mean(0)), "whole image"),
    "division by an activation": (Function(lambda _, x: x / x), "divides by an activation"),
    "every second channel": (Function(lambda _, x: x[:, ::2]), "every 2th element"),
    "positions of maxima": (
        Function(
            lambda _, x: nn.functional.adaptive_max_pool2d(x, 2, return_indices=True)[1] * 1.0
        ),
        "",
    ),
    "scale that is not the size's": (nn.Upsample(scale_factor=1.3), "is not 8 times"),
    "slopes from the input": (
        Function(lambda _, x: nn.functional.prelu(x, x.mean((0, 2, 3)))),
        "",
    ),
    "scaled sum": (Function(lambda _, x: torch.add(x, x, alpha=2)), "alpha=2"),
    "normalised tensor read elsewhere": (
        Function(lambda m, x: (y := m.c(x)) + m.b(y), c=nn.Conv2d(4, 4, 1), b=nn.BatchNorm2d(4)),
        "other users",
    ),
    "shared weights, two normalisations": (
        Function(
            lambda m, x: m.b(m.c(x)) + m.d(m.c(x)),
            c=nn.Conv2d(4, 4, 1),
            b=nn.BatchNorm2d(4),
            d=nn.BatchNorm2d(4),
        ),
        "shares its weights",
    ),
    "weights from the input": (
        Function(lambda _, x: nn.functional.conv2d(x, x[:, :, :1, :1])),
        "run time",
    ),
    "convolution without batch": (
        Function(lambda m, x: m.c(x.squeeze(0)), c=nn.Conv2d(4, 4, 1)),
        "no batch axis",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusal_names_the_reason(name: str) -> None:
    module, reason = REFUSALS[name]
    assert reason in str(refused(module, IMAGE))


def test_training_mode_of_an_exported_program_is_refused() -> None:
    module = nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4), nn.Dropout()).train()
    example = (torch.randn(IMAGE),)
    program = torch.export.export(module, example)
    with pytest.raises(UnsupportedOpError, match=r"\.eval\(\)"):
        import_model(program, None, [example])


def test_every_supported_target_is_an_operator_of_this_torch() -> None:
    """A misspelt name would never match and refuse what it should take."""
    targets = supported_targets()
    assert len(targets) == len(set(targets))
    for target in targets:
        namespace, operator, overload = target.split(".")
        assert str(getattr(getattr(getattr(torch.ops, namespace), operator), overload)) == target
