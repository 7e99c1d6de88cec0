"""torch.compile(backend="adfc"): same bytes as adfc.compile, and adfc's own errors."""

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import adfc
import adfc.torch_compile
from adfc.errors import InputError, ModelError, UnsupportedOpError
from adfc.program import Program

TILES = {"tiles": 4, "resident": False}


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
        self.head = nn.Linear(8, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.layers(x) + 0.25
        return self.head(torch.flatten(nn.functional.adaptive_avg_pool2d(y, 1), 1))


class Unsupported(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.cumsum(x, 3)
        return torch.erfinv(y)


@pytest.fixture(autouse=True)
def fresh() -> Generator[None]:
    torch.compiler.reset()
    with torch.no_grad():
        yield
    torch.compiler.reset()


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(1)
    return Network().eval()


@pytest.fixture(scope="module")
def example() -> torch.Tensor:
    return torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(2))


def compiled(module: nn.Module, **options: Any) -> Any:
    return torch.compile(module, backend="adfc", dynamic=False, options={**TILES, **options})


def test_backend_is_registered() -> None:
    assert "adfc" in torch.compiler.list_backends(exclude_tags=())


def test_it_gives_what_adfc_compile_gives(network: nn.Module, example: torch.Tensor) -> None:
    """Calibrated on the first call's inputs, on the array: the same bytes for other inputs too."""
    programs: list[Program] = []
    module = compiled(network, on_program=programs.append)
    direct = adfc.compile(network, (example,), **TILES)
    for x in (example, 0.5 * example):
        np.testing.assert_array_equal(module(x).numpy(), direct.run(x.numpy()))
    (program,) = programs
    assert program.parts.program == direct.parts.program
    assert program.parts.weights == direct.parts.weights
    assert [layer.place for layer in program.layers] == [layer.place for layer in direct.layers]
    assert [layer.name for layer in program.layers] == [layer.name for layer in direct.layers]


def test_calibration_that_is_given(network: nn.Module, example: torch.Tensor) -> None:
    programs: list[Program] = []
    compiled(network, calibration=[4 * example], on_program=programs.append)(example)
    assert programs[0].inputs[0].scale == pytest.approx(float(4 * example.abs().max()) / 127)


def test_unsupported_operators_are_all_listed(example: torch.Tensor) -> None:
    module = compiled(Unsupported())
    for _ in range(2):  # the second call too, without compiling again
        with pytest.raises(UnsupportedOpError) as caught:
            module(example)
        assert {op.op for op in caught.value.ops} == {"aten.cumsum.default", "aten.erfinv.default"}
        assert all(__file__ in op.source for op in caught.value.ops)


def test_graph_breaks_are_refused(network: nn.Module, example: torch.Tensor) -> None:
    class Broken(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = network(x)
            torch._dynamo.graph_break()
            return torch.relu(y)

    with pytest.raises(ModelError, match="several graphs in forward"):
        compiled(Broken())(example)


def test_changed_parameters_are_told(example: torch.Tensor) -> None:
    layer = nn.Conv2d(3, 8, 3).eval()
    module = compiled(layer)
    module(example)
    layer.weight.mul_(2)
    with pytest.raises(ModelError, match="parameters have changed"):
        module(example)
    torch.compiler.reset()
    module(example)


def test_wrong_options_are_told(network: nn.Module, example: torch.Tensor) -> None:
    with pytest.raises(InputError, match="did you mean calibration"):
        compiled(network, calibrations=[])(example)
    with pytest.raises(InputError, match='mode="max-autotune" is not for adfc'):
        torch.compile(network, backend="adfc", mode="max-autotune")(example)


def test_dynamic_shapes_are_refused(network: nn.Module) -> None:
    module = torch.compile(network, backend="adfc", dynamic=True, options=TILES)
    with pytest.raises(ModelError, match="dynamic=False"):
        module(torch.randn(1, 3, 9, 9))
