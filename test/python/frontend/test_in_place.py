"""In-place operators mean what they mean in PyTorch, or are refused."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from adfc.errors import UnsupportedOpError
from adfc.frontend import import_model

IMAGE = (1, 3, 6, 6)


class Net(nn.Module):
    def __init__(self, function) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(self.conv(x), x)


def later_reader(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    torch.relu_(y)
    return y + x  # reads what relu_ wrote


def earlier_reader(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    total = y + x  # reads y before
    return torch.relu_(y) + total


def chain(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    y.add_(x)
    y.relu_()
    return y + x


@pytest.mark.parametrize("function", [later_reader, earlier_reader, chain])
def test_in_place_result_is_seen_by_later_readers(function, imported) -> None:
    torch.manual_seed(3)
    module = Net(function)
    sample = (torch.randn(IMAGE),)
    result = imported(module, calibration=[sample])
    assert result.differences(sample)[0].max() <= 2.01
    with torch.no_grad():
        exact, simulated = module(*sample), result.simulation(*sample)
    assert ((exact - simulated) ** 2).mean() < 1e-3 * (exact**2).mean()


def view_read_later(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    rows = y.flatten(1)
    torch.relu_(y)
    return rows + x.flatten(1)


def base_read_later(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    torch.relu_(y.view(1, 108))
    return y + x


def view_of_a_view(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    rows = nn.functional.dropout(y, training=False).unsqueeze(0)
    y += x
    return rows.flatten(1) + x.flatten(1)


@pytest.mark.parametrize("function", [view_read_later, base_read_later, view_of_a_view])
def test_in_place_write_seen_through_a_view_is_refused(function) -> None:
    example = (torch.randn(IMAGE),)
    with pytest.raises(UnsupportedOpError, match="through a view"):
        import_model(Net(function), example, [example])


def test_input_overwritten_is_refused() -> None:
    class Overwrites(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.relu_() + x

    example = (torch.randn(IMAGE),)
    with pytest.raises(UnsupportedOpError, match="overwrites an input"):
        import_model(Overwrites(), example, [example])
