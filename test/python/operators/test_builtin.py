"""Built-in operators are described as those of packages, and pass the same admission test."""

from __future__ import annotations

import dataclasses

import pytest

from adfc.driver.options import CompileOptions
from adfc.errors import InputError
from adfc.frontend.emit.operators import FAMILIES
from adfc.operators import Extents, LibraryKernel, Operator, builtin
from adfc.operators.checks import CHECKS, check_package
from adfc.operators.checks.programs import call_of, model_of
from adfc.operators.registry import Package, built_in
from adfc.planner.kernel_cost import group_slots
from adfc.program import compile_tosa
from adfc.spec import kernels

NAMES = [family.name for family in builtin.FAMILIES]
DESCRIPTION = {"documentation", "PyTorch operator", "declaration", "reference", "cost"}


def _with(name: str, *operators: Operator) -> Package:
    return dataclasses.replace(built_in(f"builtin:{name}"), operators=operators)


def _one_of_each_kernel() -> list[tuple[str, Operator]]:
    found: dict[str, tuple[str, Operator]] = {}
    for family in builtin.FAMILIES:
        for operator in family.operators:
            assert isinstance(operator.kernel, LibraryKernel)
            found.setdefault(operator.kernel.kind, (family.name, operator))
    return list(found.values())


@pytest.mark.parametrize("name", NAMES)
def test_descriptions_are_true_of_each_operator(name: str) -> None:
    findings = check_package(built_in(f"builtin:{name}"), (), only=DESCRIPTION)
    assert [f for f in findings if not f.passed] == []
    assert len(findings) == len(DESCRIPTION) * len(builtin.family(name).operators)


EACH_KERNEL = pytest.mark.parametrize("pair", _one_of_each_kernel(), ids=lambda pair: pair[1].name)


@EACH_KERNEL
def test_kernels_give_what_the_description_says(pair: tuple[str, Operator]) -> None:
    name, operator = pair
    findings = check_package(_with(name, operator), (), only={"edge data"})
    assert [f for f in findings if not f.passed] == []


@pytest.mark.slow
@EACH_KERNEL
def test_kernels_pass_all_checks(pair: tuple[str, Operator]) -> None:
    name, operator = pair
    findings = check_package(_with(name, operator), ())
    assert [f for f in findings if not f.passed] == []
    assert len(findings) == len(CHECKS)


def test_programs_give_what_the_description_says() -> None:
    operator = builtin.family("arithmetic").operators[0]
    findings = check_package(_with("arithmetic", operator), (), only={"emulator"})
    assert [f for f in findings if not f.passed] == []


@pytest.mark.parametrize("name", ["softmax", "normalization"])
def test_row_programs_are_those_of_the_compiler(name: str) -> None:
    """The steps that a description gives are the ones that TOSA is converted to."""
    operator = builtin.family(name).operators[0]
    tosa = model_of(operator, operator.cases[0])
    program = compile_tosa(tosa, CompileOptions(tiles=1), name=name, isas=())
    call = call_of(operator, operator.cases[0], tosa)
    assert isinstance(operator.kernel, LibraryKernel)
    (made,) = (k["config"] for k in program.parts.metadata["kernels"] if k["kind"] == "rowwise")
    rows, valid, channels = made["out"]
    extents = Extents((rows, 1, channels), (rows, 1, channels), lengths=(valid, valid))
    assert operator.kernel.config(extents, operator.prepare(call).parameters) == made


def test_a_wrong_description_is_found() -> None:
    operator = builtin.family("extremum").operators[0]
    other = builtin.family("extremum").operators[1]
    wrong = _with("extremum", dataclasses.replace(operator, reference=other.reference))
    findings = {f.check: f for f in check_package(wrong, (), only={"reference", "edge data"})}
    assert not findings["reference"].passed
    assert not findings["edge data"].passed


def test_the_front_end_and_the_planner_have_no_second_table() -> None:
    """Targets and costs of described operators stand in their folders alone."""
    described = [o for family in builtin.FAMILIES for o in family.operators]
    for operator in described:
        for target in operator.targets:
            assert sum(target in family.targets for family in FAMILIES) == 1
    table = kernels.load("aieml")
    assert not set(builtin.costs()) & set(table.elementwise)
    for kind, cost in builtin.costs().items():
        assert group_slots(kind, 4, table) == kernels.Slots(**cost.slots(4))


def test_an_unknown_family_is_an_error() -> None:
    with pytest.raises(InputError, match="no family 'lorem'") as error:
        built_in("builtin:lorem")
    assert "arithmetic" in (error.value.hint or "")
