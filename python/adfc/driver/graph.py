"""A data-flow graph, or an adf.program as text, to a program image."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

import adfc
from adfc.ckernel import dtype
from adfc.driver import passes
from adfc.driver.compile import HOST_ISAS, Progress
from adfc.driver.files import portable_path
from adfc.driver.ir import Encoded, Ir, compile_errors
from adfc.driver.kernel_cache import KernelCache
from adfc.driver.kernel_code import compile_kernels
from adfc.driver.options import CompileOptions
from adfc.driver.target import DEFAULT_TILES, Target, resolve
from adfc.errors import InputError
from adfc.graph import Graph
from adfc.image import ImageParts, write_image
from adfc.model_io import TensorSpec

LEVELS = passes.LEVELS[1:]
"""What a graph can be written as: it has no TOSA."""


def lower_graph(
    graph: Graph, options: CompileOptions, level: str, progress: Progress = lambda _: None
) -> Ir:
    """The graph's IR at `level`, one of LEVELS.

    Raises InputError where the graph contradicts itself, CompileError or CapacityError, at the
    user's line, where it cannot be placed, and what `adfc.driver.target.resolve` raises.
    """
    if options.schedule is not None or options.resident:
        raise InputError("a graph says its own schedule", hint="drop --schedule and --resident")
    # Not before there is a graph: the dialect's generated classes take their time to load.
    from adfc.graph.build import build  # noqa: PLC0415

    target = _target(graph, options)
    progress("building the graph")
    with compile_errors(graph.name):
        module = build(graph, target.device, tiles=target.tiles, avoid=target.avoid)
    return lower_program(Ir(module), level, progress)


def _target(graph: Graph, options: CompileOptions) -> Target:
    """Without a number of tiles: as many as the graph has kernels, where that is over the default.

    Raises as `adfc.driver.target.resolve`.
    """
    many = len(graph.kernels) > DEFAULT_TILES
    if options.tiles is None and many:
        options = dataclasses.replace(options, tiles=len(graph.kernels))
    return resolve(options)


def lower_program(ir: Ir, level: str, progress: Progress = lambda _: None) -> Ir:
    """An adf.program as far as `level`. Raises CompileError, CapacityError."""
    for stage in (passes.ARRAY, passes.CONTROL, passes.NATIVE):
        if passes.LEVELS.index(stage.level) <= passes.LEVELS.index(level):
            progress(f"lowering to {stage.level}")
            ir.run(stage)
    return ir


def compile_graph_image(
    graph: Graph,
    options: CompileOptions,
    *,
    progress: Progress = lambda _: None,
    isas: Sequence[str] = HOST_ISAS,
) -> bytes:
    """Compile a graph to a program image's bytes; errors as `lower_graph`, and ToolError."""
    ir = lower_graph(graph, options, passes.CONTROL.level, progress)
    target = _target(graph, options)
    tensors = [tensor_spec(t.name, t.dtype.name, t.shape) for t in graph.tensors]
    names = {tensor.name for tensor in graph.tensors if tensor.is_input}
    return program_image(
        ir.encode(),
        name=graph.name,
        device=target.device.name,
        tiles=target.tiles,
        inputs=[spec for spec in tensors if spec.name in names],
        outputs=[spec for spec in tensors if spec.name not in names],
        cache=options.cache,
        progress=progress,
        isas=isas,
    )


def tensor_spec(name: str, kind: str, shape: Sequence[int]) -> TensorSpec:
    """A graph's tensor as what stands at a program's boundary; a complex one has an axis more."""
    value = dtype(kind)
    sizes = (*shape, value.parts) if value.parts > 1 else tuple(shape)
    return TensorSpec(name, sizes, 1.0, tuple(range(len(sizes))), raw=str(value.numpy))


def program_image(
    encoded: Encoded,
    *,
    name: str,
    device: str,
    tiles: int,
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    cache: bool,
    progress: Progress,
    isas: Sequence[str],
) -> bytes:
    """The image of a program that has no TOSA behind it."""
    progress("compiling kernels")
    kept = KernelCache.default() if cache else None
    code = compile_kernels(encoded.kernels, isas, kept) if encoded.kernels else {}
    progress("writing the image")
    layers = [{**layer, "file": portable_path(layer["file"])} for layer in encoded.layers]
    return write_image(
        ImageParts(
            program=encoded.program,
            load_program=encoded.load_program,
            core_programs=encoded.core_programs,
            weights=encoded.weights,
            kernels=encoded.kernel_table,
            code=code,
            io=encoded.io,
            metadata={
                "adfc": adfc.__version__,
                "model": name,
                "device": device,
                "tiles": tiles,
                "inputs": [spec.to_json() for spec in inputs],
                "outputs": [spec.to_json() for spec in outputs],
                "schedule": {},
                "layers": layers,
                "kernels": json.loads(encoded.contents.kernels),
            },
        )
    )
