"""Models as transformers, torchvision and timm make them compile, and give the reference's bytes.

Skipped where a library is not installed: none of them is needed for adfc (docs/models.md).
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import torch
from architectures import ARCHITECTURES

from adfc.driver.options import CompileOptions
from adfc.frontend import import_model
from adfc.oracle import ReferenceModel
from adfc.program import compile_tosa

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_array_gives_the_reference_models_bytes(name: str) -> None:
    library = name.partition(":")[0]
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    torch.manual_seed(0)
    module, example = ARCHITECTURES[name]()
    tosa = import_model(module, (example,), [(example,)])
    program = compile_tosa(tosa, CompileOptions(), name="library")
    (spec,) = tosa.inputs
    levels = [spec.quantize(example.numpy())]
    expected = ReferenceModel(tosa).run(levels)
    for right, found in zip(expected, program.execute(levels).outputs, strict=True):
        np.testing.assert_array_equal(found, right)
