"""What a graph must be before it becomes IR."""

from __future__ import annotations

from adfc.ckernel import SCRATCH
from adfc.errors import InputError
from adfc.graph.graph import Graph, Port, Tensor


def check(graph: Graph) -> None:
    """Raises InputError, at the user's line, for what is connected to nothing, or twice."""
    if not graph.kernels:
        raise InputError(f"{graph.place}: graph '{graph.name}' has no kernels")
    if graph.iterations < 1:
        raise InputError(f"{graph.place}: graph '{graph.name}' runs {graph.iterations} iterations")
    connected = _connected(graph)
    for kernel in graph.kernels:
        for index, port in enumerate(kernel.ports):
            if port.argument.form != SCRATCH and (kernel.name, index) not in connected:
                raise InputError(
                    f"{kernel.place}: {kernel[index]} is connected to nothing",
                    hint="connect each argument but scratch",
                )
    ends = [end for c in graph.connections for end in (c.source, *c.targets)]
    for tensor in graph.tensors:
        if not any(tensor is end for end in ends):
            raise InputError(f"{tensor.place}: {tensor} is connected to nothing")
    for join in graph.joins:
        if not any(join is end for end in ends):
            raise InputError(f"{join.place}: {join} is connected to nothing")
    if not any(isinstance(t, Tensor) for c in graph.connections for t in c.targets):
        raise InputError(f"{graph.place}: graph '{graph.name}' has no output")


def _connected(graph: Graph) -> set[tuple[str, int]]:
    """Kernels' names and indices of all ports at the ends of connections and in joins."""
    found: set[tuple[str, int]] = set()

    def add(port: Port, line: str) -> None:
        key = (port.kernel.name, port.index)
        if key in found:
            raise InputError(
                f"{line}: {port} is connected twice", hint="connect to several targets"
            )
        found.add(key)

    for connection in graph.connections:
        for end in (connection.source, *connection.targets):
            if isinstance(end, Port):
                add(end, str(connection.place))
    for join in graph.joins:
        for port in join.ports:
            add(port, str(join.place))
    return found
