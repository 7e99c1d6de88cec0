"""From a module, an exported program or a `.pt2` file to a checked fx graph of ATen operators."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeAlias

import torch
from torch import nn
from torch.export import ExportedProgram
from torch.fx import GraphModule

from adfc.errors import AdfcError, InputError, ModelError
from adfc.frontend.compositions import inline_compositions
from adfc.frontend.forms import unify_forms
from adfc.frontend.in_place import hidden_writes
from adfc.frontend.means import reduce_along_axes
from adfc.frontend.norms import row_norms
from adfc.frontend.parts import join_parts
from adfc.frontend.pools import regular_pools
from adfc.frontend.prequantized import take_quantization
from adfc.frontend.products import linear_products
from adfc.frontend.quiet import without_recurrent_warning
from adfc.frontend.recurrent import unroll_recurrent
from adfc.frontend.rewrite import rewrite
from adfc.frontend.support import check_inputs, check_supported

Sample: TypeAlias = tuple[torch.Tensor, ...]
"""One tuple of model inputs."""

Importable: TypeAlias = nn.Module | ExportedProgram


def export_graph(model: Importable, example_inputs: Sequence[torch.Tensor] | None) -> GraphModule:
    """The graph of a model in inference mode, static, and made of supported operators.

    Of a model that came quantized it is the float graph, with its scales noted (`prequantized`).

    Raises InputError where the model does not run on `example_inputs`, ModelError where it cannot
    be exported or has dynamic shapes, UnsupportedOpError for what cannot be compiled. The model
    itself is left as it was.
    """
    graph = captured_graph(model, example_inputs)
    check_inputs(graph)
    check_supported(graph, hidden_writes(graph))
    return graph


def captured_graph(model: Importable, example_inputs: Sequence[torch.Tensor] | None) -> GraphModule:
    """As `export_graph`, but what the array cannot do is in it."""
    program = exported(model, example_inputs)
    graph = program.module(check_guards=False)
    inline_compositions(graph)
    take_quantization(graph)
    unroll_recurrent(graph)
    unify_forms(graph)
    join_parts(graph)
    regular_pools(graph)
    row_norms(graph)
    reduce_along_axes(graph)
    rewrite(graph)
    linear_products(graph)
    return graph


def exported(model: Importable, example_inputs: Sequence[torch.Tensor] | None) -> ExportedProgram:
    """The model as an exported program in inference mode; raises as `export_graph`."""
    return model if isinstance(model, ExportedProgram) else _export(model, example_inputs)


def _export(module: nn.Module, example_inputs: Sequence[torch.Tensor] | None) -> ExportedProgram:
    inputs = _checked_example(example_inputs)
    with inference_mode_of(module), torch.no_grad():
        try:
            module(*inputs)
        except AdfcError:
            raise
        except Exception as error:
            raise InputError(
                f"the model does not run on its example inputs "
                f"{[tuple(tensor.shape) for tensor in inputs]}: {first_line(error)}"
            ) from error
        try:
            with without_recurrent_warning():
                return torch.export.export(module, inputs)
        except Exception as error:
            raise ModelError(
                f"torch.export cannot capture the model: {first_line(error)}",
                hint="avoid control flow that depends on tensor values",
            ) from error


def _checked_example(example_inputs: Sequence[torch.Tensor] | None) -> Sample:
    if not example_inputs:
        raise InputError("the model needs example inputs", hint="pass a tuple of float32 tensors")
    for index, value in enumerate(example_inputs):
        # The annotation is a promise that callers may break.
        if not isinstance(value, torch.Tensor):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputError(f"example input {index} is a {type(value).__name__}, not a tensor")
        if value.dtype not in (torch.float32, torch.int64, torch.int32):
            raise InputError(
                f"example input {index} is {value.dtype}, expected torch.float32 "
                "(or torch.int64 for indices)"
            )
    return tuple(example_inputs)


@contextmanager
def inference_mode_of(module: nn.Module) -> Generator[None]:
    """Puts a module and all its children into eval mode, and back as each of them was."""
    modes = [(child, child.training) for child in module.modules()]
    # A graph that was exported before has its mode for good, and refuses to be told one.
    with suppress(NotImplementedError):
        module.eval()
    try:
        yield
    finally:
        for child, training in modes:
            child.training = training


def first_line(error: BaseException) -> str:
    """The first line of an error's text that says something, else its type."""
    for line in str(error).splitlines():
        if line.strip():
            return line.strip()
    return type(error).__name__
