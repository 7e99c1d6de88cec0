"""A small program in both of its forms, each compiled once, with its run observed."""

from __future__ import annotations

import pytest

from adfc.driver.options import CompileOptions
from adfc.frontend.load import load_model
from adfc.insight.run import observe
from adfc.insight.timeline import Timeline
from adfc.program import Program, compile_tosa


@pytest.fixture(scope="session", params=["through DDR", "resident"])
def program(request: pytest.FixtureRequest) -> Program:
    """Layer after layer through DDR, and one with a load program that starts what never ends."""
    source = load_model("resnet8", state_dict=None)
    resident = request.param == "resident"
    return compile_tosa(source.to_tosa(), CompileOptions(resident=resident), name="resnet8")


@pytest.fixture(scope="session")
def timeline(program: Program) -> Timeline:
    return observe(program)
