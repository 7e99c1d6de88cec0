"""Pipelined programs: each layer on core tiles of its own, one image behind the other.

refusals  what a pipelined program cannot do
messages  in what order a layer's result comes, and what a memtile keeps of it
options   ways to split one layer over cores, and how long an image takes in each
balance   one way for each layer, so that none takes longer than a period
columns   core tiles of which so many send, and to which so many streams lead
memtiles  memtiles with room, descriptors and channels
floor     tiles for all of it
plan      the shortest period for which there is room
"""

from __future__ import annotations

from adfc.planner.pipeline.plan import Asked, plan_pipeline

__all__ = ["Asked", "plan_pipeline"]
