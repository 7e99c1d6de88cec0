"""What would make a layer faster, by what its core tiles spend most of their time on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adfc.insight.attribution import KERNEL, LOCKS, NOT_RUNNING
from adfc.insight.causes import Reason
from adfc.metadata import LayerInfo, Metadata
from adfc.planner.graph import OUT_CHANNEL_MULTIPLE, Layer, ceil_div

_FINDINGS: Mapping[str, str] = {
    KERNEL: "the kernels compute",
    "other kernel": "cores wait for other cores' kernels: the work is shared out unevenly",
    Reason.STREAM: "data comes at a word a cycle",
    Reason.DDR: "DDR's bandwidth is shared by too many streams: keep data on chip, or move less",
    Reason.LATENCY: "DDR's answer takes long: fewer, longer transfers would help",
    Reason.DMA: "many short transfers: larger buffers would help",
    Reason.CONTROL: "the control program has not started what is waited for",
    Reason.LOCK: "waits in a circle",
    NOT_RUNNING: "cores stand idle while the layer is set up, filled and drained",
    LOCKS: "lock requests take the time: larger tiles per call would help",
}

_SHARED_OUT = (KERNEL, Reason.STREAM)
"""What falls with the number of core tiles that share the layer."""


@dataclass(frozen=True)
class Sharing:
    """How a layer is shared out: over `cores` of the `tiles` that the program may use.

    `most`: how many can share it at most, None where the layer's shape is not known. `device_tiles`
    are there in all.
    """

    cores: int
    tiles: int
    device: str
    device_tiles: int
    most: int | None

    @property
    def outlook(self) -> str:
        """Whether more core tiles could share it."""
        if self.most is None:
            return "more kernels side by side would help"
        if self.cores >= self.most:
            return f"no more than {self.most} core tiles can share its rows and channels"
        more = f"--tiles, {self.device} has {self.device_tiles}"
        may_grow = self.tiles < min(self.device_tiles, self.most)
        if self.cores < self.tiles:
            found = (
                f"of {self.tiles} core tiles the planner found no faster way to use more than "
                f"{self.cores} for it"
            )
            return f"{found}; of more ({more}) it may" if may_grow else found
        if may_grow:
            return f"more core tiles may help ({more})"
        return f"it has all {self.tiles} core tiles of {self.device}"


def sharing(metadata: Metadata) -> dict[int, Sharing]:
    """How each layer is shared out, by its number in the program."""
    known = {} if metadata.graph is None else {entry.name: entry for entry in metadata.graph.layers}
    return {
        number: Sharing(
            layer.cores,
            metadata.tiles,
            metadata.device.name,
            metadata.device.core_tiles,
            _most(layer, known),
        )
        for number, layer in enumerate(metadata.layers)
    }


def _most(info: LayerInfo, known: Mapping[str, Layer]) -> int | None:
    """Core tiles that can share a phase, of several layers the one that most can share."""
    found = [known[name] for name in info.name.split(" + ") if name in known]
    return max(map(_positions, found), default=None)


def _positions(layer: Layer) -> int:
    """Output rows, times groups of output channels where a call need not make them all."""
    rows, _, channels = layer.output
    return rows * (1 if layer.all_channels else ceil_div(channels, OUT_CHANNEL_MULTIPLE))


def advice(reason: str, shared: Sharing) -> str:
    """What there is to do about a reason of `LayerTime.spent`."""
    finding = _FINDINGS.get(reason, "")
    return f"{finding}: {shared.outlook}" if reason in _SHARED_OUT else finding
