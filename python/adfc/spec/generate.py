"""Writes every header, table and TableGen file that spec/*.toml stands for.

    python -m adfc.spec.generate --out DIR

Each generator module has `outputs(spec_folder) -> {path under the include folder: text}`; the files
go to DIR/include. Standard library only: CMake runs this before anything is installed.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from adfc.errors import AdfcError
from adfc.spec.paths import spec_folder

GENERATORS = (
    "adfc.spec.registers_header",
    "adfc.spec.devices_header",
    "adfc.spec.rcb",
    "adfc.spec.rcb_mlir",
    "adfc.spec.core_program",
)


def generate(spec: Path) -> dict[str, str]:
    """All generated files of the spec folder: path under the include folder -> text."""
    files: dict[str, str] = {}
    for name in GENERATORS:
        made: dict[str, str] = importlib.import_module(name).outputs(spec)
        twice = sorted(files.keys() & made.keys())
        if twice:
            raise AdfcError(f"{name} makes {twice[0]}, which another generator makes too")
        files |= made
    return files


def write(files: dict[str, str], out: Path) -> None:
    """Writes the files under out/include; a file that is already the same keeps its time."""
    for path, text in sorted(files.items()):
        target = out / "include" / path
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit status."""
    title = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser(prog="adfc.spec.generate", description=title)
    parser.add_argument("--out", type=Path, required=True, help="folder to write include/ into")
    parser.add_argument("--spec", type=Path, help="the spec folder (default: the checkout's)")
    options = parser.parse_args(arguments)
    try:
        write(generate(options.spec or spec_folder()), options.out)
    except (AdfcError, OSError, KeyError, ValueError) as error:
        print(f"adfc.spec.generate: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
