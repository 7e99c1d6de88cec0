"""The shapes of TOSA that later stages match."""

from __future__ import annotations

import re

import pytest
import torch
from torch import nn

IMAGE = (1, 3, 8, 8)


def operators(text: str) -> list[str]:
    """Names of the operators in order, constants left out."""
    names = re.findall(r'= "?tosa\.(\w+)', text)
    return [name for name in names if name not in ("const", "const_shape")]


def test_convolution_is_conv_rescale_clamp(imported) -> None:
    text = imported(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), IMAGE).tosa.text
    assert operators(text) == ["conv2d", "rescale", "clamp"]
    assert "per_channel = true" in text
    assert "scale32 = false" in text
    assert "rounding_mode = SINGLE_ROUND" in text
    assert "max_val = 127 : i8, min_val = 0 : i8" in text


def test_linear_is_a_one_by_one_convolution(imported) -> None:
    text = imported(nn.Linear(20, 7), (1, 20)).tosa.text
    assert operators(text) == ["reshape", "conv2d", "rescale", "reshape"]
    assert "tensor<7x1x1x20xi8>" in text


def test_flattened_image_is_read_by_a_kernel_of_its_extent(imported) -> None:
    """No transpose: the weights take the order of the image."""
    text = imported(nn.Sequential(nn.Flatten(), nn.Linear(192, 5)), IMAGE).tosa.text
    assert operators(text) == ["conv2d", "rescale", "reshape"]
    assert "tensor<5x8x8x3xi8>" in text


def test_flattened_result_is_in_the_users_order(imported) -> None:
    text = imported(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten()), IMAGE).tosa.text
    assert operators(text) == ["conv2d", "rescale", "transpose", "reshape"]


def test_addition_widens_both_operands(imported) -> None:
    class Add(nn.Module):
        def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
            return torch.relu(a + b)

    text = imported(Add(), IMAGE, IMAGE).tosa.text
    assert operators(text) == ["rescale", "rescale", "add", "rescale", "clamp"]


def test_global_average_rounds_once(imported) -> None:
    text = imported(nn.AdaptiveAvgPool2d(1), IMAGE).tosa.text
    assert operators(text) == ["cast", "reduce_sum", "reduce_sum", "rescale"]


def test_average_over_windows_rounds_once(imported) -> None:
    text = imported(nn.AvgPool2d(2), IMAGE).tosa.text
    assert operators(text) == ["depthwise_conv2d", "rescale"]


def test_function_and_clamp_are_one_table(imported) -> None:
    text = imported(nn.Sequential(nn.SiLU(), nn.ReLU()), IMAGE).tosa.text
    assert operators(text) == ["table"]


def test_strided_convolution_trims_what_no_window_reaches(imported) -> None:
    """Padding first; where there is none, a slice: 8 columns, stride 2, 1x1 leave the last."""
    padded = imported(nn.Conv2d(3, 4, 3, stride=2, padding=1), IMAGE).tosa.text
    assert operators(padded) == ["conv2d", "rescale"]
    assert "pad = array<i64: 1, 0, 1, 0>" in padded
    sliced = imported(nn.Conv2d(3, 4, 1, stride=2), IMAGE).tosa.text
    assert operators(sliced) == ["slice", "conv2d", "rescale"]
    assert "tensor<1x7x7x3xi8>" in sliced


@pytest.mark.parametrize(
    "name", ["digits", "resnet8", "autoencoder", "resnet18", "mobilenet_v2", "ds_cnn"]
)
def test_zoo_needs_no_transpose(name: str, zoo_model) -> None:
    assert "tosa.transpose" not in zoo_model(name).tosa.text
