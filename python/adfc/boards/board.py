"""What is known of each board: the board.toml files of the run time's boards/ folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adfc import _native
from adfc.errors import AdfcError, InputError
from adfc.suggest import did_you_mean


@dataclass(frozen=True)
class Qemu:
    """QEMU's model of a board: its program, the Debian package that has it, and its arguments."""

    program: str
    package: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Network:
    """A board's network device: its driver's sources in the run time, bytes of each image slot.

    In `qemu`, QEMU's arguments, {forward} stands for what forwards ports of the host.
    """

    sources: tuple[str, ...]
    slot_bytes: int
    mac: bytes
    qemu: tuple[str, ...]


@dataclass(frozen=True)
class Board:
    """A board that programs can be built for.

    `isa` names the kernels' instruction set; `target` and `flags` are clang's; `sources` and
    `include` are relative to the boards/ folder; an input block is put at the address `request`;
    `network` is None where no driver is there.
    """

    name: str
    title: str
    isa: str
    target: str
    flags: tuple[str, ...]
    sources: tuple[str, ...]
    include: tuple[str, ...]
    request: int
    qemu: Qemu
    network: Network | None


def runtime_folder() -> Path:
    """The run time's C sources: beside the built parts in a wheel, else runtime/ of the checkout.

    Raises AdfcError where they are missing.
    """
    checkout = Path(__file__).resolve().parents[3] / "runtime"
    for folder in (*(Path(path) / "src" / "runtime" for path in _native.__path__), checkout):
        if (folder / "boards").is_dir():
            return folder
    raise AdfcError(
        f"the run time's sources are missing: no boards/ in {checkout}",
        hint="install adfc again, or run it from a whole checkout",
    )


def board_names() -> tuple[str, ...]:
    """The boards that there are, by name."""
    return tuple(sorted(path.parent.name for path in runtime_folder().glob("boards/*/board.toml")))


def load_board(name: str) -> Board:
    """The board called `name`. Raises InputError for an unknown one."""
    if name not in board_names():
        known = board_names()
        hint = did_you_mean(name, known, f"use {', '.join(known)}")
        raise InputError(f"there is no board '{name}'", hint=hint)
    path = runtime_folder() / "boards" / name / "board.toml"
    facts: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        qemu = facts["qemu"]
        return Board(
            name=name,
            title=facts["title"],
            isa=facts["isa"],
            target=facts["target"],
            flags=tuple(facts["flags"]),
            sources=tuple(facts["sources"]),
            include=tuple(facts["include"]),
            request=facts["request"],
            qemu=Qemu(qemu["program"], qemu["package"], tuple(qemu["arguments"])),
            network=_network(facts["network"]) if "network" in facts else None,
        )
    except KeyError as error:
        raise AdfcError(f"{path}: {error} is missing") from error


def _network(facts: dict[str, Any]) -> Network:
    return Network(
        sources=tuple(facts["sources"]),
        slot_bytes=facts["slot_bytes"],
        mac=bytes.fromhex(facts["mac"].replace(":", "")),
        qemu=tuple(facts["qemu"]),
    )
