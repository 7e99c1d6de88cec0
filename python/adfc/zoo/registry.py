"""The list of the zoo's models."""

from __future__ import annotations

import difflib
import importlib

from adfc.errors import ModelError
from adfc.zoo.model import ZooModel

_HOMES = {
    "resnet50": "resnet50.MODEL",
    "resnet18": "resnet18.MODEL",
    "efficientnet_b0": "efficientnet.MODEL",
    "mobilenet_v2": "mobilenet_v2.MODEL",
    "mobilenet_v3_small": "mobilenet_v3.MODEL",
    "unet": "unet.MODEL",
    "detector": "detector.MODEL",
    "autoencoder": "autoencoder.MODEL",
    "mobilenet_v1": "mobilenet_v1.MODEL",
    "resnet8": "resnet8.MODEL",
    "sensor_cnn": "sensor_cnn.MODEL",
    "lstm": "recurrent.LSTM",
    "gru": "recurrent.GRU",
    "ds_cnn": "ds_cnn.MODEL",
    "vit_tiny": "transformer.VIT",
    "decoder_tiny": "transformer.DECODER",
    "bert_tiny": "transformer.BERT",
    "digits": "digits.MODEL",
}
"""Module and variable of each model, imported on demand: they need PyTorch, names do not."""


def names() -> tuple[str, ...]:
    """Names of all models, largest first."""
    return tuple(_HOMES)


def get(name: str) -> ZooModel:
    """The model of that name. Raises ModelError where there is none."""
    if name in _HOMES:
        module, _, variable = _HOMES[name].partition(".")
        return getattr(importlib.import_module(f"adfc.zoo.{module}"), variable)
    close = difflib.get_close_matches(name, _HOMES, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"the zoo has {', '.join(_HOMES)}"
    raise ModelError(f"there is no model '{name}'", hint=hint)
