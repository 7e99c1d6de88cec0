"""Which C files a board's program is made of, and how each is compiled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adfc.boards.board import Board, runtime_folder
from adfc.external_sources import external_sources

_PARTS = (
    "rimfs/rimfs.c",
    "rimfs/io.c",
    "rimfs/text.c",
    "rimfs/crc32_fast.c",
    "rhal/emu.c",
)
"""Sources of the run time; engine's, emulator's, boards/common's and rtpm's are all there are."""

_DEFINES = {
    "rtpm/rhal_watch.c": ("-DRHAL_NEXT_PREFIX=emu_",),
    "rhal/emu.c": ("-DRHAL_PREFIX=emu_",),
}
"""The watchdog's layer stands in front of the emulator (adfc/rhal.h)."""

_SMALL = {False: "-Os", True: "-Oz"}
"""Without and with a network driver. (On Cortex-M -Oz would call shift functions of a library.)"""

_SMALL_PARTS = ("boards", "rtpm")
_FAST = "boards/common/memory.c"
"""Engine, emulator and what copies memory are compiled for speed, all else for the least size."""

_WHOLE = ("-flto",)
"""What serves a network is optimized as a whole when it is linked: a seventh less code."""

_ONCE = "rtpm/once.c"
_DRIVERS = {"gem.c", "virtio_net.c"}
_TRUST = {False: "trust_any.c", True: "trust_key.c"}


@dataclass(frozen=True)
class Unit:
    """A file to compile: its name in a link map, and flags that it needs beside the common ones."""

    path: Path
    name: str
    flags: tuple[str, ...] = ()


def units(board: Board, *, network: bool = False, signed: bool = False) -> list[Unit]:
    """The files of a program that runs once, or serves a network (with signed images only)."""
    runtime = runtime_folder()
    boards = runtime / "boards"
    files = [
        *(runtime / name for name in _PARTS),
        *sorted((runtime / "engine").glob("*.c")),
        *sorted((runtime / "emulator").glob("*.c")),
        *sorted((boards / "common").glob("*.c")),
        *sorted((runtime / "rtpm").glob("*.c")),
        *(boards / name for name in board.sources),
    ]
    found = [_unit(board, path, network=network) for path in files]
    if network:
        found = [unit for unit in found if unit.path != runtime / _ONCE]
        found += _network_units(board, signed=signed)
    return found


def _unit(board: Board, path: Path, *, network: bool) -> Unit:
    place = path.relative_to(runtime_folder())
    flags = _DEFINES.get(place.as_posix(), ())
    if place.parts[0] in _SMALL_PARTS and place.as_posix() != _FAST:
        flags += (_SMALL[board.network is not None],)
        flags += _WHOLE if network and path.suffix == ".c" else ()
    return Unit(path, "-".join(place.parts), flags)


def _network_units(board: Board, *, signed: bool) -> list[Unit]:
    runtime = runtime_folder()
    assert board.network is not None
    others = {_TRUST[not signed], *_DRIVERS}
    paths = [p for p in sorted((runtime / "rtpm/network").glob("*.c")) if p.name not in others]
    paths += [runtime / name for name in board.network.sources]
    found: list[Unit] = []
    headers: tuple[str, ...] = ()
    flags = (_SMALL[True], *_WHOLE, "-w")
    for name, external in external_sources(runtime).items():
        if name == "bearssl" and not signed:
            continue
        folder = external.found()
        includes = tuple(f"-I{folder / place}" for place in external.include)
        headers += includes
        found += [
            Unit(folder / source, f"{name}-{Path(source).name}", (*flags, *includes))
            for source in external.sources
        ]
    ours = (_unit(board, path, network=True) for path in paths)
    return [Unit(u.path, u.name, (*u.flags, *headers)) for u in ours] + found


def include_folders(board: Board, *, network: bool = False) -> list[Path]:
    """Where headers are looked for, first to last."""
    runtime = runtime_folder()
    boards = runtime / "boards"
    found = [runtime / "rtpm/network/lwip", runtime / "rtpm/network"] if network else []
    found += [boards / "common" / "include", boards / "common", runtime / "rtpm"]
    return [*found, runtime / "include", *(boards / name for name in board.include)]
