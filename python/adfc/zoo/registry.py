"""The list of the zoo's models."""

from __future__ import annotations

import difflib

from adfc.errors import ModelError
from adfc.zoo import (
    autoencoder,
    detector,
    digits,
    ds_cnn,
    efficientnet,
    mobilenet_v1,
    mobilenet_v2,
    mobilenet_v3,
    recurrent,
    resnet8,
    resnet18,
    resnet50,
    sensor_cnn,
    transformer,
    unet,
)
from adfc.zoo.model import ZooModel

_MODELS = {
    model.name: model
    for model in (
        resnet50.MODEL,
        resnet18.MODEL,
        efficientnet.MODEL,
        mobilenet_v2.MODEL,
        mobilenet_v3.MODEL,
        unet.MODEL,
        detector.MODEL,
        autoencoder.MODEL,
        mobilenet_v1.MODEL,
        resnet8.MODEL,
        sensor_cnn.MODEL,
        recurrent.LSTM,
        recurrent.GRU,
        ds_cnn.MODEL,
        transformer.VIT,
        transformer.DECODER,
        transformer.BERT,
        digits.MODEL,
    )
}


def names() -> tuple[str, ...]:
    """Names of all models, largest first."""
    return tuple(_MODELS)


def get(name: str) -> ZooModel:
    """The model of that name. Raises ModelError where there is none."""
    if name in _MODELS:
        return _MODELS[name]
    close = difflib.get_close_matches(name, _MODELS, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"the zoo has {', '.join(_MODELS)}"
    raise ModelError(f"there is no model '{name}'", hint=hint)
