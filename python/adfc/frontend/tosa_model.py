"""The product of the front end: TOSA text and its boundary tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adfc.model_io import TensorSpec


@dataclass(frozen=True)
class TosaModel:
    """A quantized model as TOSA 1.0 integer text.

    `text` is a builtin.module with one func.func @main that takes and returns int8 tensors in
    array order. `inputs` and `outputs` describe them in that order; the same facts stand on the
    function's arguments and results as `adfc.*` attributes, so the text alone, saved to a file,
    loses nothing that a compilation needs. `operators` names the PyTorch operators
    ("aten.add.Tensor") behind each label that a location of the text has; empty for text from
    elsewhere. `notes` are what a user should know of what quantization did to the model.
    """

    text: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    operators: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    notes: tuple[str, ...] = ()
