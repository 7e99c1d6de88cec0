"""What a control program consists of when it is played on paper: steps, tasks, core starts."""

from __future__ import annotations

from dataclasses import dataclass

from adfc.image.rcb import RcbInstruction
from adfc.insight.descriptor import Descriptor
from adfc.insight.places import Place, Tile
from adfc.insight.routes import Route
from adfc.runtime import Who


@dataclass(frozen=True)
class Step:
    """One instruction: its number, its place in the program in words, the phase that it is for
    (an index of `Replay.layers`, or -1: none), its first RHAL call's number, and the
    registers that it writes. `load`: it is of the load program, whose instructions, words and calls
    are counted apart."""

    number: int
    word: int
    words: int
    instruction: RcbInstruction
    phase: int
    call: int
    places: tuple[Place, ...]
    load: bool = False

    @property
    def name(self) -> str:
        """Such as "word 416", or "word 12 of the load program"."""
        return f"word {self.word}{' of the load program' if self.load else ''}"


@dataclass(frozen=True)
class Task:
    """A task pushed to a DMA channel by step `step`; its descriptors in the order in which they run
    (once), and the stream that it feeds. `endless`: its descriptors lead back to one of them.
    `load`: the step is of the load program."""

    step: int
    phase: int
    who: Who
    descriptors: tuple[Descriptor, ...]
    repeat: int
    token: bool
    route: Route | None
    endless: bool = False
    load: bool = False


@dataclass(frozen=True)
class CoreStart:
    """Step `step` starts a core on the core program at byte `offset` of their section. `load`: the
    step is of the load program."""

    step: int
    phase: int
    tile: Tile
    offset: int
    load: bool = False
