"""The search for a resident program: weights and activations stay on the array.

Core tiles come in sets, whose cores receive the same activations; all tensors lie in a memtile, the
hub (or in each of several). A step does one layer, and a layer chained to it. Every core's memory
is shared out once for the whole program: two or three activation buffers, a ring of weights, one
output buffer, scratch. The search enumerates every legal split of each step, then takes the
partition of the cores and of their memory under which the sum of the steps is least. Bounded and
deterministic; ties go to the first.
"""

from __future__ import annotations

from adfc.planner.resident.search import plan_resident

__all__ = ["plan_resident"]
