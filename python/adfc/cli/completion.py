"""What the shell completes: names of models, devices and boards, beside files."""

from __future__ import annotations

from adfc import zoo
from adfc.boards.board import board_names
from adfc.spec import devices


def models(incomplete: str) -> list[str]:
    """Models of the zoo."""
    return _matching(zoo.names(), incomplete)


def device_names(incomplete: str) -> list[str]:
    """Devices."""
    return _matching(devices.names(), incomplete)


def boards(incomplete: str) -> list[str]:
    """Boards."""
    return _matching(board_names(), incomplete)


def _matching(names: tuple[str, ...] | list[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
