"""Debian source packages that are compiled for the boards: which, where, and how they are fetched.

`python -m adfc.external_sources` fetches what is missing.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adfc.errors import AdfcError, ToolError
from adfc.external_tool import failure_text, find_tool, run_tool

_HINT = "fetch it with: python -m adfc.external_sources"
_ARCHIVE = """\
Types: deb-src
URIs: http://deb.debian.org/debian
Suites: bookworm
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
_MINUTES = 600.0


@dataclass(frozen=True)
class ExternalSource:
    """One source package; `include` and `sources` are relative to its folder."""

    name: str
    version: str
    sha256: str
    include: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where it is unpacked: in the user's cache."""
        root = os.environ.get("ADFC_EXTERNAL_SOURCES")
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return (Path(root) if root else cache / "adfc" / "external") / f"{self.name}-{self.version}"

    def found(self) -> Path:
        """The folder. Raises ToolError where the package has not been fetched."""
        if not self.folder.is_dir():
            raise ToolError(f"the source of {self.name} {self.version} is missing", hint=_HINT)
        return self.folder


def external_sources(runtime: Path) -> Mapping[str, ExternalSource]:
    """The packages that the run time in the folder `runtime` lists, by name."""
    text = (runtime / "rtpm" / "external.toml").read_text(encoding="utf-8")
    return {
        name: ExternalSource(
            name,
            facts["version"],
            facts["sha256"],
            tuple(facts["include"]),
            tuple(facts["sources"]),
        )
        for name, facts in tomllib.loads(text).items()
    }


def fetch(sources: Mapping[str, ExternalSource]) -> None:
    """Fetch and unpack what is missing, whole or not at all.

    apt does it with lists of its own, so that the machine's need not name source packages. Raises
    ToolError where apt or dpkg-source is missing or fails.
    """
    missing = [source for source in sources.values() if not source.folder.is_dir()]
    if not missing:
        return
    with tempfile.TemporaryDirectory(prefix="adfc-") as name:
        scratch = Path(name)
        scratch.chmod(0o755)  # apt reads as a user of its own
        _download(missing, scratch)
        for source in missing:
            _unpack(source, scratch)


def _download(sources: list[ExternalSource], scratch: Path) -> None:
    apt = find_tool(("apt-get",), hint="on another system unpack the packages by hand")
    for folder in ("parts", "lists", "archives"):
        (scratch / folder).mkdir()
    (scratch / "parts" / "source.sources").write_text(_ARCHIVE)
    places = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": scratch / "parts",
        "Dir::State::Lists": scratch / "lists",
        "Dir::Cache::Archives": scratch / "archives",
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "APT::Sandbox::User": "root",
    }
    options = [word for key, value in places.items() for word in ("-o", f"{key}={value}")]
    wanted = " ".join(f"{source.name}={source.version}" for source in sources)
    # apt-get source writes to the current folder.
    script = f'cd "$0" && "$1" -qq "${{@:2}}" update && "$1" -qq "${{@:2}}" source -d {wanted}'
    shell = find_tool(("bash",), hint="install bash")
    result = run_tool(shell, ["-c", script, str(scratch), str(apt), *options], timeout=_MINUTES)
    if result.returncode:
        raise ToolError(f"apt-get cannot fetch {wanted}: {failure_text(result)}")


def _unpack(source: ExternalSource, scratch: Path) -> None:
    unpacker = find_tool(("dpkg-source",), hint="install dpkg-dev (Debian)")
    description = scratch / f"{source.name}_{source.version}.dsc"
    if hashlib.sha256(description.read_bytes()).hexdigest() != source.sha256:
        raise ToolError(f"{description.name} is not the one that is expected")
    source.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=source.folder.parent) as beside:
        made = Path(beside) / source.name
        result = run_tool(unpacker, ["-x", str(description), str(made)], timeout=_MINUTES)
        if result.returncode:
            raise ToolError(f"dpkg-source: {failure_text(result)}")
        if not source.folder.is_dir():
            made.rename(source.folder)


def main() -> None:
    """Fetch what is missing."""
    from adfc.boards.board import runtime_folder  # noqa: PLC0415  (boards depend on this module)

    try:
        fetch(external_sources(runtime_folder()))
    except AdfcError as error:
        sys.exit(f"adfc: error: {error}")


if __name__ == "__main__":
    main()
