"""Pipelined programs: each layer on core tiles of its own, one image behind the other.

refusals      what a pipelined program cannot do
messages      in what order a layer's result comes, and what a memtile keeps of it
bands         in what bands of rows an operand comes to its slabs
chains        poolings that have the cores of the layer before them
options       ways to split one layer over cores, and how long an image takes in each
networks      the networks that are planned: what is chained, and the ways of each layer
balance       one way for each layer, so that none takes longer than a period
columns       core tiles of which so many send, and to which so many streams lead
memtiles      memtiles with room, descriptors and channels
timeline      when rows come and go
floor         tiles for all of it
segments      where a network is cut of which not all layers have room
segment_plan  of a segment, the shortest period for which there is room
plan          the segments with which an inference is the shortest
"""

from __future__ import annotations

from adfc.planner.pipeline.plan import Asked, plan_pipelines

__all__ = ["Asked", "plan_pipelines"]
