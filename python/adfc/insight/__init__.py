"""What a program does, read from its image and from the events of a run; nothing is assumed.

`replay` plays the control program on paper: register by register, with the tasks, core starts and
routes that come of it. `timeline` gives the events of a run their place in it, `causes` follows a
wait to what it really waited for.
"""

from adfc.insight.descriptor import Descriptor, Dimension
from adfc.insight.places import Lock, Place
from adfc.insight.replay import Replay, replay
from adfc.insight.routes import Route
from adfc.insight.steps import CoreStart, Step, Task
from adfc.insight.timeline import Timeline

__all__ = [
    "CoreStart",
    "Descriptor",
    "Dimension",
    "Lock",
    "Place",
    "Replay",
    "Route",
    "Step",
    "Task",
    "Timeline",
    "replay",
]
