"""From what the user names as MODEL to a model.

model.pt2           torch.export.save's file
FILE.py:FUNCTION    a function that returns (module, example inputs) and perhaps calibration
                    samples, or a data-flow graph
FILE.py             the same of its function `graph`
model.mlir          TOSA text, or text of `adfc compile --emit adf`
resnet18            a model of the zoo
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from adfc import zoo
from adfc.errors import InputError, ModelError
from adfc.frontend.images import PRESETS
from adfc.frontend.quiet import quiet_logging
from adfc.frontend.source import AdfSource, GraphSource, ModelSource, TorchSource, TosaSource
from adfc.frontend.tosa_text import read_tosa
from adfc.frontend.user_module import load_user_model
from adfc.graph import Graph
from adfc.operators.registry import installed

_FORMS = "name a .pt2 file, FILE.py:FUNCTION, a TOSA .mlir file, or a model of the zoo"
_IMAGE = "adfc report and adfc bench tell what an image takes; here name the model it was made from"
GRAPH = "graph"
"""The function of a Python file that is named without one."""

_ADF = re.compile(r"^\s*adf\.(graph|program)\b", re.MULTILINE)
"""What text in the dialect adf begins with."""

_EXAMPLE_INPUTS = "the example inputs alone"


def load_model(model: str, *, state_dict: Path | None = None) -> ModelSource:
    """The model that `model` names; `state_dict` is a file of trained weights for it.

    Raises ModelError where there is no such model or it cannot be read, InputError for weights that
    come with the model already.
    """
    path = Path(model)
    python_file, colon, function = model.rpartition(":")
    if colon and python_file.endswith(".py"):
        source = _from_python(Path(python_file), function, state_dict)
    elif path.suffix == ".py":
        source = _from_python(path, GRAPH, state_dict)
    elif path.suffix in (".pt2", ".mlir"):
        if state_dict is not None:
            raise InputError(f"{model} holds its weights already", hint="drop the weights file")
        if not path.is_file():
            raise ModelError(f"{path} does not exist")
        source = _from_pt2(path) if path.suffix == ".pt2" else _from_mlir(path)
    elif path.suffix or len(path.parts) > 1:
        if path.suffix == ".rimfs" and path.exists():
            raise ModelError(f"{model} is a program image, and no model", hint=_IMAGE)
        what = "is no kind of model file" if path.exists() else "does not exist"
        raise ModelError(f"{model} {what}", hint=_FORMS)
    else:
        source = _from_zoo(model, state_dict)
    return source


def _from_zoo(name: str, state_dict: Path | None) -> TorchSource:
    entry = zoo.get(name)
    module, example_inputs = entry.build(state_dict)
    return TorchSource(
        name=entry.name,
        model=module,
        example_inputs=example_inputs,
        calibration=entry.calibration(entry.calibration_samples),
        calibration_origin=f"{entry.calibration_samples} samples of the zoo",
        sample_inputs=entry.sample_inputs,
        evaluation=entry.evaluation,
        preprocessing=PRESETS[entry.preprocessing] if entry.preprocessing else None,
    )


def _from_python(path: Path, function: str, state_dict: Path | None) -> TorchSource | GraphSource:
    user = load_user_model(path, function)
    if isinstance(user, Graph):
        return GraphSource(user.name, user)
    if state_dict is not None:
        from adfc.zoo.weights import load_state_dict

        load_state_dict(user.module, state_dict)
    samples = user.calibration if user.calibration is not None else [user.example_inputs]
    origin = f"{len(samples)} samples of {path}:{function}"
    return TorchSource(
        name=function,
        model=user.module,
        example_inputs=user.example_inputs,
        calibration=samples,
        calibration_origin=origin if user.calibration is not None else _EXAMPLE_INPUTS,
    )


def _from_pt2(path: Path) -> TorchSource:
    import torch

    from adfc.frontend.export import first_line

    installed()  # their operators may stand in the program
    try:
        # A quantized model's operators are known once torchao is imported.
        importlib.import_module("adfc.frontend.torchao_import")
        with quiet_logging():
            program = torch.export.load(path)
    except Exception as error:
        raise ModelError(
            f"{path} is no exported program: {first_line(error)}",
            hint="write it with torch.export.save",
        ) from error
    example = program.example_inputs
    inputs = tuple(example[0]) if example is not None else None
    return TorchSource(
        name=path.stem,
        model=program,
        example_inputs=inputs,
        calibration=[inputs] if inputs else [],
        calibration_origin=_EXAMPLE_INPUTS,
    )


def _from_mlir(path: Path) -> TosaSource | AdfSource:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"cannot read {path}: {error}") from error
    if _ADF.search(text):
        return AdfSource(path.name.split(".")[0], text)
    return TosaSource(path.stem, read_tosa(path))
