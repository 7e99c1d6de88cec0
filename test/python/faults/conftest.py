"""Compiled models for the tests of faults."""

import pytest

import adfc
from adfc.zoo import autoencoder as autoencoder_model
from adfc.zoo import digits as digits_model


@pytest.fixture(scope="session")
def digits() -> adfc.Program:
    """The zoo's smallest model."""
    model, example = digits_model.build()
    return adfc.compile(model, example, name="digits")


@pytest.fixture(scope="session")
def autoencoder() -> adfc.Program:
    """A model whose weights nearly fill a tile's memory."""
    model, example = autoencoder_model.MODEL.build()
    return adfc.compile(model, example, name="autoencoder")
