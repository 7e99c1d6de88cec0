"""How the steps of a resident program follow each other, and what an inference takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adfc.spec.devices import Device

AHEAD = 0.5
"""The part of a step that control can set up while the one two before is at work: counted on
programs of ours, rounded. The rest is descriptors that this one still uses."""


@dataclass(frozen=True)
class Round:
    """A step, or one of its rounds, in AIE cycles.

    `control` sets it up. A core is `busy` from the first word of its first message, which takes
    `fill` to come, to the end of its work; then the way of the last output takes `ends`. `weights`:
    words that its stream brings a core, one a cycle, of which `held` stay in the ring until the
    end, and are there before it begins. `follows`: it reads what the one before makes.
    """

    control: float
    busy: int
    fill: int = 0
    ends: int = 0
    weights: int = 0
    held: int = 0
    follows: bool = True


def inference_cycles(rounds: Sequence[Round], ring: int, device: Device) -> float:
    """AIE cycles of an inference, where cores have a ring of `ring` words of weights.

    Control sets up a step while the one before is at work, AHEAD of it also before the one two
    before is done, but not before the one three before is. A step's windows are started first, then
    the way of its results. Weights come ahead of their step as far as the ring has room and the
    step before leaves their stream time. What does not read the result of the step before has its
    first message by the time that the cores are free, while that result is still on its way.
    """
    start = float(device.cycles("control_push_cold_cycles"))
    ready, ended, free = start, [start] * 3, start
    ahead = ring
    for each in rounds:
        begin = max(ready, ended[0])
        ready = max(begin + AHEAD * each.control, ended[1]) + (1 - AHEAD) * each.control
        fill = each.fill if each.follows else 0
        missing = max(0, each.weights - ahead)
        late = max(fill, missing) - fill if each.held else 0
        busy = max(each.busy - each.fill + fill + late, missing)
        work = busy + each.ends
        since = ended[2] if each.follows else free
        done = max(since + work, begin + work, ready, ended[2])
        free = done - each.ends
        ahead = min(ring - each.held, max(0, int(done - ended[-1]) - fill - missing))
        ended = [*ended[1:], done]
    return ended[-1]
