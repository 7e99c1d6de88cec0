"""The networks that are planned for a graph: what is chained, and the ways of each layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from adfc.planner.graph import Graph, Layer
from adfc.planner.pipeline.balance import PRICES, cheapest_first
from adfc.planner.pipeline.bands import least_slabs
from adfc.planner.pipeline.chains import Chain, chains_of, joined
from adfc.planner.pipeline.options import Option, Ways, of_each_shape, options
from adfc.planner.pipeline.refusals import too_large
from adfc.spec.devices import Device


@dataclass(frozen=True)
class Network:
    """Layers, of which some are chains, and the ways of each by its name, for each of PRICES the
    cheapest first; `alone`: those without pairs of cores."""

    graph: Graph
    chains: Mapping[str, Chain]
    priced: tuple[Ways, ...]
    alone: tuple[Ways, ...]


def networks(graph: Graph, device: Device) -> Iterator[Network]:
    """With poolings chained to the layers before them, where any fit so, and without. Raises
    CapacityError where a layer cannot be done."""
    plain = _ways(graph.layers, device, {})
    chains = chains_of(graph)
    chained = _ways((chain.layer() for chain in chains.values()), device, chains)
    fit = {name: chain for name, chain in chains.items() if chained[name]}
    if fit:
        ways = {**plain, **{name: chained[name] for name in fit}}
        yield _network(joined(graph, fit), fit, ways)
    yield _network(graph, {}, plain)


def _network(graph: Graph, chains: Mapping[str, Chain], ways: Ways) -> Network:
    priced = tuple(
        of_each_shape(graph, ways, partial(cheapest_first, prices=prices)) for prices in PRICES
    )
    alone = tuple(of_each_shape(graph, ways, _without_pairs) for ways in priced)
    return Network(graph, chains, priced, alone)


def _without_pairs(_: Layer, ways: Sequence[Option]) -> list[Option]:
    return [way for way in ways if not way.paired]


def _ways(
    layers: Iterable[Layer], device: Device, chains: Mapping[str, Chain]
) -> dict[str, list[Option]]:
    """All ways of each layer that fit; layers of one shape share theirs."""
    known: dict[tuple[Layer, Chain | None], list[Option]] = {}
    ways: dict[str, list[Option]] = {}
    for layer in layers:
        chain = chains.get(layer.name)
        key = layer.shape(), chain.shape() if chain else None
        if key not in known:
            found = options(replace(layer, given=False), device, chain=chain)
            room = device.mem.data_bytes
            known[key] = [
                way for way in found if all(size <= room for size in least_slabs(layer, way))
            ]
            if not known[key] and not chain:
                raise too_large(replace(layer, given=False), found, device)
        ways[layer.name] = known[key]
    return ways
