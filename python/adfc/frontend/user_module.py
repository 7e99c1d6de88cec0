"""Loading `FILE.py:FUNCTION`: a user's Python function that returns a model."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adfc.errors import AdfcError, ModelError
from adfc.graph import Graph
from adfc.suggest import did_you_mean

if TYPE_CHECKING:
    from torch import nn

    from adfc.zoo.model import Sample

_RETURNS = "return (module, example_inputs) or (module, example_inputs, calibration_samples)"


@dataclass(frozen=True)
class UserModel:
    """What the user's function returned."""

    module: nn.Module
    example_inputs: Sample
    calibration: Sequence[Sample] | None


def load_user_model(path: Path, function: str) -> UserModel | Graph:
    """Runs `function` of the Python file at `path`, which returns a model or a data-flow graph.

    Raises ModelError, with the line in the user's file, where the file or the function fails, and
    where it returns something else than a module and its inputs.
    """
    if not path.is_file():
        raise ModelError(f"{path} does not exist")
    call = _function_of(path, function)
    returned = _guarded(path, call)
    if isinstance(returned, Graph):
        return returned
    if not isinstance(returned, (tuple, list)) or len(returned) not in (2, 3):
        raise ModelError(f"{path}:{function} does not return a model", hint=_RETURNS)
    from torch import nn

    module, example, *rest = returned
    if not isinstance(module, nn.Module):
        kind = type(module).__name__
        raise ModelError(f"{path}:{function} returns a {kind} for a module", hint=_RETURNS)
    calibration = [_as_sample(sample) for sample in rest[0]] if rest else None
    return UserModel(module, _as_sample(example), calibration)


def _function_of(path: Path, name: str) -> Callable[[], Any]:
    module_name = f"adfc_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise ModelError(f"{path} is no Python file", hint="name a .py file")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and pickling look their module up by name.
    sys.modules[module_name] = module
    loader = spec.loader
    _guarded(path, lambda: loader.exec_module(module))
    call = getattr(module, name, None)
    if not callable(call):
        known = [key for key, value in vars(module).items() if _is_own(value, module_name)]
        hint = did_you_mean(name, known, f"it has {', '.join(known)}" if known else "")
        raise ModelError(f"{path} has no function '{name}'", hint=hint or None)
    return call


def _is_own(value: Any, module_name: str) -> bool:
    """Whether it is a function that the module itself defines."""
    return inspect.isfunction(value) and value.__module__ == module_name


def _guarded(path: Path, call: Callable[[], Any]) -> Any:
    """The result of user code; its failure becomes one line that names the user's line."""
    try:
        return call()
    except AdfcError:
        raise
    except Exception as error:
        from adfc.frontend.export import first_line

        names = (str(path), str(path.absolute()))  # the import system makes paths absolute
        if isinstance(error, SyntaxError) and error.filename in names:
            place = f"{path}:{error.lineno}"
        else:
            frames = traceback.extract_tb(error.__traceback__)
            lines = [frame.lineno for frame in frames if frame.filename in names]
            place = f"{path}:{lines[-1]}" if lines else str(path)
        raise ModelError(f"{place}: {type(error).__name__}: {first_line(error)}") from error


def _as_sample(value: Any) -> Sample:
    import torch

    return (value,) if isinstance(value, torch.Tensor) else tuple(value)
