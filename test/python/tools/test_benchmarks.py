"""benchmarks/models.py: its table keeps what was not measured."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from adfc import zoo


@pytest.fixture
def models(repository: Path) -> Iterator[ModuleType]:
    """The script as a module."""
    path = repository / "benchmarks" / "models.py"
    spec = importlib.util.spec_from_file_location("benchmark_models", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where a dataclass looks for its types
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_models_without_figures_keep_their_rows(models: ModuleType) -> None:
    """The page before has "c", which is no model any more, and not yet "d"."""
    row = "| `{0}` | 1 | old |"
    before = "\n".join(row.format(name) for name in "cba")
    page = f"top\n<!-- models -->\n\n{before}\n\n<!-- end -->\nbottom | `x` |\n"
    measured = [
        models.Figures(name, 1, 2_000_000, 3.2, 4096, 5000, 0.25, 2048, True, None, 0.5)
        for name in "bd"
    ]
    after = models.with_rows(page, measured, ["d", "a", "b", "e"])
    new = "| `{0}` | 1 | 2.0 | 3 | 4 | 5,000 | 0.25 | 2 | all | - | 50% |"
    rows = "\n".join([new.format("d"), row.format("a"), new.format("b")])
    assert after == (
        f"top\n<!-- models -->\n\n{models.HEADING}\n{rows}\n\n<!-- end -->\nbottom | `x` |\n"
    )
    assert models.with_rows(after, measured, ["d", "a", "b", "e"]) == after


def test_without_figures_the_page_stays_as_it_is(models: ModuleType) -> None:
    text = models.PAGE.read_text(encoding="utf-8")
    assert models.with_rows(text, [], zoo.names()) == text


def test_figures_elsewhere_leave_the_page_alone(
    models: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(name: str, _inputs: int) -> object:
        return models.Figures(name, 1, 2, 3.0, 4, 5, 6.0, 7, True, 8.0, None)

    page = tmp_path / "models.md"
    page.write_text("<!-- models -->\n<!-- end -->\n", encoding="utf-8")
    monkeypatch.setattr(models, "PAGE", page)
    monkeypatch.setattr(models, "measure_apart", measured)
    monkeypatch.setattr(models, "FIGURES", tmp_path / "kept")
    for folder in ("other", "kept"):
        untouched = page.read_text(encoding="utf-8")
        arguments = ["models.py", "digits", "--out", str(tmp_path / folder)]
        monkeypatch.setattr(sys, "argv", arguments)
        assert models.main() == 0
        assert (page.read_text(encoding="utf-8") == untouched) == (folder == "other")
    assert "| `digits` | 1 |" in page.read_text(encoding="utf-8")
