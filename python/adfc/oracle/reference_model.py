"""Arm's TOSA reference model, from the tosa-tools package: the golden integer semantics."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adfc.errors import InputError, ModelError, ToolError
from adfc.external_tool import failure_text, find_tool, run_tool
from adfc.frontend.tosa_model import TosaModel
from adfc.frontend.tosa_text import parse_tosa
from adfc.model_io import TensorSpec
from adfc.oracle.package_operators import has_package_operators, staged

_HINT = "pip install tosa-tools"


class ReferenceModel:
    """One TOSA model, serialized once and run as often as wanted, in this process."""

    def __init__(self, model: TosaModel) -> None:
        """Serializes the model.

        Raises ModelError where tosa-opt refuses it, ToolError without tosa-tools.
        """
        self._model = model
        self._parts = _PackageStages(model.text) if has_package_operators(model.text) else None
        self._flatbuffer = b"" if self._parts is not None else _serialize(model.text)

    def run(self, inputs: Sequence[NDArray[np.int8]]) -> list[NDArray[np.int8]]:
        """Int8 inputs in array order -> int8 outputs in array order.

        Raises InputError for inputs of other shapes or dtypes, ModelError where TOSA leaves the
        result undefined (an overflow).
        """
        self._check(inputs)
        seen = [_levels(spec, x) for spec, x in zip(self._model.inputs, inputs, strict=True)]
        if self._parts is not None:
            outputs = self._parts.run(seen)
        else:
            outputs = _run_arm_model(self._flatbuffer, seen)
        return [
            np.asarray(values).view(np.int8).reshape(spec.array_shape)
            for values, spec in zip(outputs, self._model.outputs, strict=True)
        ]

    def _check(self, inputs: Sequence[NDArray[np.int8]]) -> None:
        specs = self._model.inputs
        if len(inputs) != len(specs):
            raise InputError(f"{len(inputs)} inputs given, the model has {len(specs)}")
        for spec, values in zip(specs, inputs, strict=True):
            if values.dtype != np.int8 or values.shape != spec.array_shape:
                raise InputError(
                    f"input '{spec.name}' is {values.dtype}{list(values.shape)}, "
                    f"expected int8{list(spec.array_shape)} in array order"
                )


class _PackageStages:
    """A program with operators of packages: Arm's model runs what lies between them."""

    def __init__(self, text: str) -> None:
        self._staged = staged(text)
        self._flatbuffers = [
            _serialize(stage.text) if stage.outputs else b"" for stage in self._staged.stages
        ]

    def run(self, inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """The outputs; raises ModelError as `PackageOperator.run` does."""
        known: dict[int, NDArray[Any]] = dict(enumerate(inputs))
        parts = zip(self._staged.stages, self._staged.calls, self._flatbuffers, strict=True)
        for stage, calls, flatbuffer in parts:
            if stage.outputs:
                found = _run_arm_model(flatbuffer, [known[number] for number in stage.inputs])
                known |= dict(zip(stage.outputs, (np.asarray(x) for x in found), strict=True))
            for number, call in calls:
                operands = [np.asarray(known[n]).view(np.int8) for n in call.inputs]
                known[number] = call.run(operands)
        return [known[number] for number in self._staged.results]


def _run_arm_model(flatbuffer: bytes, inputs: Sequence[NDArray[Any]]) -> Sequence[Any]:
    """Arm's model on a flatbuffer. Raises ModelError where it refuses it, or finds an overflow."""
    arm = _arm_model()
    try:
        outputs, status = arm.run(flatbuffer, list(inputs))
    except ValueError as error:
        raise ModelError(f"the TOSA reference model refuses the program: {error}") from error
    if status != arm.GraphStatus.TOSA_VALID:
        raise ModelError(f"the TOSA reference model ends with {status}")
    return outputs


def _levels(spec: TensorSpec, values: NDArray[np.int8]) -> NDArray[Any]:
    """What TOSA sees: int8, or indices of which `values` are the bytes."""
    values = np.ascontiguousarray(values)
    return values.view("<i4").reshape(spec.shape) if spec.index_rows else values


def run_reference_model(text: str, inputs: Sequence[NDArray[np.int8]]) -> list[NDArray[np.int8]]:
    """One run of TOSA text; see `ReferenceModel`, which is quicker for several."""
    return ReferenceModel(parse_tosa(text)).run(inputs)


def _arm_model() -> Any:
    """Arm's module; the package is optional."""
    try:
        return importlib.import_module("tosa_reference_model")
    except ImportError as error:
        raise ToolError("tosa_reference_model is not installed", hint=_HINT) from error


def _serialize(text: str) -> bytes:
    """The TOSA flatbuffer of TOSA text."""
    tool = find_tool(["tosa-opt"], hint=_HINT)
    with tempfile.TemporaryDirectory() as directory:
        flatbuffer = Path(directory) / "model.tosa"
        arguments = [
            "--tosa-serialize",
            f"--tosa-flatbuffer-filename={flatbuffer}",
            "-o",
            "/dev/null",
        ]
        result = run_tool(tool, arguments, stdin=text)
        if result.returncode != 0 or not flatbuffer.is_file():
            raise ModelError(f"tosa-opt cannot serialize the model: {failure_text(result)}")
        return flatbuffer.read_bytes()
