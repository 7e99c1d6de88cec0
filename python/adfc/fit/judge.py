"""Whether a model fits: as far down the pipeline as registers, without kernels and image."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from adfc.driver import passes
from adfc.driver.compile import Lowered, Progress, encoded_parts
from adfc.driver.ir import parse
from adfc.driver.options import CompileOptions
from adfc.driver.target import Target, resolve
from adfc.errors import CapacityError
from adfc.fit.remedies import Remedy, remedies
from adfc.fit.usage import TileUsage, capacity_of, tile_usage
from adfc.frontend import TosaModel
from adfc.image import ImageParts
from adfc.insight.replay import replay
from adfc.metadata import Metadata
from adfc.planner import Graph, choose, misfits


@dataclass(frozen=True)
class Fit:
    """The answer. Sizes in bytes.

    `over` says what is exceeded, a line each; empty where the model fits. `weights` and
    `activations` (the largest tensor) are the model's own, known in both cases; `ddr` and `tiles`
    are empty where the model does not fit.
    """

    model: str
    device: str
    core_tiles: int
    form: str
    weights: int
    largest_tensor: int
    capacity: dict[str, int]
    over: tuple[str, ...]
    remedies: tuple[Remedy, ...]
    ddr: dict[str, int]
    tiles: tuple[TileUsage, ...]

    @property
    def fits(self) -> bool:
        """Whether nothing is exceeded."""
        return not self.over

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "model": self.model,
            "device": self.device,
            "core_tiles": self.core_tiles,
            "fits": self.fits,
            "form": self.form if self.fits else None,
            "over": list(self.over),
            "remedies": [{"options": r.options, "found": r.found} for r in self.remedies],
            "weight_bytes": self.weights,
            "largest_tensor_bytes": self.largest_tensor,
            "array_bytes": self.capacity,
            "ddr_bytes": self.ddr,
            "tiles": [tile.to_json() for tile in self.tiles],
        }


def judge(
    tosa: TosaModel, options: CompileOptions, *, name: str, progress: Progress = lambda _: None
) -> Fit:
    """Plan and place the model. Raises CompileError where a pass refuses it for what it is, and
    what `adfc.driver.target.resolve` raises; what does not fit is in the answer."""
    target = resolve(options)
    progress("fusing")
    module = parse(tosa.text)
    module.run(passes.FUSE)
    graph = module.graph()
    progress("planning")
    try:
        schedule = (
            target.schedule
            or choose(
                graph,
                target.device,
                tiles=target.tiles,
                avoid=target.avoid,
                resident=options.resident,
            ).schedule
        )
        parts = _place(tosa, Lowered(module, graph, schedule), name, progress)
    except CapacityError as error:
        progress("trying other options")
        found = misfits(graph, target.device, tiles=target.tiles)
        over = tuple(e.message for e in found) or (error.message,)
        return _answer(name, target, graph, over=over, remedies=remedies(graph, options, target))
    progress("counting")
    usage = tile_usage(parts, replay(parts, Metadata.of(parts)), parts.kernels)
    return _answer(name, target, graph, form=schedule.form, parts=parts, tiles=usage)


def _place(tosa: TosaModel, fused: Lowered, name: str, progress: Progress) -> ImageParts:
    fused.module.apply_schedule(fused.schedule)
    for stage in (passes.ARRAY, passes.CONTROL):
        progress(f"lowering to {stage.level}")
        fused.module.run(stage)
    return encoded_parts(tosa, fused, fused.module.encode(), name)


def _answer(
    name: str,
    target: Target,
    graph: Graph,
    *,
    over: tuple[str, ...] = (),
    remedies: tuple[Remedy, ...] = (),
    form: str = "",
    parts: ImageParts | None = None,
    tiles: tuple[TileUsage, ...] = (),
) -> Fit:
    tensors = (prod(extent) for layer in graph.layers for extent in (layer.input, layer.output))
    ddr: dict[str, int] = {}
    if parts is not None:
        ddr = {
            "inputs": parts.io.input_bytes,
            "outputs": parts.io.output_bytes,
            "activations": parts.io.arena_bytes,
            "weights": len(parts.weights),
            "program": len(parts.program),
            "load program": len(parts.load_program),
            "core programs": len(parts.core_programs),
        }
    return Fit(
        model=name,
        device=target.device.name,
        core_tiles=target.tiles,
        form=form,
        weights=sum(layer.weight_bytes for layer in graph.layers),
        largest_tensor=max(tensors, default=0),
        capacity=capacity_of(target.device),
        over=over,
        remedies=remedies,
        ddr=ddr,
        tiles=tiles,
    )
