"""The documents' tables say what the specification says."""

from pathlib import Path

import pytest

from adfc.spec.docs import refreshed
from adfc.spec.paths import spec_folder


@pytest.mark.parametrize("name", ["rcb.md"])
def test_tables_are_current(repository: Path, name: str) -> None:
    text = (repository / "docs" / name).read_text(encoding="utf-8")
    assert "<!-- spec: " in text
    assert refreshed(text, spec_folder()) == text, "run python -m adfc.spec.docs"
