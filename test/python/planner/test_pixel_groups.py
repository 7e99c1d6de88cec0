"""Which words of a row output columns read, where pixels of an input lie without padding.

Expectations are worked out byte by byte: column x reads `span` pixels of `channels` bytes from
pixel x * stride - pad on.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from planner_layers import conv

from adfc.planner.graph import Axis, Graph, Layer
from adfc.planner.pixel_groups import PixelGroups
from adfc.planner.resident import plan_resident
from adfc.spec import devices


def test_colour_images_read_by_a_kernel_of_seven() -> None:
    """Two columns 6 bytes apart begin at bytes -9 and -3 of a row: words -3 and -1, 3 and 1 bytes
    before the first pixel. 21 bytes of each lie in 6 words. Four pixels are 3 words."""
    groups = PixelGroups.of(3, Axis(224, 2, 7, 3))
    assert groups == PixelGroups(row_words=168, step=3, run=6, first=-3, offsets=(0, 2))
    assert groups.window(0, 112) == (-3, 55 * 3 + 2 + 6)
    # A pooling's first window begins with column -1, the second of the group before.
    assert groups.window(-1, 113) == (-6, 56 * 3 + 2 + 6)
    assert groups.margins(-1, 113) == (6, 2)
    assert groups.columns_of_phases(-1, 113) == [56, 57]


@pytest.mark.parametrize(
    ("channels", "axis"),
    [
        (4, Axis(224, 2, 7, 3)),  # whole words
        (3, Axis(10, 1, 3, 1)),  # rows of 30 bytes
        (3, Axis(8, 2, 1, 0)),  # windows hold only the pixels that are read
        (3, Axis(8, 1, 1, 0, upsample=2)),
    ],
)
def test_what_cannot_be_read_so(channels: int, axis: Axis) -> None:
    assert PixelGroups.of(channels, axis) is None


@given(
    channels=st.integers(1, 7),
    stride=st.integers(1, 4),
    span=st.integers(1, 9),
    pad=st.integers(0, 4),
    words=st.integers(1, 30),
    column=st.integers(-2, 5),
    columns=st.integers(1, 20),
)
def test_runs_hold_what_columns_read(
    channels: int, stride: int, span: int, pad: int, words: int, column: int, columns: int
) -> None:
    groups = PixelGroups.of(channels, Axis(4 * words, stride, span, pad))
    assume(groups is not None)
    assert groups is not None
    assert groups.row_words == channels * words
    begin, size = groups.window(column, columns)
    phases = len(groups.offsets)
    for x in range(column, column + columns):
        group, phase = divmod(x, phases)
        run = groups.first + group * groups.step + groups.offsets[phase]
        first = channels * (x * stride - pad)
        assert 4 * run <= first < 4 * run + 4
        assert first + channels * span <= 4 * (run + groups.run)
        assert begin <= run
        assert run + groups.run <= begin + size
    before, after = groups.margins(column, columns)
    assert -before <= begin
    assert begin + size <= groups.row_words + after
    assert sum(groups.columns_of_phases(column, columns)) == columns


def test_only_a_convolution_that_reads_an_input_alone() -> None:
    def named(layer: Layer, name: str, *inputs: str) -> Layer:
        return replace(layer, name=name, inputs=inputs)

    first = conv(32, 32, 3, out=16, kernel=3, pad=1)
    alone = Graph((named(first, "a", "%0"), named(first, "b", "a")))
    assert [layer.unpadded is not None for layer in alone.unpadded().layers] == [True, False]
    assert alone.unpadded(["b"]) == alone
    twice = Graph((named(first, "a", "%0"), named(first, "b", "%0")))
    assert twice.unpadded() == twice


def test_rows_too_long_for_a_descriptor_are_padded() -> None:
    """600 pixels of 7 bytes are 1,050 words, and a descriptor counts 1,023 (AM025)."""
    for width, fits in ((584, True), (600, False)):
        layer = replace(conv(4, width, 7, out=8, kernel=4, stride=4), inputs=("%0",))
        plan = plan_resident(Graph((layer,)), devices.load("ve2802"), tiles=1)
        assert plan is not None
        assert plan[0].layers["conv"].unpadded == fits
