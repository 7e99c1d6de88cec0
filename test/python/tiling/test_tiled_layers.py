"""A planned and tiled layer computes, byte for byte, what the layer is by definition.

The planner chooses the schedule, adf-tile obeys it, and `tiled_run` executes the tiled program. It
is placed, routed and verified too, so that what the planner calls fitting does fit.
"""

import random
import subprocess

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from layers import Array, make_layer
from tiled_run import run

from adfc._native import native_file
from adfc.errors import AdfcError
from adfc.planner import Graph, plan
from adfc.spec import devices

try:
    ADF_OPT = str(native_file("bin/adf-opt"))
except AdfcError as error:
    pytest.skip(str(error), allow_module_level=True)


def adf_opt(text: str, *arguments: str) -> str:
    done = subprocess.run(
        [ADF_OPT, *arguments], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def stored(image: Array) -> Array:
    """An activation as it stands in DDR: channels padded with zeros to whole words."""
    padding = -image.shape[2] % 4
    padded = np.pad(image, ((0, 0), (0, 0), (0, padding)))
    return padded.reshape(-1).view(np.uint8)


# No shrinking: the seed is what tells one case from another.
@settings(max_examples=60, phases=(Phase.explicit, Phase.generate))
@given(
    seed=st.integers(0, 2**32),
    name=st.sampled_from(["ve2802", "ve2302", "npu1"]),
    tiles=st.sampled_from([1, 2, 3, 4, 7, 16, 20]),
)
def test_tiled_layers_compute_what_they_are(
    tmp_path_factory: pytest.TempPathFactory, seed: int, name: str, tiles: int
) -> None:
    layer = make_layer(random.Random(seed))
    device = devices.load(name)
    graph = Graph.from_json(adf_opt(layer.text, "-adf-export-graph", "-o", "/dev/null"))
    schedule = tmp_path_factory.getbasetemp() / "schedule.json"
    schedule.write_text(plan(graph, device, tiles=tiles).to_json())
    tiled = adf_opt(layer.text, f"-adf-apply-schedule=file={schedule}", "-adf-tile")
    (output,) = run(tiled, [stored(layer.input)])
    channels = layer.expected.shape[2]
    found = output.view(np.int8).reshape(*layer.expected.shape[:2], -1)
    np.testing.assert_array_equal(found[..., :channels], layer.expected)
    # Channels of padding stay zero: the next layer reads them.
    assert not found[..., channels:].any()
    adf_opt(tiled, "-adf-place", "-adf-route", "-adf-allocate", "-adf-verify-placed")
