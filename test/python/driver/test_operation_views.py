"""Operations that Python makes: what the generated classes ask of `adfc._native.ir`."""

from __future__ import annotations

from typing import Any, cast

import pytest

from adfc._native.dialects import adf
from adfc._native.ir import OpView


def test_operands_in_segments_are_refused() -> None:
    """Nothing is made, rather than an operation without its segment sizes."""
    with pytest.raises(NotImplementedError, match=r"adf\.x has operands in segments"):
        OpView(
            "adf.x",
            (0, True),
            [1, 1],
            None,
            attributes={},
            operands=(),
            loc=cast(Any, None),
            ip=cast(Any, None),
        )


def test_no_operation_that_python_makes_has_them() -> None:
    made = [value for name, value in vars(adf).items() if name.endswith("Op")]
    assert made
    assert [op.OPERATION_NAME for op in made if op._ODS_OPERAND_SEGMENTS is not None] == []
