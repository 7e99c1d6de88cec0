"""`adfc.compile`: from a PyTorch module to a program, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adfc.driver.options import CompileOptions, Scales
from adfc.frontend import import_model
from adfc.program import Program, compile_tosa

if TYPE_CHECKING:
    import torch
    from torch import nn
    from torch.export import ExportedProgram


def compile(
    model: nn.Module | ExportedProgram,
    example_inputs: tuple[torch.Tensor, ...],
    *,
    calibration: Sequence[tuple[torch.Tensor, ...]] | None = None,
    device: str = "ve2802",
    tiles: int | None = None,
    avoid_tiles: Sequence[tuple[int, int]] = (),
    scales: Scales = "free",
    schedule: Path | str | None = None,
    name: str = "model",
) -> Program:
    """Compile a float model for the array.

    `example_inputs` are float tensors of the shapes the model runs with (batch 1). `calibration`
    holds typical inputs, from which the int8 scales come; without it the example inputs are used,
    which gives good scales only where they are typical. `tiles` core tiles of `device` may be used
    (by default 28, or all that a smaller device has), except those at `avoid_tiles` (column, row).
    `scales` "pow2" restricts scales to powers of two.
    `schedule` names a schedule file that replaces the planner's choice.

    Raises UnsupportedOpError (with every operator that cannot be compiled), ModelError, InputError,
    CapacityError where the model does not fit, DeviceError.
    """
    tosa = import_model(model, example_inputs, calibration or [example_inputs], scales=scales)
    options = CompileOptions(
        device=device,
        tiles=tiles,
        avoid_tiles=tuple(avoid_tiles),
        scales=scales,
        schedule=None if schedule is None else Path(schedule),
    )
    return compile_tosa(tosa, options, name=name)
