"""The dialect adf as text, perhaps edited by hand, to a program image.

`adfc compile --emit adf` writes such text: fused kernels with their schedule for a network, an
unplaced program for a data-flow graph; `--emit placed` writes the placed program of either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adfc._native import _adfc
from adfc.ckernel import dtype
from adfc.driver import passes
from adfc.driver.compile import HOST_ISAS, Progress
from adfc.driver.graph import lower_program, program_image, tensor_spec
from adfc.driver.ir import Ir, compile_errors
from adfc.driver.options import CompileOptions
from adfc.errors import CompileError, InputError, ModelError
from adfc.model_io import INT32_MAX, TensorSpec


@dataclass(frozen=True)
class AdfText:
    """What a text in the dialect adf says of itself: the one graph or program in it."""

    name: str
    text: str
    device: str
    tiles: int
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    @staticmethod
    def read(text: str, name: str) -> AdfText:
        """Parses and verifies text. Raises CompileError with the line of what is wrong, ModelError
        where it does not say what an image needs."""
        with compile_errors(name):
            module = _adfc.Context().parse(text, name)
        operations = module.body.operations
        top = [op for op in operations if op.name in ("adf.graph", "adf.program")]
        if len(operations) != 1 or len(top) != 1:
            raise ModelError(f"{name} must hold one adf.graph or adf.program and nothing else")
        (op,) = top
        values = {key: _value(op, key) for key in ("device", "tiles")}
        if None in values.values():
            raise ModelError(
                f"{name}: {op.name} says no device and tiles",
                hint="keep what adfc compile --emit adf wrote, with its schedule",
            )
        inputs, outputs = (_of_graph if op.name == "adf.graph" else _of_program)(op, name)
        return AdfText(name, text, values["device"], values["tiles"], inputs, outputs)


def lower_adf(source: AdfText, level: str, progress: Progress = lambda _: None) -> Ir:
    """The text's IR as far as `level`. Raises CompileError, CapacityError."""
    with compile_errors(source.name):
        module = _adfc.Context().parse(source.text, source.name)
    return lower_program(Ir(module), level, progress)


def compile_adf_image(
    source: AdfText,
    options: CompileOptions,
    *,
    progress: Progress = lambda _: None,
    isas: Sequence[str] = HOST_ISAS,
) -> bytes:
    """The image of a text; of the options only `cache` counts, the text says the others.

    Raises CompileError, CapacityError, ToolError, and InputError for options that come too late.
    """
    default = CompileOptions(device=source.device, cache=options.cache)
    if options != default and options != CompileOptions(cache=options.cache):
        raise InputError(
            f"{source.name} says its device, tiles and schedule itself",
            hint="drop the options, or edit the text",
        )
    ir = lower_adf(source, passes.CONTROL.level, progress)
    encoded = ir.encode()
    return program_image(
        encoded,
        name=source.name,
        device=source.device,
        tiles=source.tiles,
        inputs=source.inputs,
        outputs=source.outputs,
        cache=options.cache,
        progress=progress,
        isas=isas,
    )


def _value(op: _adfc.Operation, name: str) -> Any:
    attribute = op.attribute(name)
    return None if attribute is None else attribute.value


def _of_graph(
    op: _adfc.Operation, name: str
) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    """Inputs and outputs of an adf.graph, from its arguments' and results' attributes."""
    text = str(op.attribute("function_type"))
    sides = text.split("->")
    if len(sides) != 2:
        raise ModelError(f"{name}: adf.graph of type {text}")
    specs: list[tuple[TensorSpec, ...]] = []
    for side, key, word in zip(sides, ("arg_attrs", "res_attrs"), ("input", "output"), strict=True):
        shapes = [_shape(found) for found in re.findall(r"tensor<((?:\d+x)+)i8>", side)]
        attributes = _value(op, key) or [{}] * len(shapes)
        if len(attributes) != len(shapes):
            raise ModelError(f"{name}: adf.graph has {word}s that are no tensors of int8")
        specs.append(
            tuple(
                _spec(entry, shape, f"{word}_{index}")
                for index, (entry, shape) in enumerate(zip(attributes, shapes, strict=True))
            )
        )
    return specs[0], specs[1]


def _shape(text: str) -> tuple[int, ...]:
    """Of "1x8x8x4x"."""
    return tuple(int(size) for size in text.split("x") if size)


def _spec(attributes: Mapping[str, Any], shape: tuple[int, ...], default: str) -> TensorSpec:
    """A tensor as adfc.frontend.boundary has it in attributes."""
    name = str(attributes.get("adfc.name", default))
    order = tuple(range(len(shape)))
    if "adfc.index_rows" in attributes:
        rows = int(attributes.get("adfc.index_rows", INT32_MAX))
        user = tuple(attributes["adfc.float_shape"])
        return TensorSpec(name, user, 1.0, tuple(range(len(user))), index_rows=rows)
    return TensorSpec(
        name,
        tuple(attributes.get("adfc.float_shape", shape)),
        float(attributes.get("adfc.scale", 1.0)),
        tuple(attributes.get("adfc.permutation", order)),
        bits=int(attributes.get("adfc.bits", 8)),
    )


def _of_program(
    op: _adfc.Operation, name: str
) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    """Inputs and outputs of an adf.program, from what its adf.ddr say of their tensors."""
    found: dict[int, list[TensorSpec]] = {0: [], 1: []}
    for ddr in op.regions[0].blocks[0].operations:
        if ddr.name != "adf.ddr" or _value(ddr, "buffer") not in found:
            continue
        symbol, described = _value(ddr, "sym_name"), _value(ddr, "adfc.tensor")
        if described is None:
            raise ModelError(
                f"{name}: adf.ddr @{symbol} does not say what tensor it is (adfc.tensor)",
                hint="of a network, edit what --emit adf writes",
            )
        try:
            data = json.loads(described)
            spec = tensor_spec(symbol, dtype(data["dtype"]).name, [int(n) for n in data["shape"]])
        except (ValueError, KeyError, TypeError) as error:
            raise CompileError(f"{name}: adfc.tensor of @{symbol}: {error}") from error
        found[_value(ddr, "buffer")].append(spec)
    return tuple(found[0]), tuple(found[1])
