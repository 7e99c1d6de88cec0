"""What a compilation is for: a device, tiles of it, and perhaps a given schedule."""

from __future__ import annotations

from dataclasses import dataclass

from adfc.driver.options import CompileOptions
from adfc.errors import InputError
from adfc.planner import Schedule, check_tiles
from adfc.planner.schedule import check_batch
from adfc.spec import devices
from adfc.spec.devices import Device

DEFAULT_TILES = 28
"""Core tiles used where the user does not say, or all that a smaller device has."""


@dataclass(frozen=True)
class Target:
    """A device, the number of core tiles that may be used, those that may not, and a schedule.

    `schedule` is None where the planner is to make one.
    """

    device: Device
    tiles: int
    avoid: tuple[tuple[int, int], ...]
    schedule: Schedule | None


def resolve(options: CompileOptions) -> Target:
    """The target that `options` mean; what they leave open is the schedule's, or the default.

    Raises DeviceError for an unknown device or an impossible choice of tiles, and InputError for a
    bad schedule file or one that is for something else than the options say.
    """
    device = devices.load(options.device)
    schedule = None if options.schedule is None else Schedule.load(options.schedule)
    if options.batch is not None and options.resident is not None:
        raise InputError(
            "a pipelined program is neither resident nor goes through DDR layer after layer",
            hint="use --batch, or --resident, or --no-resident",
        )
    if options.batch is not None:
        try:
            check_batch(options.batch)
        except ValueError as error:
            raise InputError(str(error), hint="choose another batch, or leave it out") from error
    avoid, tiles = options.avoid_tiles, options.tiles
    if schedule is not None:
        _agree(options, "device", options.device, schedule.device)
        if tiles is not None:
            _agree(options, "tiles", tiles, schedule.tiles)
        if avoid:
            _agree(options, "avoid-tile", sorted(avoid), sorted(schedule.avoid))
        if options.batch is not None:
            _agree(options, "batch", options.batch, schedule.batch)
        tiles, avoid = schedule.tiles, schedule.avoid
    if tiles is None:
        most = device.core_tiles if options.batch is not None else DEFAULT_TILES
        tiles = min(most, device.core_tiles - len(set(avoid)))
    check_tiles(device, tiles, avoid)
    return Target(device, tiles, avoid, schedule)


def _agree(options: CompileOptions, option: str, asked: object, scheduled: object) -> None:
    if asked != scheduled:
        raise InputError(
            f"{options.schedule} is for {option} {scheduled}, not {asked}",
            hint=f"let --{option} agree with the schedule file, or make a new one",
        )
