"""The dynamo backend: a captured graph becomes a program when it is called first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch._dynamo.symbolic_convert import InstructionTranslator
from torch.fx import GraphModule

import adfc.api
from adfc.errors import AdfcError, ModelError
from adfc.program import Program
from adfc.torch_compile.capture import export_captured, is_static
from adfc.torch_compile.options import BackendOptions

_RESUMED = "torch_dynamo_resume_in_"
"""How dynamo names the functions that go on after a graph break (its bytecode_transformation)."""


def adfc_backend(
    graph: GraphModule,
    _example_inputs: Sequence[Any],
    *,
    options: Mapping[str, Any] | None = None,
    **others: Any,
) -> CompiledGraph:
    """What torch.compile calls for each graph. Nothing fails here: dynamo would hide the error."""
    return CompiledGraph(graph, options, others, resumed_in=_resumed_function())


def _resumed_function() -> str:
    """The function that goes on after a graph break, where dynamo is compiling one; else ""."""
    try:
        name = InstructionTranslator.current_tx().f_code.co_name
    except AttributeError:
        return ""
    return name.removeprefix(_RESUMED) if name.startswith(_RESUMED) else ""


class CompiledGraph:
    """A graph of the user's model: compiled on the first call, run on the array by each.

    It is calibrated on the inputs of the first call where options do not give `calibration`.
    Raises what `adfc.compile` raises.
    """

    def __init__(
        self,
        graph: GraphModule,
        options: Mapping[str, Any] | None,
        others: Mapping[str, Any],
        *,
        resumed_in: str,
    ) -> None:
        self._graph = graph
        self._given = (options, others)
        self._resumed_in = resumed_in
        self._static: list[bool] = []
        self._versions: list[tuple[int, int]] = []
        self._failure: AdfcError | None = None
        self.program: Program | None = None

    def __call__(self, *values: Any) -> tuple[torch.Tensor, ...]:
        """One inference. Gradients do not flow through it."""
        if self._failure is not None:
            raise self._failure
        if self.program is None:
            try:
                self.program = self._compile(values)
            except AdfcError as error:
                self._failure = error
                raise
        self._check_unchanged(values)
        inputs = [
            value.detach().numpy()
            for value, fixed in zip(values, self._static, strict=True)
            if not fixed
        ]
        outputs = self.program.run_detailed(*inputs, keep_state=True).outputs
        return tuple(torch.from_numpy(output) for output in outputs)

    def _compile(self, values: Sequence[Any]) -> Program:
        options = BackendOptions.parse(*self._given)
        if self._resumed_in and not options.allow_graph_breaks:
            raise ModelError(
                f"torch.compile broke the model into several graphs in {self._resumed_in}: Python "
                "runs between them",
                hint="see why with fullgraph=True, or pass options={'allow_graph_breaks': True}",
            )
        placeholders = [node for node in self._graph.graph.nodes if node.op == "placeholder"]
        self._static = [is_static(n, v) for n, v in zip(placeholders, values, strict=True)]
        self._versions = self._versions_of(values)
        exported = export_captured(self._graph, values)
        example = tuple(
            value.detach() for value, fixed in zip(values, self._static, strict=True) if not fixed
        )
        keywords: dict[str, Any] = {"calibration": [example], **options.compile}
        program = adfc.api.compile(exported, example, **keywords)
        if options.on_program is not None:
            options.on_program(program)
        return program

    def _versions_of(self, values: Sequence[Any]) -> list[tuple[int, int]]:
        """Identity and version of each parameter: both change where its values may have."""
        return [
            (value.data_ptr(), value._version)
            for value, fixed in zip(values, self._static, strict=True)
            if fixed
        ]

    def _check_unchanged(self, values: Sequence[Any]) -> None:
        if self._versions_of(values) != self._versions:
            raise ModelError(
                "the model's parameters have changed since it was compiled",
                hint="call torch.compiler.reset() to have it compiled again",
            )
