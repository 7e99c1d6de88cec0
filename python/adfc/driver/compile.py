"""TOSA in, program image out: runs the stages of `adfc.driver.passes` one after the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import adfc
from adfc.driver import passes
from adfc.driver.debug import debug_layers
from adfc.driver.ir import Encoded, Ir, parse
from adfc.driver.kernel_cache import KernelCache
from adfc.driver.kernel_code import compile_kernels
from adfc.driver.options import CompileOptions
from adfc.driver.route_tries import RouteTries
from adfc.driver.target import Target, resolve
from adfc.errors import CapacityError, CompileError, UnroutableError
from adfc.frontend import TosaModel
from adfc.image import ImageParts, boundary, write_image
from adfc.planner import Choice, Graph, Schedule, choose
from adfc.planner.pipeline import plan_pipelines
from adfc.planner.through_ddr import GIVEN, UNROUTABLE

Progress = Callable[[str], None]
"""Is told the name of each step as it begins."""

PassWatch = Callable[[str, Ir], None]
"""Is told the name of each pass, and what it is about to run on."""

HOST_ISAS = ("x86_64", "x86_64-vnni", "x86_64-amx")
"""Instruction sets that every image carries kernel code for; the runtime picks one."""


@dataclass(frozen=True)
class Lowered:
    """The IR of a level, the fused graph that it was made from, and the schedule that it obeys.

    `why_through_ddr`: why the schedule is not resident (adfc.planner.through_ddr); "" where it is.
    """

    module: Ir
    graph: Graph
    schedule: Schedule
    why_through_ddr: str = ""


def lower(
    tosa: TosaModel,
    options: CompileOptions,
    level: str,
    progress: Progress = lambda _: None,
    watch: PassWatch = lambda _name, _module: None,
) -> Lowered:
    """Lower TOSA text as far as `level` (one of `passes.LEVELS`).

    Raises CapacityError where the model does not fit the device, CompileError where a pass refuses
    the program, and what `adfc.driver.target.resolve` raises.
    """
    target = resolve(options)
    module = _fuse(tosa, progress, watch)
    progress("planning")
    graph, schedule = module.graph(), target.schedule
    if schedule is None and options.batch is not None:
        return _pipelined(module, graph, target, options.batch, level, progress, watch)
    if schedule is not None:
        lowered = _run(module, graph, schedule, level, progress, watch)
        stays = schedule.resident is not None or schedule.batch is not None
        return lowered if stays else replace(lowered, why_through_ddr=GIVEN)

    def chosen(tiles: int, resident: bool | None) -> Choice:
        found = choose(graph, target.device, tiles=tiles, avoid=target.avoid, resident=resident)
        return replace(found, schedule=replace(found.schedule, tiles=target.tiles))

    choice = chosen(target.tiles, options.resident)
    try:
        lowered = _run(module, graph, choice.schedule, level, progress, watch)
        return replace(lowered, why_through_ddr=choice.why_through_ddr)
    except UnroutableError:
        kept = choice.schedule.resident
        if kept is None:
            raise
    # Streams are not planned for: all of a resident program's at once may be too many.
    progress("planning with fewer core tiles: not all streams could be routed")
    try:
        schedule = chosen(max(kept.sets * kept.cores - 1, 1), resident=True).schedule
        module = _fuse(tosa, progress, watch)
        return _run(module, graph, schedule, level, progress, watch)
    except (CapacityError, CompileError):
        if options.resident:
            raise
    progress("planning layer after layer: not all streams could be routed")
    module = _fuse(tosa, progress, watch)
    schedule = chosen(target.tiles, resident=False).schedule
    lowered = _run(module, graph, schedule, level, progress, watch)
    return replace(lowered, why_through_ddr=UNROUTABLE)


def _pipelined(
    module: Ir,
    graph: Graph,
    target: Target,
    batch: int,
    level: str,
    progress: Progress,
    watch: PassWatch,
) -> Lowered:
    """The passes behind planning a pipeline, and again for other plans where streams find no
    way."""
    text = module.text() if level != passes.FUSE.level else ""
    plan = partial(
        plan_pipelines,
        graph,
        target.device,
        tiles=target.tiles,
        batch=batch,
        avoid=target.avoid,
    )
    tries = RouteTries(plan)
    while True:
        try:
            return _run(module, graph, tries.schedule, level, progress, watch)
        except UnroutableError as error:
            again = tries.failed(error.segment)
            if not again:
                raise
        progress(f"planning {again}: not all streams could be routed")
        module = parse(text)


def _fuse(tosa: TosaModel, progress: Progress, watch: PassWatch) -> Ir:
    progress("reading TOSA")
    module = parse(tosa.text)
    module.run(passes.FUSE, _telling(module, progress, watch))
    return module


def _run(
    module: Ir,
    graph: Graph,
    schedule: Schedule,
    level: str,
    progress: Progress,
    watch: PassWatch,
) -> Lowered:
    """The passes behind planning, as far as `level`."""
    module.apply_schedule(schedule)
    for stage in (passes.ARRAY, passes.CONTROL, passes.NATIVE):
        if passes.LEVELS.index(stage.level) <= passes.LEVELS.index(level):
            module.run(stage, _telling(module, progress, watch))
    return Lowered(module, graph, schedule)


def _telling(module: Ir, progress: Progress, watch: PassWatch) -> Progress:
    def before(name: str) -> None:
        progress(name)
        watch(name, module)

    return before


def compile_image(
    tosa: TosaModel,
    options: CompileOptions,
    *,
    name: str,
    progress: Progress = lambda _: None,
    isas: Sequence[str] = HOST_ISAS,
    watch: PassWatch = lambda _name, _module: None,
) -> bytes:
    """Compile TOSA text to a program image's bytes, with kernel code for `isas`.

    Errors as `lower`, and ToolError.
    """
    lowered = lower(tosa, options, passes.CONTROL.level, progress, watch)
    encoded = lowered.module.encode()
    tosa = of_batch(tosa, lowered.schedule.batch)
    progress("compiling kernels")
    cache = KernelCache.default() if options.cache else None
    code = compile_kernels(encoded.kernels, isas, cache) if encoded.kernels else {}
    progress("writing the image")
    return write_image(replace(encoded_parts(tosa, lowered, encoded, name), code=code))


def of_batch(tosa: TosaModel, batch: int | None) -> TosaModel:
    """The model with boundary tensors of a batch of images."""
    if batch is None:
        return tosa
    return replace(
        tosa,
        inputs=tuple(spec.of_batch(batch) for spec in tosa.inputs),
        outputs=tuple(spec.of_batch(batch) for spec in tosa.outputs),
    )


def encoded_parts(tosa: TosaModel, lowered: Lowered, encoded: Encoded, name: str) -> ImageParts:
    """The parts of an image but for the kernels' code. Raises CompileError."""
    return ImageParts(
        program=encoded.program,
        load_program=encoded.load_program,
        core_programs=encoded.core_programs,
        weights=encoded.weights,
        kernels=encoded.kernel_table,
        code={},
        io=encoded.io,
        metadata=_metadata(tosa, name, lowered, encoded),
        extra={boundary.SECTION: boundary.encode_boundary((*tosa.inputs, *tosa.outputs))},
    )


def _metadata(tosa: TosaModel, name: str, lowered: Lowered, encoded: Encoded) -> dict[str, object]:
    """What an image says of itself to people and tools; nothing of it is needed to run."""
    schedule = lowered.schedule
    return {
        "adfc": adfc.__version__,
        "model": name,
        "device": schedule.device,
        "tiles": schedule.tiles,
        "inputs": [spec.to_json() for spec in tosa.inputs],
        "outputs": [spec.to_json() for spec in tosa.outputs],
        "graph": lowered.graph.to_json(),
        "schedule": json.loads(schedule.to_json()),
        "layers": debug_layers(tosa, encoded.layers),
        "kernels": encoded.kernels,
        **({"why_through_ddr": lowered.why_through_ddr} if lowered.why_through_ddr else {}),
    }
