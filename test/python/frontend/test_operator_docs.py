"""docs/operators.md says what the code does."""

from __future__ import annotations

from pathlib import Path

from adfc.frontend.operator_docs import page
from adfc.frontend.support import supported_targets


def test_page_is_current(repository: Path) -> None:
    text = (repository / "docs" / "operators.md").read_text(encoding="utf-8")
    assert page(repository) == text, "run python -m adfc.frontend.operator_docs"


def test_page_names_every_operator(repository: Path) -> None:
    text = page(repository)
    for target in supported_targets():
        name = target.split(".")[1]
        assert f"`{name}`" in text or f"`{name.removesuffix('_')}`" in text


def test_page_names_every_graph_operation(repository: Path) -> None:
    """Each operation that the conversion from TOSA can make stands in its table."""
    text = page(repository)
    for name in ("conv2d", "add", "mul", "maximum", "resize", "assemble", "slice", "mean2d"):
        assert f"`adf.{name}`" in text
