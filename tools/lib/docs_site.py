"""Builds the documentation as a site in build/site; warnings are errors.

Pages of docs/ stay as they are, so that they can be read where they lie; pages that are made from
sources are added. Links that lead out of docs/ become copies of the page, or plain text.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import docs_reference
import docs_walk
from mkdocs.commands.build import build
from mkdocs.config import load_config

from adfc.spec.generate import generate, write
from adfc.spec.paths import spec_folder

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "build/site"

SECTIONS = {
    "Start": (
        "index.md",
        "see-it.md",
        "operators.md",
        "models.md",
        "quantization.md",
        "troubleshooting.md",
    ),
    "How it works": (
        "architecture.md",
        "walk.md",
        "graphs.md",
        "devices.md",
        "fidelity.md",
        "safety.md",
    ),
    "How to": (
        "deploy.md",
        "deployment-api.md",
        "bare-metal.md",
        "write-an-operator.md",
        "write-a-pass.md",
        "add-a-device.md",
        "add-a-board.md",
    ),
    "Reference": (
        "rcb.md",
        "rimfs.md",
        "rhal.md",
        "dialect-adf.md",
        "dialect-rcb.md",
        "passes.md",
        "Dialects/ADF/RationaleADF.md",
        "Dialects/RCB/RationaleRCB.md",
        "kernels.md",
    ),
}
"""Where pages stand. One that is not there is left out; others follow in "More"."""

COPIES = {"README.md": "index.md", "lib/Kernels/README.md": "kernels.md"}
"""Pages from elsewhere in the tree."""

_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def collect(folder: Path) -> None:
    """Write every page to `folder`."""
    shutil.copytree(ROOT / "docs", folder, dirs_exist_ok=True)
    for source, target in COPIES.items():
        shutil.copy(ROOT / source, folder / target)
    with tempfile.TemporaryDirectory(prefix="adfc-") as made:
        write(generate(spec_folder()), Path(made))
        include = Path(made) / "include"
        for name in docs_reference.DIALECTS:
            (folder / f"dialect-{name}.md").write_text(docs_reference.dialect(name, include))
        (folder / "passes.md").write_text(docs_reference.passes(include))
    (folder / "rhal.md").write_text(docs_reference.rhal())
    (folder / "walk.md").write_text(docs_walk.walk())
    homes = {target: (ROOT / source).parent for source, target in COPIES.items()}
    for page in folder.rglob("*.md"):
        name = str(page.relative_to(folder))
        home = homes.get(name, (ROOT / "docs" / name).parent)
        page.write_text(relinked(page.read_text(), home, page.parent, folder))


def relinked(text: str, home: Path, here: Path, folder: Path) -> str:
    """A page whose links to files of the tree lead to the site's pages, or are names of files.

    `home` is where the page lies in the tree, `here` where in the site's `folder`. Raises
    FileNotFoundError for a link to nothing.
    """
    copies = {ROOT / source: folder / target for source, target in COPIES.items()}

    def made(match: re.Match[str]) -> str:
        bang, label, target = match.groups()
        path, hash_, anchor = target.partition("#")
        if not path or ":" in path:
            return match[0]
        file = (home / path).resolve()
        if (here / path).exists():
            return match[0]
        page = copies.get(file)
        if page is None and file.is_relative_to(ROOT / "docs"):
            page = folder / file.relative_to(ROOT / "docs")
        if page is not None and page.exists():
            up = "../" * len(here.relative_to(folder).parts)
            return f"{bang}[{label}]({up}{page.relative_to(folder)}{hash_}{anchor})"
        if not file.exists():
            raise FileNotFoundError(f"{home}: there is no {target}")
        return label if "`" in label else f"{label} (`{file.relative_to(ROOT)}`)"

    return _LINK.sub(made, text)


def navigation(folder: Path) -> list[Any]:
    """Sections of pages; every page of the folder is in one."""
    left = {str(page.relative_to(folder)) for page in folder.rglob("*.md")}
    entries: list[Any] = []
    for title, pages in SECTIONS.items():
        there = [page for page in pages if page in left]
        left -= set(there)
        entries.append({title: there})
    return [*entries, {"More": sorted(left)}] if left else entries


def make(site: Path) -> list[str]:
    """Build the site and return its pages. Raises mkdocs' Abort where there is a warning."""
    pages = site.parent / f"{site.name}-pages"
    shutil.rmtree(pages, ignore_errors=True)
    collect(pages)
    settings = {
        "site_name": "adfc",
        "docs_dir": str(pages),
        "site_dir": str(site),
        "strict": True,
        "theme": {"name": "readthedocs", "navigation_depth": 2},
        "plugins": ["search"],
        "nav": navigation(pages),
        "markdown_extensions": ["tables", "fenced_code", "toc", "md_in_html", "sane_lists"],
        "validation": {
            "omitted_files": "warn",
            "absolute_links": "warn",
            "unrecognized_links": "warn",
            "not_found": "warn",
            "anchors": "warn",
        },
    }
    # JSON is YAML, too.
    file = site.parent / f"{site.name}.yml"
    file.write_text(json.dumps(settings, indent=1))
    config = load_config(str(file))
    build(config)
    return sorted(str(page.relative_to(site)) for page in site.rglob("*.html"))


def main() -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="tools/docs", description=__doc__)
    parser.add_argument("--site", type=Path, default=SITE, help="where to build (build/site)")
    site = parser.parse_args().site.resolve()
    pages = make(site)
    print(f"{site}/index.html: {len(pages)} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
