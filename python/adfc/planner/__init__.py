"""Planner: reads the fused graph and decides how each layer is split over the array.

    graph JSON + Device  ->  Schedule

It only decides; the compiler's passes carry out what stands in the schedule, or fail with a reason.
"""

from __future__ import annotations

from adfc.planner.choice import Choice, choose
from adfc.planner.graph import Graph
from adfc.planner.schedule import LayerSchedule, Schedule
from adfc.planner.search import check_tiles, misfits, plan

__all__ = [
    "Choice",
    "Graph",
    "LayerSchedule",
    "Schedule",
    "check_tiles",
    "choose",
    "misfits",
    "plan",
]
