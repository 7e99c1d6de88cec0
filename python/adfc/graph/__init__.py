"""Data-flow graphs in Python: kernels in C++, windows, streams, cascades, run-time parameters.

    from adfc.graph import Graph, input_window, output_window

    def graph() -> Graph:
        g = Graph("scale", iterations=4)
        x = g.input("x", "int16", 1024)
        y = g.output("y", "int16", 1024)
        arguments = [input_window("int16", 256), output_window("int16", 256)]
        k = g.kernel("scale", arguments, source="scale.cc", cycles=300)
        g.connect(x, k[0])
        g.connect(k[1], y)
        return g

`adfc compile FILE.py` compiles what its function `graph` returns; docs/graphs.md has the rest.
"""

from adfc.graph.access import Access
from adfc.graph.graph import Graph, Join, Kernel, Port, Tensor
from adfc.graph.ports import (
    PortType,
    input_cascade,
    input_stream,
    input_window,
    output_cascade,
    output_stream,
    output_window,
    parameter,
    scratch,
)

__all__ = [
    "Access",
    "Graph",
    "Join",
    "Kernel",
    "Port",
    "PortType",
    "Tensor",
    "input_cascade",
    "input_stream",
    "input_window",
    "output_cascade",
    "output_stream",
    "output_window",
    "parameter",
    "scratch",
]
