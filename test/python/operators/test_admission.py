"""Who may use a package's operators: only who has tested it as it is, or says that it may be wrong.

Programs with operators of packages: composed ones, and what the reference model makes of them.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from negation import negate, operator, package
from torch import nn

from adfc.errors import UnsupportedOpError
from adfc.frontend.importer import import_model
from adfc.operators import Case, Composition, Operator, admission, untrusted_operators
from adfc.operators.registry import Package, from_folder, using
from adfc.oracle import ReferenceModel


class _Twice(nn.Module):
    """A layer between two calls of a package's operator, and one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(12, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return negate(negate(self.layer(negate(x))))


class _Once(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return negate(x)


SAMPLE = torch.linspace(-2, 2, 12).reshape(1, 12)


def test_is_refused_without_admission() -> None:
    with using(package(operator())), pytest.raises(UnsupportedOpError, match="adfc op check"):
        import_model(_Twice(), (SAMPLE,), [SAMPLE])


def test_is_taken_once_admitted() -> None:
    made = package(operator())
    admission.admit(made.digest, made.name)
    with using(made):
        assert "tosa.custom" in import_model(_Twice(), (SAMPLE,), [SAMPLE]).text


def test_another_version_of_the_checks_admits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = package(operator())
    admission.admit(made.digest, made.name)
    monkeypatch.setattr(admission, "CHECKS", admission.CHECKS + 1)
    assert not admission.is_admitted(made.digest)


def test_a_change_needs_another_test(tmp_path: Path) -> None:
    file = tmp_path / "kernel.c"
    file.write_text("one")
    made = Package("p", "1", (), tmp_path, (file,), "")
    before = made.digest
    admission.admit(before, "p")
    file.write_text("two")
    assert admission.is_admitted(before)
    assert not admission.is_admitted(made.digest)


def test_examples_load_with_all_their_files(repository: Path) -> None:
    found = from_folder(repository / "examples" / "operators" / "hard_swish")
    assert [file.name for file in found.files] == ["__init__.py", "table.c"]
    assert [made.name for made in found.operators] == ["adfc_examples::hard_swish"]


def test_the_reference_model_and_the_package_take_turns() -> None:
    model = _Twice()
    with using(package(operator())), untrusted_operators():
        tosa = import_model(model, (SAMPLE,), [SAMPLE])
        reference = ReferenceModel(tosa)
        (levels,) = reference.run([tosa.inputs[0].quantize(SAMPLE.numpy())])
    expected = model(SAMPLE).detach().numpy()
    step = tosa.outputs[0].scale
    assert np.abs(tosa.outputs[0].dequantize(levels) - expected).max() <= 2 * step


@pytest.mark.parametrize("output_scale", [0.5, "input"])
def test_fixed_scales_are_kept(output_scale: float | str) -> None:
    fixed = operator(input_scale=0.5, output_scale=output_scale)
    with using(package(fixed)), untrusted_operators():
        tosa = import_model(_Once(), (SAMPLE,), [SAMPLE])
        reference = ReferenceModel(tosa)
        (levels,) = reference.run([tosa.inputs[0].quantize(SAMPLE.numpy())])
    assert tosa.outputs[0].scale == 0.5
    assert np.array_equal(levels, np.rint(-SAMPLE.numpy() / 0.5))


def test_a_composition_takes_the_operators_place() -> None:
    composed = dataclasses.replace(
        operator(), kernel=Composition(lambda x: torch.relu(x) * 0.5), reference=None, cost=None
    )
    with using(package(composed)), untrusted_operators():
        text = import_model(_Twice(), (SAMPLE,), [SAMPLE]).text
    assert "tosa.custom" not in text
    assert "tosa.clamp" in text or "tosa.table" in text


def test_an_operator_without_a_reference_is_none() -> None:
    with pytest.raises(Exception, match="needs a reference and a cost"):
        operator(reference=None)
    with pytest.raises(Exception, match="has no cases"):
        operator(cases=())
    assert isinstance(operator(cases=(Case((1, 4)),)), Operator)
