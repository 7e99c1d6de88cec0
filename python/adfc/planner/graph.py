"""The fused graph as the planner sees it: one `Layer` per kernel operation."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adfc.errors import CompileError
from adfc.planner.pixel_groups import WORD, PixelGroups
from adfc.spec.kernels import Slots

OUT_CHANNEL_MULTIPLE = 8
"""Output channels of a tile are a multiple of this (the kernels' vector width)."""


def ceil_div(value: int, by: int) -> int:
    """Quotient rounded up."""
    return -(-value // by)


def round_up(value: int, multiple: int) -> int:
    """The least multiple of `multiple` that is not below `value`."""
    return ceil_div(value, multiple) * multiple


def stored_words(extent: tuple[int, int, int]) -> int:
    """Words of a tensor of so many rows, columns and channels (bytes) as it stands in memory."""
    rows, columns, channels = extent
    return rows * columns * round_up(channels, WORD) // WORD


@dataclass(frozen=True)
class Axis:
    """How the output positions of one axis read input positions.

    Output o reads [first, first + span) with first = floor((o * stride - pad) / upsample); `size`
    input positions exist.
    """

    size: int
    stride: int
    span: int
    pad: int
    upsample: int = 1

    def first(self, output: int) -> int:
        """The first input position that an output reads."""
        return (output * self.stride - self.pad) // self.upsample

    @property
    def period(self) -> int:
        """Outputs after which positions repeat: windows begin at multiples of it."""
        return self.upsample // math.gcd(self.stride, self.upsample)

    def extent(self, outputs: int) -> int:
        """Input positions from the first to the last that `outputs` neighbouring outputs read."""
        return self.first(outputs - 1) - self.first(0) + self.span

    def window(self, outputs: int) -> int:
        """Positions of a window for `outputs` outputs: with a span of 1 only every stride-th."""
        skips = self.span == 1 and self.upsample == 1
        return outputs if skips else self.extent(outputs)


@dataclass(frozen=True)
class Layer:
    """One kernel operation: extents are (rows, columns, channels) of NHWC tensors with batch 1.

    `activations` windows are read per call, each of the input's extent. `taps` is kernel height x
    width where each pair of input and output channels has weights, else 0. A weights block has
    `block_bytes`, and `parameter_bytes` more for each output channel. `channelwise`: output channel
    i reads input channel i only. `all_channels`: a call makes all of them, from all input channels.
    `column_weights`: each output column has a weights block of its own, and a call one column.
    `passes` is how often a call goes over its data. `macs` and `weight_bytes` are without padding.
    `inputs` names the layers that make the activations, "%N" the graph's input N, "" a constant;
    `streamed` likewise what comes as weights; `given`: the result is an output of the network;
    `views`: an operand or the result is a part of a tensor, or is made of parts. `cost`: where the
    layer says it itself, instructions for 32 bytes of the result, or of an input that is larger.
    `unpadded`: how it reads an input whose pixels lie without padding, where they do.
    `scratch`: bytes of memory that a call uses as it likes. `element_bytes` of the activations and
    of the result: int16 ones have two channels of bytes each. `weight_bits`: of a weight in a
    block.
    """

    name: str
    kind: str
    activations: int
    channelwise: bool
    input: tuple[int, int, int]
    output: tuple[int, int, int]
    rows: Axis
    columns: Axis
    taps: int
    block_bytes: int
    parameter_bytes: int
    macs: int
    weight_bytes: int
    location: str
    all_channels: bool = False
    column_weights: bool = False
    passes: int = 1
    inputs: tuple[str, ...] = ()
    streamed: str | None = None
    given: bool = False
    views: bool = False
    cost: Slots | None = None
    scratch: int = 0
    element_bytes: tuple[int, int] = (1, 1)
    weight_bits: int = 8
    unpadded: PixelGroups | None = None

    def to_json(self) -> dict[str, Any]:
        """What `from_json` makes an equal Layer of, without the place in the user's program."""
        return {
            "name": self.name,
            "kind": self.kind,
            "inputs": list(self.inputs),
            "streamed": self.streamed,
            "given": self.given,
            "views": self.views,
            "channelwise": self.channelwise,
            "all_channels": self.all_channels,
            "column_weights": self.column_weights,
            "passes": self.passes,
            "input_shapes": [list(self.input)],
            "output_shape": list(self.output),
            "rows": _axis_json(self.rows),
            "columns": _axis_json(self.columns),
            "weights_block": {
                "fixed": self.block_bytes,
                "per_output": self.parameter_bytes,
                "per_pair": self.taps,
            },
            "macs": self.macs,
            "weight_bytes": self.weight_bytes,
            "location": "",
            **({"element_bytes": list(self.element_bytes)} if self.wide else {}),
            **({"weight_bits": self.weight_bits} if self.weight_bits != 8 else {}),
        }

    @property
    def adds_up(self) -> bool:
        """Whether several calls with parts of the input channels make a result."""
        alone = self.channelwise or self.all_channels
        return bool(self.products) and self.has_weights and not alone

    def shape(self) -> Layer:
        """The layer without name, place and inputs: equal for layers that are scheduled alike."""
        return replace(
            self, name="", location="", inputs=(), streamed=None, given=False, views=False
        )

    @property
    def wide(self) -> bool:
        """Whether activations or the result are int16."""
        return self.element_bytes != (1, 1)

    @property
    def in_channels(self) -> int:
        """Input channels as they stand in memory, padded to whole words."""
        return round_up(self.input[2], WORD)

    @property
    def products(self) -> int:
        """Products of each pair of an output value and an input channel; 0: there are none."""
        return self.taps or int(self.macs > 0 and not self.channelwise)

    @property
    def kernel_rows(self) -> int:
        """Rows of a kernel whose taps lie side by side."""
        return self.taps // self.columns.span

    @property
    def pixel_groups(self) -> PixelGroups | None:
        """How the layer could read an input whose pixels lie without padding, if it can."""
        plain = self.rows.span * self.columns.span == self.taps and self.weight_bits == 8
        alone = len(self.inputs) == 1 and self.inputs[0].startswith("%") and not self.views
        if self.kind != "conv2d" or not (plain and alone) or self.wide:
            return None
        return PixelGroups.of(self.input[2], self.columns)

    @property
    def weight_strips(self) -> int:
        """Strips of output columns that have weights blocks of their own."""
        return self.columns.size if self.column_weights else 1

    @property
    def pixel(self) -> str | None:
        """Where what comes as weights is one pixel for all of the layer's, who makes it."""
        return self.streamed if self.channelwise and not self.column_weights else None

    @property
    def has_weights(self) -> bool:
        """Whether calls read a weights block."""
        return self.block_bytes + self.parameter_bytes + self.taps > 0

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Layer:
        """The layer that a JSON object of the graph describes."""
        extent = _extent(data["input_shapes"][0])
        return Layer(
            name=data["name"],
            kind=data["kind"],
            activations=len(data["inputs"]),
            channelwise=data["channelwise"],
            all_channels=data["all_channels"],
            column_weights=data["column_weights"],
            passes=data["passes"],
            input=extent,
            output=_extent(data["output_shape"]),
            rows=Axis(size=extent[0], **data["rows"]),
            columns=Axis(size=extent[1], **data["columns"]),
            taps=data["weights_block"]["per_pair"],
            block_bytes=data["weights_block"]["fixed"],
            parameter_bytes=data["weights_block"]["per_output"],
            macs=data["macs"],
            weight_bytes=data["weight_bytes"],
            location=data["location"],
            inputs=tuple(data["inputs"]),
            streamed=data.get("streamed"),
            given=data.get("given", False),
            views=data.get("views", False),
            cost=Slots(**data["cost"]) if "cost" in data else None,
            scratch=data.get("scratch", 0),
            element_bytes=_bytes_of_elements(data.get("element_bytes", (1, 1))),
            weight_bits=data.get("weight_bits", 8),
        )


def _axis_json(axis: Axis) -> dict[str, int]:
    return {"stride": axis.stride, "span": axis.span, "pad": axis.pad}


def _bytes_of_elements(values: Sequence[int]) -> tuple[int, int]:
    first, second = values
    return first, second


def _extent(values: list[int]) -> tuple[int, int, int]:
    rows, columns, channels = values
    return rows, columns, channels


@dataclass(frozen=True)
class Graph:
    """A fused graph, its layers in the order in which they run."""

    layers: tuple[Layer, ...]

    @property
    def outputs(self) -> set[str]:
        """Names of the layers whose results the network gives, or nothing reads."""
        read = {name for layer in self.layers for name in (*layer.inputs, layer.streamed)}
        return {layer.name for layer in self.layers if layer.given or layer.name not in read}

    @property
    def reads(self) -> Counter[str]:
        """How often layers read each tensor as an activation, by the names in `Layer.inputs`."""
        return Counter(name for layer in self.layers for name in layer.inputs)

    @property
    def inputs(self) -> dict[str, tuple[int, int, int]]:
        """The extents of the graph's inputs by their names in `Layer.inputs`."""
        return {
            name: layer.input
            for layer in self.layers
            for name in layer.inputs
            if name.startswith("%")
        }

    def unpadded(self, names: Collection[str] | None = None) -> Graph:
        """The graph with the pixels of inputs without padding, where a layer can read them so and
        no other reads them; `names`: of these layers alone."""
        reads = self.reads

        def read(layer: Layer) -> Layer:
            groups = layer.pixel_groups if names is None or layer.name in names else None
            if groups is None or reads[layer.inputs[0]] > 1:
                return layer
            return replace(layer, unpadded=groups)

        return Graph(tuple(map(read, self.layers)))

    def to_json(self) -> list[dict[str, Any]]:
        """What `of` makes an equal graph of, without places in the user's program."""
        return [layer.to_json() for layer in self.layers]

    @staticmethod
    def of(data: Iterable[Mapping[str, Any]]) -> Graph:
        """The graph that `to_json` described; KeyError, TypeError or ValueError for another one."""
        return Graph(tuple(Layer.from_json(layer) for layer in data))

    @staticmethod
    def from_json(text: str) -> Graph:
        """Read what `adf-export-graph` prints. Raises CompileError where a field is missing."""
        try:
            return Graph.of(json.loads(text))
        except (KeyError, TypeError, ValueError) as error:
            raise CompileError(f"not a graph description: {error!r}") from error
