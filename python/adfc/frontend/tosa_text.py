"""Reading TOSA text that came from a file: ours, or any other producer's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adfc.errors import ModelError
from adfc.frontend.boundary import ENTRY, spec_from
from adfc.frontend.mlir import ir
from adfc.frontend.tosa_model import TosaModel
from adfc.model_io import TensorSpec


def read_tosa(path: Path) -> TosaModel:
    """The model in a TOSA `.mlir` file. Raises ModelError where it is none of int8 tensors."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"cannot read {path}: {error}") from error
    return parse_tosa(text, str(path))


def parse_tosa(text: str, origin: str = "TOSA text") -> TosaModel:
    """The model in TOSA text; `origin` names it in errors."""
    with ir.Context():
        try:
            module = ir.Module.parse(text)
        except ir.MLIRError as error:
            raise ModelError(f"{origin}{_first_diagnostic(error)}") from error
        function = _entry(module, origin)
        inputs = _specs(function, "arg_attrs", function.type.inputs, "input", origin)
        outputs = _specs(function, "res_attrs", function.type.results, "output", origin)
    return TosaModel(text, inputs, outputs)


def _entry(module: Any, origin: str) -> Any:
    functions = [op for op in module.body.operations if op.operation.name == "func.func"]
    for function in functions:
        if function.name.value == ENTRY:
            return function
    raise ModelError(f"{origin} has no func.func @{ENTRY}", hint="rename the entry function")


def _specs(
    function: Any, attribute: str, types: Sequence[Any], word: str, origin: str
) -> tuple[TensorSpec, ...]:
    """Specs of all arguments or results."""
    attributes = function.attributes
    dictionaries = list(attributes[attribute]) if attribute in attributes else [None] * len(types)
    specs: list[TensorSpec] = []
    for index, (tensor, dictionary) in enumerate(zip(types, dictionaries, strict=True)):
        name = f"{word}_{index}"
        if isinstance(tensor, ir.RankedTensorType):
            ranked = tensor
            element = str(ranked.element_type)
            known = element in ("i8", "i32") or (element, word) == ("i16", "output")
            if ranked.has_static_shape and known:
                shape, bits = tuple(ranked.shape), 16 if element == "i16" else 8
                specs.append(
                    spec_from(dictionary, shape, name, indices=element == "i32", bits=bits)
                )
                continue
        raise ModelError(
            f"{origin}: {name} of @{ENTRY} is {tensor}, expected a static tensor of i8",
            hint="quantize the model to int8 and fix its shapes first",
        )
    return tuple(specs)


def _first_diagnostic(error: Any) -> str:
    """ ":LINE:COLUMN: MESSAGE" of a parse failure."""
    for diagnostic in error.error_diagnostics:
        location = str(diagnostic.location).removeprefix('loc("-"').removesuffix(")")
        return f"{location}: {diagnostic.message}"
    return f": {error}"
