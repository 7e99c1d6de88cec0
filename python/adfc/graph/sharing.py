"""Kernels that share a core tile: in which order they are called, and what they hand each other.

A core calls its kernels in turn, each as often as the graph's rates say, and begins again. Values
from one of them to another stay where they are written: one buffer, no lock and no channel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from adfc.errors import InputError
from adfc.graph.graph import Connection, Graph, Join, Kernel, Port, Tensor
from adfc.graph.rates import Rates


def groups_of(graph: Graph) -> list[list[Kernel]]:
    """The kernels of each tile, each after those whose results it needs.

    Raises InputError where the kernels of a tile take more than its time, or wait for each other.
    """
    order = _order(graph)
    groups: dict[Kernel, list[Kernel]] = {}
    for kernel in graph.kernels:
        groups.setdefault(kernel.host, []).append(kernel)
    for group in groups.values():
        group.sort(key=lambda kernel: order[kernel])
        _check_ratios(group)
    return list(groups.values())


def is_local(connection: Connection) -> bool:
    """Whether values go from one kernel of a tile to another, and nowhere else.

    Raises InputError where that cannot be done.
    """
    source = connection.source
    if not isinstance(source, Port):
        return False
    beside = [t for t in connection.targets if isinstance(t, Port) and _share(source, t)]
    if not beside:
        return False
    if len(connection.targets) > 1:
        raise InputError(
            f"{connection.place}: {source} goes to {beside[0]} on its own tile, and elsewhere",
            hint="give the kernel a second output, or the other one a tile of its own",
        )
    target = beside[0]
    if source.form == "output_cascade":
        raise InputError(
            f"{connection.place}: {source} -> {target}: a cascade leads to a neighbouring tile",
            hint="use a window between kernels on one tile",
        )
    if target.type.margin:
        raise InputError(
            f"{connection.place}: {source} -> {target}: a window between kernels on one tile has "
            "no margin",
            hint="give one of them a tile of its own",
        )
    if source.type.argument.count != target.type.argument.count:
        raise InputError(
            f"{connection.place}: {source} -> {target}: windows of {source.type.argument.count} "
            f"and {target.type.argument.count} values between kernels on one tile",
            hint="use windows of one size, or give one of them a tile of its own",
        )
    return True


def turns(kernels: Sequence[Kernel], rates: Rates) -> tuple[int, list[int]]:
    """(how often the kernels of a tile take turns, how often each is called in one)."""
    calls = [rates.of(kernel) for kernel in kernels]
    rounds = math.gcd(*calls)
    return rounds, [count // rounds for count in calls]


def _share(source: Port, target: Port) -> bool:
    return source.kernel.host is target.kernel.host


def _check_ratios(group: Sequence[Kernel]) -> None:
    total = sum(kernel.ratio for kernel in group)
    if len(group) > 1 and total > 1 + 1e-9:
        names = ", ".join(f"{kernel.name} {kernel.ratio:g}" for kernel in group)
        raise InputError(
            f"{group[-1].place}: the kernels on one tile have ratios of {total:g} together: "
            f"{names}",
            hint="say with ratio= which part of the tile's time each may take, 1 in all",
        )


def _order(graph: Graph) -> dict[Kernel, int]:
    """A number for each kernel, above the numbers of all whose results it needs.

    Raises InputError at a kernel on a shared tile that waits for itself.
    """
    needs: dict[Kernel, list[Kernel]] = {kernel: [] for kernel in graph.kernels}
    for connection in graph.connections:
        for target in connection.targets:
            if isinstance(target, Port):
                needs[target.kernel] += _producers(connection.source)
    order: dict[Kernel, int] = {}
    while len(order) < len(needs):
        ready = [
            kernel
            for kernel, sources in needs.items()
            if kernel not in order and all(source in order for source in sources)
        ]
        if not ready:
            left = [kernel for kernel in needs if kernel not in order]
            shared = next((kernel for kernel in left if kernel.host is not kernel), None)
            if shared is not None:
                raise InputError(
                    f"{shared.place}: {shared.name} shares a tile, and the kernels of the graph "
                    "wait for each other in a circle",
                    hint="give it a tile of its own",
                )
            ready = left
        for kernel in ready:
            order[kernel] = len(order)
    return order


def _producers(source: Tensor | Port | Join) -> list[Kernel]:
    if isinstance(source, Port):
        return [source.kernel]
    return [port.kernel for port in source.ports] if isinstance(source, Join) else []
