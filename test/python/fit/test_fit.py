"""`adfc fit` says what an image then holds, and what would make a model fit that does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adfc.cli.fit import fit_command
from adfc.driver.compile import compile_image
from adfc.driver.options import CompileOptions
from adfc.errors import CapacityError, InputError
from adfc.fit import Fit, engine_memory, fullest, judge
from adfc.footprint import measure
from adfc.frontend import TosaModel
from adfc.frontend.load import load_model
from adfc.image import read_image
from adfc.spec import devices

TOO_WIDE = """
import torch

def model():
    # Seven rows of the input alone are 7 * 4096 * 64 bytes, more than a memtile's 512 KB.
    return torch.nn.Conv2d(64, 16, 7, padding=3).eval(), (torch.ones(1, 64, 16, 4096),)
"""


@pytest.fixture(scope="module")
def tosa() -> TosaModel:
    return load_model("resnet8", state_dict=None).to_tosa()


@pytest.fixture(scope="module", params=[True, False])
def options(request: pytest.FixtureRequest) -> CompileOptions:
    return CompileOptions(resident=request.param)


@pytest.fixture(scope="module")
def found(tosa: TosaModel, options: CompileOptions) -> Fit:
    return judge(tosa, options, name="resnet8")


def test_ddr_is_what_the_image_asks_for(
    tosa: TosaModel, options: CompileOptions, found: Fit
) -> None:
    parts = read_image(compile_image(tosa, options, name="resnet8"))
    assert found.fits
    assert ("stay on the array" in found.form) == bool(parts.load_program)
    assert found.ddr["weights"] == len(parts.weights)
    assert found.ddr["activations"] == parts.io.arena_bytes
    assert found.ddr["program"] == len(parts.program)
    assert found.ddr["load program"] == len(parts.load_program)


def test_no_tile_has_more_than_the_device_gives(found: Fit) -> None:
    device = devices.load("ve2802")
    assert {entry.kind for entry in found.tiles} == {"core", "mem", "shim"}
    for entry in found.tiles:
        has = device.tile(entry.tile[1])
        assert entry.resources["buffer descriptors"].capacity == has.bds
        for name, resource in entry.resources.items():
            assert 0 <= resource.used <= resource.capacity, (entry.tile, name)


def test_what_a_core_tile_must_at_least_take(found: Fit) -> None:
    """Two inputs and an output: three DMA channels, a lock pair and a descriptor each."""
    cores = [entry for entry in found.tiles if entry.kind == "core"]
    busy = [entry for entry in cores if entry.resources["program memory"].used]
    assert busy
    most = {name: (resource, tile) for kind, name, resource, tile in fullest(busy)}
    for name, least in (
        ("S2MM channels", 2),
        ("MM2S channels", 1),
        ("DMA masters", 2),
        ("DMA slaves", 1),
        ("locks", 6),
        ("buffer descriptors", 3),
    ):
        assert most[name][0].used >= least, name


def test_weights_and_tensors_are_the_models(found: Fit) -> None:
    # 3x3: 3*16 + 2*16*16 + 16*32 + 32*32 + 32*64 + 64*64; 1x1: 16*32 + 32*64; 64*10, and
    # bias, multiplier and shift of 4 bytes each for 16+16+16+32+32+64+64+32+64+10 output channels.
    weights = 9 * (48 + 512 + 512 + 1024 + 2048 + 4096) + 512 + 2048 + 640
    assert found.weights == weights + 3 * 4 * 346
    assert found.largest_tensor == 32 * 32 * 16


def test_a_model_that_does_not_fit_says_what_is_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wide.py").write_text(TOO_WIDE)
    with pytest.raises(CapacityError, match="model does not fit") as caught:
        fit_command(f"{tmp_path / 'wide.py'}:model", device="npu1")
    printed = capsys.readouterr().out
    assert "does not fit" in printed
    assert "memory is exceeded by" in printed
    assert "smaller input, or fewer channels" in str(caught.value.hint)


def test_each_remedy_makes_it_fit(capsys: pytest.CaptureFixture[str]) -> None:
    """mobilenet_v2 does not stay on npu1's 20 core tiles and 5 memtiles."""
    with pytest.raises(CapacityError) as caught:
        fit_command("mobilenet_v2", device="npu1", resident=True, json_output=True)
    record = json.loads(capsys.readouterr().out)
    assert not record["fits"]
    assert "cannot stay on npu1" in record["over"][0]
    choices = [remedy["options"] for remedy in record["remedies"]]
    assert choices[0] == "without --resident"
    assert choices[0] in str(caught.value.hint)
    fit_command("mobilenet_v2", device="npu1", json_output=True)
    assert json.loads(capsys.readouterr().out)["fits"]


def test_engine_is_measured_for_the_processor() -> None:
    memory, made = engine_memory("thumbv7em"), measure("thumbv7em")
    assert memory.measured
    assert (memory.ram, memory.code) == (made.data + made.stack, made.text + made.ddr_check)
    with pytest.raises(InputError, match="did you mean thumbv7em"):
        try:
            fit_command("resnet8", processor="thumbv7")
        except InputError as error:
            raise InputError(str(error)) from error
