"""Model in, program image out: runs the stages of `adfc.driver.passes` one after the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import adfc
from adfc.driver import passes
from adfc.driver.ir import Ir, parse
from adfc.driver.options import CompileOptions
from adfc.frontend import TosaModel
from adfc.image import ImageParts, write_image
from adfc.planner import Schedule, plan
from adfc.spec import devices

Progress = Callable[[str], None]

HOST_ISAS = ("x86_64", "x86_64-vnni", "x86_64-amx")
"""Instruction sets that every image carries kernel code for; the runtime picks one."""


@dataclass(frozen=True)
class Compilation:
    """What a compilation made: the image, the schedule it obeyed, the IR of its lowest level."""

    image: bytes
    schedule: Schedule
    control: Ir


def lower(
    tosa: TosaModel, options: CompileOptions, level: str, progress: Progress = lambda _: None
) -> tuple[Ir, Schedule]:
    """Lower TOSA text as far as `level` (see `passes.LEVELS`), and return it with its schedule.

    Raises `CapacityError` where the model does not fit the device, `DeviceError` for an impossible
    device or tile choice, and `CompileError` where a pass refuses the program.
    """
    device = devices.load(options.device)
    progress("fusing")
    module = parse(tosa.text)
    module.run(passes.FUSE)
    graph = module.graph()
    progress("planning")
    schedule = (
        Schedule.load(options.schedule)
        if options.schedule
        else plan(graph, device, tiles=options.tiles, avoid=options.avoid_tiles)
    )
    module.apply_schedule(schedule.to_json())
    for stage in (passes.ARRAY, passes.CONTROL, passes.NATIVE):
        if passes.LEVELS.index(stage.level) > passes.LEVELS.index(level):
            break
        progress(f"lowering to {stage.level}")
        module.run(stage)
    return module, schedule


def compile_tosa(
    tosa: TosaModel,
    options: CompileOptions,
    *,
    name: str = "model",
    progress: Progress = lambda _: None,
) -> Compilation:
    """Compile TOSA text to an image; errors as `lower`, and `ToolError` for a failing linker."""
    module, schedule = lower(tosa, options, passes.CONTROL.level, progress)
    encoded = module.encode()
    progress("compiling kernels")
    code = {isa: encoded.compile_kernels(isa) for isa in HOST_ISAS}
    progress("writing the image")
    parts = ImageParts(
        program=encoded.program,
        core_programs=encoded.core_programs,
        weights=encoded.weights,
        kernel_names=encoded.kernel_names,
        code=code,
        io=encoded.io,
        metadata=_metadata(tosa, options, name, schedule, encoded.phases),
    )
    return Compilation(write_image(parts), schedule, module)


def _metadata(
    tosa: TosaModel,
    options: CompileOptions,
    name: str,
    schedule: Schedule,
    phases: list[dict[str, Any]],
) -> dict[str, Any]:
    """What an image says of itself to people and tools; nothing of it is needed to run."""
    return {
        "adfc": adfc.__version__,
        "model": name,
        "device": options.device,
        "tiles": options.tiles,
        "inputs": [spec.to_json() for spec in tosa.inputs],
        "outputs": [spec.to_json() for spec in tosa.outputs],
        "schedule": json.loads(schedule.to_json()),
        "layers": phases,
    }
