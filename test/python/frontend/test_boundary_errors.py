"""Wrong inputs, shapes and calibration samples get one clear line; the model is left as it was."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.export import Dim

from adfc.errors import AdfcError, InputError, ModelError
from adfc.frontend import import_model

IMAGE = (1, 3, 8, 8)


def net() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())


def failure(module, example, calibration, kind: type[AdfcError]) -> str:
    with pytest.raises(kind) as caught:
        import_model(module, example, calibration)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_dynamic_shapes() -> None:
    example = (torch.randn(1, 3, 8, 8),)
    sizes = {2: Dim("height", min=4, max=64)}
    program = torch.export.export(net(), example, dynamic_shapes=(sizes,))
    assert "dynamic size in axis 2" in failure(program, None, [example], ModelError)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((2, 3, 8, 8), "batch size 2"),
        ((3, 8, 8), "batch size 3"),
    ],
)
def test_shapes_that_no_program_has(shape: tuple, expected: str) -> None:
    example = (torch.randn(shape),)
    assert expected in failure(net(), example, [example], ModelError)


def test_rank_five_input() -> None:
    example = (torch.randn(1, 2, 3, 4, 5),)
    assert "(1, K)" in failure(nn.ReLU(), example, [example], ModelError)


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        (None, "needs example inputs"),
        ((), "needs example inputs"),
        ((torch.zeros(IMAGE, dtype=torch.float64),), "torch.float64"),
        ((torch.zeros(IMAGE, dtype=torch.int64),), "does not run"),
        (("text",), "a str, not a tensor"),
        ((torch.zeros(1, 5, 8, 8),), "does not run on its example inputs [(1, 5, 8, 8)]"),
        ((torch.zeros(IMAGE), torch.zeros(IMAGE)), "does not run"),
    ],
)
def test_wrong_example_inputs(example, expected: str) -> None:
    assert expected in failure(net(), example, [example or ()], InputError)


@pytest.mark.parametrize(
    ("calibration", "expected"),
    [
        ([], "no calibration samples"),
        ([(torch.zeros(IMAGE),), ()], "sample 1 has 0 tensors"),
        ([(torch.zeros(1, 3, 8, 9),)], "(1, 3, 8, 9), expected (1, 3, 8, 8)"),
        ([(torch.zeros(IMAGE, dtype=torch.float16),)], "torch.float16"),
        ([(torch.full(IMAGE, float("nan")),)], "not finite"),
    ],
)
def test_wrong_calibration(calibration, expected: str) -> None:
    assert expected in failure(net(), (torch.zeros(IMAGE),), calibration, InputError)


def test_model_that_overflows_on_calibration_samples() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1))
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1e30)
    example = (torch.ones(IMAGE),)
    message = failure(module, example, [example], ModelError)
    assert "not finite" in message


def test_unused_input() -> None:
    class Ignores(nn.Module):
        def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
            return torch.relu(x)

    example = (torch.randn(IMAGE), torch.randn(IMAGE))
    assert "'y' is not used" in failure(Ignores(), example, [example], ModelError)


def test_result_that_is_the_input() -> None:
    class Returns(nn.Module):
        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return x, torch.relu(x)

    example = (torch.randn(IMAGE),)
    assert "output_0" in failure(Returns(), example, [example], ModelError)


def test_control_flow_on_values() -> None:
    class Branches(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.relu(x) if x.sum() > 0 else x + x

    example = (torch.randn(IMAGE),)
    assert "cannot capture" in failure(Branches(), example, [example], ModelError)


def test_exported_program_can_be_imported_again() -> None:
    """Folding normalisations must not reach the user's program."""
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).eval()
    nn.init.constant_(module[1].weight, 3.0)
    example = (torch.randn(IMAGE),)
    program = torch.export.export(module, example)
    first = import_model(program, None, [example])
    assert import_model(program, None, [example]) == first


def test_module_is_left_as_it_was() -> None:
    """Neither modes nor weights change, though normalisations are folded on the way."""
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout())
    module.train()
    module[2].eval()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    example = (torch.randn(IMAGE),)
    import_model(module, example, [example])
    assert [child.training for child in module] == [True, True, False]
    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name]), name
