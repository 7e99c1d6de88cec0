"""The site is built without a warning, and holds what the sources hold."""

from __future__ import annotations

import re
from pathlib import Path

import docs_reference
import docs_site
import docs_walk
import pytest

from adfc.driver import passes


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    docs_site.make(folder)  # strict: a warning is an error
    return folder


def test_every_page_is_in_the_site(site: Path, repository: Path) -> None:
    made = {str(page.relative_to(site).parent) for page in site.rglob("index.html")}
    for page in (repository / "docs").rglob("*.md"):
        assert str(page.relative_to(repository / "docs").with_suffix("")) in made
    assert made >= {"walk", "dialect-adf", "dialect-rcb", "passes", "rhal", "kernels"}


def test_the_walk_shows_every_pass(site: Path) -> None:
    text = (site / "walk/index.html").read_text()
    stages = (passes.FUSE, passes.ARRAY, passes.CONTROL)
    for name in (name for stage in stages for name in stage.passes):
        assert f'<h2 id="{name}">' in text
        assert name in docs_walk.TOLD
    for sign in ("tosa.conv2d", "adf.graph", "adf.program", "rcb.", "&quot;schedule"[6:]):
        assert sign in text, sign


def test_dialects_are_told_whole(site: Path, repository: Path) -> None:
    """Each operation that TableGen declares has its section."""
    for name, file in docs_reference.DIALECTS.items():
        text = (site / f"dialect-{name}/index.html").read_text()
        source = "".join(
            p.read_text() for p in (repository / "dialects" / file).parent.glob("*.td")
        )
        for mnemonic in re.findall(r"_Op<\"([a-z_0-9.]+)\"", source):
            assert f"{name}.{mnemonic}" in text, mnemonic


def test_a_link_to_nothing_stops_the_build(tmp_path: Path, repository: Path) -> None:
    docs = repository / "docs"
    with pytest.raises(FileNotFoundError, match=r"no-such\.md"):
        docs_site.relinked("[a](no-such.md)", docs, tmp_path, tmp_path)
    assert (
        docs_site.relinked("[a](../spec/rcb.toml)", docs, tmp_path, tmp_path)
        == "a (`spec/rcb.toml`)"
    )


def test_pages_that_nobody_ordered_are_listed(tmp_path: Path) -> None:
    for name in ("architecture.md", "something-new.md"):
        (tmp_path / name).touch()
    sections = {
        title: pages for entry in docs_site.navigation(tmp_path) for title, pages in entry.items()
    }
    assert sections["How it works"] == ["architecture.md"]
    assert sections["More"] == ["something-new.md"]
