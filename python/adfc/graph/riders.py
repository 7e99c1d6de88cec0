"""Parameters that come on the channel of another input.

A core tile has two channels to receive by. Where a kernel has an input that is its alone and comes
from DDR, its parameters that are its alone come on that channel, before the first window.
"""

from __future__ import annotations

from dataclasses import dataclass

from adfc.graph.graph import Connection, Graph, Kernel, Port, Tensor


@dataclass(frozen=True)
class Rider:
    """A parameter, the tensor that it is, and the connection that says so."""

    connection: Connection
    tensor: Tensor
    port: Port


def riders_of(graph: Graph) -> dict[str, list[Rider]]:
    """The parameters that come with each connection, by the connection's name."""
    carriers: dict[str, Connection] = {}
    for connection in graph.connections:
        port = _alone(connection)
        if port is not None and not is_parameter(port):
            carriers.setdefault(port.kernel.name, connection)
    riders: dict[str, list[Rider]] = {}
    for connection in graph.connections:
        port = _alone(connection)
        if port is None or not is_parameter(port) or port.kernel.name not in carriers:
            continue
        assert isinstance(connection.source, Tensor)
        carrier = carriers[port.kernel.name]
        riders.setdefault(carrier.name, []).append(Rider(connection, connection.source, port))
    return riders


def is_parameter(port: Port) -> bool:
    """Whether the port is a run-time parameter."""
    return port.form.startswith("parameter")


def parameters(kernel: Kernel) -> list[Port]:
    """The parameters of a kernel."""
    return [kernel[i] for i in range(len(kernel.ports)) if is_parameter(kernel[i])]


def _alone(connection: Connection) -> Port | None:
    """The port that a tensor alone leads to alone."""
    if not isinstance(connection.source, Tensor) or len(connection.targets) != 1:
        return None
    target = connection.targets[0]
    return target if isinstance(target, Port) else None
