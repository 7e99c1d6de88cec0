"""--allow-host: the host runs exactly what the array cannot, and run, report and check say so."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from adfc.driver.options import CompileOptions
from adfc.errors import ImageError, InputError, UnsupportedOpError
from adfc.frontend.source import TorchSource
from adfc.metrics import sqnr_db
from adfc.pipeline.archive import write_archive
from adfc.pipeline.check import check_pipeline
from adfc.pipeline.compile import Partitioned, compile_pipeline, partitioned
from adfc.pipeline.pipeline import Pipeline
from adfc.program import Program

OPTIONS = CompileOptions(tiles=4, resident=False)


class Network(nn.Module):
    """Convolution, a cumulative sum, convolution, then a sort: array, host, array, host."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.second = nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        y = torch.relu(self.first(x))
        y = torch.cumsum(y, 3) * 0.25
        y = self.second(y)
        scores = torch.flatten(nn.functional.adaptive_avg_pool2d(y, 1), 1)
        values, _ = torch.sort(scores, descending=True)
        return values, y


def sample(seed: int) -> torch.Tensor:
    return torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(4)
    return Network().eval()


@pytest.fixture(scope="module")
def source(network: nn.Module) -> TorchSource:
    samples = [(sample(seed),) for seed in range(4)]
    return TorchSource("net", network, (sample(0),), samples, "four samples")


@pytest.fixture(scope="module")
def model(source: TorchSource) -> Partitioned:
    return partitioned(source)


@pytest.fixture(scope="module")
def pipeline(model: Partitioned) -> Pipeline:
    return compile_pipeline(model, OPTIONS)


def test_without_it_every_operator_is_an_error(source: TorchSource) -> None:
    with pytest.raises(UnsupportedOpError) as caught:
        source.to_tosa()
    listed = {op.op for op in caught.value.ops}
    assert {"aten.cumsum.default", "aten.sort.default"} <= listed
    assert all(f"{__file__}:" in op.source for op in caught.value.ops)


def test_exactly_those_are_the_host_s(source: TorchSource, model: Partitioned) -> None:
    with pytest.raises(UnsupportedOpError) as caught:
        source.to_tosa()
    refused = [op for op in caught.value.ops if "getitem" not in op.op]
    assert sorted(map(str, model.host_ops)) == sorted(map(str, refused))
    assert [segment.on_host for segment in model.segments] == [False, True, False, True]


def test_outputs_are_close_to_float(network: nn.Module, pipeline: Pipeline) -> None:
    for seed in range(2):
        run = pipeline.run_detailed(sample(seed).numpy(), keep_state=seed > 0)
        with torch.no_grad():
            expected = network(sample(seed))
        for found, wanted in zip(run.outputs, expected, strict=True):
            assert found.shape == tuple(wanted.shape)
            assert sqnr_db(wanted.numpy(), found) > 25


def test_host_parts_compute_what_torch_computes(pipeline: Pipeline) -> None:
    """The host's segments on given values: float32, not rounded."""
    sums, sort = pipeline.host_segments
    (name,) = sums.graph.inputs
    values = torch.randn(1, 8, 8, 8)
    (made,) = sums.graph.run({name: values}).values()
    assert torch.equal(made, torch.cumsum(values, 3))
    (name,) = sort.graph.inputs
    scores = torch.randn(1, 4)
    (made,) = sort.graph.run({name: scores}).values()
    assert torch.equal(made, torch.sort(scores, descending=True).values)


def test_file_is_the_same_each_time_and_comes_back(
    model: Partitioned, pipeline: Pipeline, tmp_path: Path
) -> None:
    path = tmp_path / "net.pipeline"
    pipeline.save(path)
    assert path.read_bytes() == write_archive(compile_pipeline(model, OPTIONS).parts)
    loaded = Pipeline.load(path)
    x = sample(9).numpy()
    for found, expected in zip(
        loaded.run_detailed(x).outputs, pipeline.run_detailed(x).outputs, strict=True
    ):
        np.testing.assert_array_equal(found, expected)
    assert Pipeline.is_pipeline(path)


def test_costs_say_what_ran_where(pipeline: Pipeline) -> None:
    segments, reports = pipeline.report()
    assert [s.side for s in segments] == ["array", "host", "array", "host"]
    assert segments[1].operators[0] == "aten.cumsum.default"
    assert segments[1].milliseconds > 0 and segments[1].cycles == 0
    assert segments[1].bytes == 2 * 4 * 8 * 8 * 8  # 8 x 8 x 8 floats in, as many out
    assert [r.modelled_cycles for r in reports] == [s.cycles for s in segments if s.cycles]


def test_check_compares_parts_and_the_whole(model: Partitioned) -> None:
    found = check_pipeline(model, OPTIONS, 1, layers=False)
    assert found.bit_exact
    assert len(found.parts) == 2 and found.sqnr_db > 25
    json.dumps(found.to_json())


def test_boards_and_other_commands_refuse_it(pipeline: Pipeline, tmp_path: Path) -> None:
    path = tmp_path / "net.pipeline"
    pipeline.save(path)
    with pytest.raises(ImageError, match="of which the host computes a part"):
        Program.load(path)


def test_damage_and_wrong_inputs_are_told(pipeline: Pipeline, tmp_path: Path) -> None:
    path = tmp_path / "net.pipeline"
    pipeline.save(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(ImageError):
        Pipeline.load(path)
    path.write_bytes(content[:1000])
    with pytest.raises(ImageError):
        Pipeline.load(path)
    with pytest.raises(InputError, match="expected float32"):
        pipeline.run(np.zeros((1, 3, 8, 9), np.float32))


def test_views_of_what_the_host_has_go_with_it() -> None:
    class Views(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv2d(3, 8, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.flatten(torch.erfinv(torch.sigmoid(self.first(x)) * 0.5), 1)

    source = TorchSource("v", Views().eval(), (sample(0),), [(sample(0),)], "one sample")
    model = partitioned(source)
    assert [segment.on_host for segment in model.segments] == [False, True]
    assert {op.reason for op in model.host_ops} == {
        "no kernel computes it",
        "it is a view of what the host has",
    }
