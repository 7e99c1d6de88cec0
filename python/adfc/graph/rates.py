"""How often each kernel is called in a run, and how many values each connection carries."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from adfc.errors import InputError
from adfc.graph.access import Access
from adfc.graph.graph import Connection, Graph, Join, Kernel, Port, Tensor


@dataclass(frozen=True)
class Rates:
    """Calls of each kernel in a run, by its name."""

    calls: dict[str, int]

    def of(self, kernel: Kernel) -> int:
        """Calls of a kernel in a run."""
        return self.calls[kernel.name]

    def values(self, end: Tensor | Port | Join, connection: Connection) -> int:
        """Values that an end of a connection gives or takes in a run."""
        if isinstance(end, Tensor):
            return tensor_access(self, end, connection).values
        if isinstance(end, Join):
            return sum(self._moved(port) for port in end.ports)
        return self._moved(end)

    def _moved(self, port: Port) -> int:
        if port.form.startswith("parameter"):
            return port.type.argument.count
        return self.of(port.kernel) * port.type.argument.count


def tensor_access(rates: Rates, tensor: Tensor, connection: Connection) -> Access:
    """How the tensor at one end of a connection is read or written."""
    if connection.access is not None:
        return connection.access
    ports = [t for t in connection.targets if isinstance(t, Port) and t.type.margin]
    if not ports or not tensor.is_input:
        return Access.of(0, (tensor.values, 1))
    port = ports[0]
    return Access.of(0, (port.type.argument.count, 1), (rates.of(port.kernel), port.type.fresh))


def rates_of(graph: Graph) -> Rates:
    """The calls that a run makes. Raises InputError where the graph's rates contradict each other,
    or an end of a connection gives more or less than the other takes."""
    relative: dict[Kernel, Fraction] = {}
    for kernel in graph.kernels:
        if kernel not in relative:
            _spread(graph, kernel, relative)
    least = min(relative.values(), default=Fraction(1))
    calls: dict[str, int] = {}
    for kernel, rate in relative.items():
        exact = rate / least * graph.iterations
        if exact.denominator != 1:
            raise InputError(
                f"{kernel.place}: {kernel.name} would be called {exact} times in a run",
                hint=f"let the graph's iterations be a multiple of {exact.denominator}",
            )
        calls[kernel.name] = int(exact)
    rates = Rates(calls)
    for connection in graph.connections:
        _check(rates, connection)
    for tensor in graph.tensors:
        if not tensor.is_input:
            _check_whole(rates, graph, tensor)
    return rates


def _check_whole(rates: Rates, graph: Graph, output: Tensor) -> None:
    """Each value of an output is written once."""
    written = np.zeros(output.values, np.int64)
    for connection in graph.connections:
        if any(target is output for target in connection.targets):
            np.add.at(written, tensor_access(rates, output, connection).indices(), 1)
    for value in np.flatnonzero(written != 1)[:1]:
        raise InputError(
            f"{output.place}: value {value} of {output} is written {written[value]} times in a run",
            hint="let the accesses of what leads to it cover it once",
        )


def _links(graph: Graph) -> Iterator[tuple[Port, Port, Connection]]:
    """Pairs of ports of kernels that are connected."""
    for connection in graph.connections:
        if isinstance(connection.source, Port):
            for target in connection.targets:
                if isinstance(target, Port):
                    yield connection.source, target, connection


def _spread(graph: Graph, start: Kernel, relative: dict[Kernel, Fraction]) -> None:
    """The rates of all kernels that are connected to one, relative to its own."""
    relative[start] = Fraction(1)
    todo = [start]
    while todo:
        kernel = todo.pop()
        for source, target, connection in _links(graph):
            if kernel not in (source.kernel, target.kernel):
                continue
            near, far = (source, target) if kernel is source.kernel else (target, source)
            rate = relative[kernel] * near.type.argument.count / far.type.argument.count
            if far.kernel not in relative:
                relative[far.kernel] = rate
                todo.append(far.kernel)
            elif relative[far.kernel] != rate:
                raise InputError(
                    f"{connection.place}: {source} -> {target}: the sizes of these windows do not "
                    "agree with those of other connections between the same kernels"
                )


def _check(rates: Rates, connection: Connection) -> None:
    source = connection.source
    for target in connection.targets:
        if isinstance(source, Tensor) and isinstance(target, Port) and target.type.margin:
            fresh, calls = target.type.fresh, rates.of(target.kernel)
            wanted = target.type.margin + fresh * calls
            if connection.access is None and source.values != wanted:
                raise InputError(
                    f"{connection.place}: {source} has {source.values} values, {target} takes "
                    f"{wanted} in a run of {calls} calls: {target.type.margin} and "
                    f"{calls} times {fresh}"
                )
        given, taken = rates.values(source, connection), rates.values(target, connection)
        if given != taken:
            raise InputError(
                f"{connection.place}: {source} gives {given} values in a run, {target} takes "
                f"{taken}",
                hint=_hint(rates, source, target),
            )
    for end in (source, *connection.targets):
        if isinstance(end, Tensor) and tensor_access(rates, end, connection).end > end.values:
            raise InputError(
                f"{connection.place}: the access reaches value "
                f"{tensor_access(rates, end, connection).end - 1} of {end}, which has {end.values}"
            )


def _hint(rates: Rates, source: Tensor | Port | Join, target: Tensor | Port) -> str:
    port = next((end for end in (source, target) if isinstance(end, Port)), None)
    if port is None:
        return "change the tensor's shape or its access"
    calls = rates.of(port.kernel)
    name = port.kernel.name
    return f"{name} is called {calls} times: change its window, the iterations, or the tensor"


def total_macs(graph: Graph, rates: Rates) -> int:
    """Multiply-accumulates of a run."""
    return sum(kernel.macs * rates.of(kernel) for kernel in graph.kernels)


def words(values: int, value_bytes: int) -> int:
    """32-bit words of so many values."""
    return math.ceil(values * value_bytes / 4)
