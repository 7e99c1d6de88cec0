"""int16 activations and weights of four bits: the array gives the TOSA reference model's bytes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_networks import Network, networks
from test_random_networks import TARGETS, assert_bit_exact
from torch import nn

from adfc.driver.options import CompileOptions
from adfc.errors import InputError, ModelError
from adfc.frontend import import_model
from adfc.frontend.export import export_graph
from adfc.frontend.quantize import quantize
from adfc.frontend.validate import validate_strict
from adfc.metrics import sqnr_db
from adfc.quantization import QuantizationOptions


class Forked(nn.Module):
    """Every kind of layer that may be int16, and what has int8 only between them."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv2d(3, 15, 3, padding=1)
        self.body = nn.Conv2d(15, 15, 3, padding=1)
        self.depthwise = nn.Conv2d(15, 15, 3, padding=1, groups=15)
        self.strided = nn.Conv2d(15, 24, 3, stride=2, padding=1)
        self.upper = nn.Linear(24 * 9, 33)
        self.head = nn.Linear(33, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.enter(x))
        y = self.depthwise(torch.relu(self.body(x)))
        x = torch.max_pool2d(nn.functional.relu6(x + y), 2)
        x = torch.flatten(torch.relu(self.strided(x)), 1)
        return self.head(torch.sigmoid(self.upper(x)))


def forked() -> Network:
    torch.manual_seed(2)
    return Network(Forked().eval(), torch.randn(1, 3, 11, 11))


@pytest.mark.parametrize(
    "mixed", ["body", "depthwise", "enter,add", "strided,upper,head", "*", "auto=2"]
)
def test_chosen_layers(mixed: str) -> None:
    assert_bit_exact(forked(), CompileOptions(), QuantizationOptions(mixed=mixed))


class Moved(nn.Module):
    """What moves int16 values, and averages of them; of odd numbers of channels."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(3, 15, 3, padding=1)
        self.b = nn.Conv2d(15, 10, 1)
        self.c = nn.Conv2d(25, 12, 3)
        self.d = nn.Conv2d(7, 9, 1)
        self.pool = nn.AvgPool2d(2)
        # A block of 9 * 9 weights is not whole words.
        self.e = nn.Conv2d(9, 9, 3, groups=9)
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(9, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.a(x))
        x = nn.functional.interpolate(torch.cat([x, self.b(x)], 1), scale_factor=2)
        x = self.c(nn.functional.pad(x, (1, 2, 0, 1)))
        x = torch.relu(self.e(self.pool(self.d(x[:, 3:10]))))
        return self.head(torch.flatten(self.mean(x), 1))


def moved() -> Network:
    torch.manual_seed(1)
    return Network(Moved().eval(), torch.randn(1, 3, 9, 10))


@pytest.mark.parametrize(
    ("mixed", "moves"),
    [("e", 0), ("b,c,mean", 3), ("*", 4)],
)
def test_what_moves_values_keeps_int16(mixed: str, moves: int) -> None:
    """Concatenation, resampling, padding and slice are int16 between layers that are."""
    network, quantization = moved(), QuantizationOptions(mixed=mixed)
    samples = [(network.example,)]
    tosa = import_model(network.module, samples[0], samples, quantization=quantization)
    kinds = ("tosa.concat", "tosa.resize", "tosa.pad ", "tosa.slice")
    wide = [
        kind
        for kind in kinds
        if any(kind in line and "xi16>" in line for line in tosa.text.splitlines())
    ]
    assert len(wide) == moves, wide
    assert_bit_exact(network, CompileOptions(), quantization)


def test_an_average_of_int8_may_be_int16() -> None:
    """Max pooling has int8 only; the mean of an image behind it is int16 for the next layer."""
    module = nn.Sequential(
        nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 3)
    ).eval()
    network = Network(module, torch.randn(1, 5, 9, 8))
    assert_bit_exact(network, CompileOptions(), QuantizationOptions(mixed="*"))


@pytest.mark.parametrize("mixed", ["body,head", "*"])
def test_chosen_layers_through_ddr(mixed: str) -> None:
    options = CompileOptions(tiles=3, resident=False)
    assert_bit_exact(forked(), options, QuantizationOptions(mixed=mixed))


def test_sums_beyond_32_bits() -> None:
    """5,000 inputs at their largest, all weights alike: sums of 2^34 and more."""
    torch.manual_seed(3)
    module = nn.Sequential(nn.Conv2d(2, 8, 1), nn.Flatten(), nn.Linear(8 * 25 * 25, 8)).eval()
    with torch.no_grad():
        module[0].weight.fill_(1.0)
        module[0].bias.fill_(0.0)
        module[2].weight.fill_(1.0)
    network = Network(module, torch.randn(1, 2, 25, 25))
    assert_bit_exact(network, CompileOptions(), QuantizationOptions(mixed="2"))


def test_what_is_written() -> None:
    """Chosen layers have int16 in and out, the model's outputs are int8; all of it valid TOSA."""
    network = forked()
    samples = [(network.example,)]
    chosen = QuantizationOptions(mixed="body")
    tosa = import_model(network.module, (network.example,), samples, quantization=chosen)
    validate_strict(tosa.text)
    convolutions = [line for line in tosa.text.splitlines() if "tosa.conv2d" in line]
    wide = [line for line in convolutions if "acc_type = i48" in line]
    assert len(wide) == 1 and "tensor<15x3x3x15xi8>, tensor<15xi48>" in wide[0]
    assert tosa.notes == ("int16 activations in 1 layer: body",)
    assert [spec.bits for spec in tosa.outputs] == [8]


@pytest.mark.parametrize(
    ("mixed", "message"),
    [
        ("max_pool2d", "'max_pool2d' .* has int8 activations only"),
        ("flatten", "'flatten' .* moves values only"),
        ("bodi", "the model has no such layer"),
        (",", "names no layer"),
    ],
)
def test_what_is_refused(mixed: str, message: str) -> None:
    network = forked()
    with pytest.raises(InputError, match=message):
        import_model(
            network.module,
            (network.example,),
            [(network.example,)],
            quantization=QuantizationOptions(mixed=mixed),
        )


def test_int16_in_another_order_is_refused() -> None:
    """Channels of a flattened image would have to be put behind each other; the layer is named."""

    class Regrouped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Conv2d(3, 6, 3, padding=1)
            self.b = nn.Conv2d(12, 8, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.b(self.a(x).flatten(1).view(1, 12, 4, 8))

    module, example = Regrouped().eval(), (torch.randn(1, 3, 8, 8),)
    with pytest.raises(ModelError, match=r"'b' \(.*int16 input would have to be put") as caught:
        import_model(module, example, [example], quantization=QuantizationOptions(mixed="*"))
    assert "--mixed" in (caught.value.hint or "")
    assert_bit_exact(Network(module, *example), CompileOptions(), QuantizationOptions(mixed="a"))


def test_int16_comes_closer_to_float() -> None:
    """Channels from 1 down to 2^-7.5 in one tensor: of 127 levels none is left to the weakest."""
    torch.manual_seed(4)
    layers = [nn.Conv2d(3, 16, 1), nn.ReLU(), nn.Conv2d(16, 16, 3, groups=16), nn.Conv2d(16, 8, 1)]
    module, gains = nn.Sequential(*layers).eval(), 2.0 ** -(torch.arange(16) / 2)
    with torch.no_grad():
        for parameter in layers[0].parameters():
            parameter.mul_(gains.reshape((-1,) + (1,) * (parameter.dim() - 1)))
        layers[2].get_parameter("weight").div_(gains[:, None, None, None])
    samples = [(torch.randn(1, 3, 12, 12),) for _ in range(3)]
    found: list[float] = []
    for mixed in ("", "2", "auto=1"):
        graph = export_graph(module, samples[0])
        quantized = quantize(graph, samples, QuantizationOptions(mixed=mixed))
        with torch.no_grad():
            pairs = [(module(*s).numpy(), quantized.graph(*s).numpy()) for s in samples]
        exact, simulated = (np.concatenate(side) for side in zip(*pairs, strict=True))
        found.append(sqnr_db(exact, simulated))
    assert found[1] > found[0] + 10
    assert found[2] == found[1]  # it finds that layer


@pytest.mark.parametrize("resident", [None, False])
def test_weights_of_four_bits(resident: bool | None) -> None:
    network, options = forked(), CompileOptions(resident=resident)
    assert_bit_exact(network, options, QuantizationOptions(weight_bits=4))
    # int16 activations have int8 weights, of as few levels.
    assert_bit_exact(network, options, QuantizationOptions(weight_bits=4, mixed="body"))


@settings(
    max_examples=6,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(network=networks(), options=st.sampled_from(TARGETS), bits=st.sampled_from([4, 8]))
def test_random_networks(network: Network, options: CompileOptions, bits: int) -> None:
    _assert_mixed(network, options, bits)


@pytest.mark.slow
@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(network=networks(), options=st.sampled_from(TARGETS), bits=st.sampled_from([4, 8]))
def test_many_random_networks(network: Network, options: CompileOptions, bits: int) -> None:
    _assert_mixed(network, options, bits)


def _assert_mixed(network: Network, options: CompileOptions, bits: int) -> None:
    """All layers that may be int16 are; networks without one are passed over."""
    try:
        assert_bit_exact(network, options, QuantizationOptions(mixed="*", weight_bits=bits))
    except (InputError, ModelError) as error:
        assume("int8 activations only" not in str(error))
        assume("moves values only" not in str(error))
        assume("put into another order" not in str(error))
        assume("no such layer" not in str(error))
        raise
