"""The graphs under examples/graphs, compiled for the tests."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

from adfc.graph import Graph
from adfc.program import Program, compile_graph

FOLDER = Path(__file__).parents[3] / "examples" / "graphs"
PORTABLE = ("x86_64",)
"""One instruction set is enough here, and fast to compile for."""


@cache
def example(name: str) -> ModuleType:
    """The module examples/graphs/NAME.py."""
    spec = importlib.util.spec_from_file_location(f"graph_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@cache
def program(name: str) -> Program:
    """The example, compiled for its default device."""
    graph = example(name).graph()
    assert isinstance(graph, Graph)
    return compile_graph(graph, isas=PORTABLE)
