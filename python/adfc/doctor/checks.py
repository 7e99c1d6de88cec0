"""The checks. Nothing is installed or changed; each takes seconds at most."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from adfc._native import native_file
from adfc.boards.board import board_names, load_board, runtime_folder
from adfc.driver.kernel_cache import default_folder
from adfc.errors import AdfcError
from adfc.external_sources import external_sources
from adfc.external_tool import failure_text, find_tool, run_tool
from adfc.footprint import TARGETS

PACKAGES: dict[str, str] = {
    "torch": "",
    "torchao": "",
    "torch-mlir": "",
    "numpy": "",
    "rich": "",
    "typer": "",
    "tosa-tools": "adfc check's second opinion, Arm's TOSA reference model",
    "scikit-learn": "the model digits of the zoo",
    "pillow": "folders of images",
    "perfetto": "timelines in Perfetto's own format",
}
"""Python packages: what does not work without each; "": nothing does."""

_LLVM = "/usr/lib/llvm-22/bin"


@dataclass(frozen=True)
class Check:
    """One thing that was looked for.

    `needed`: models cannot be compiled and run without it. `found` says what there is, or why it
    does not work; `remedy` what to install; `without` what does not work without it.
    """

    name: str
    ok: bool
    needed: bool
    found: str
    remedy: str = ""
    without: str = ""


def all_checks() -> Iterator[Check]:
    """Every check, the needed ones first."""
    yield _python()
    for name, without in PACKAGES.items():
        yield _package(name, without)
    yield from _native()
    yield _cache()
    for names, package, without in (
        (("mlir-opt-22", "mlir-opt"), "mlir-22-tools", "the validation of TOSA by MLIR's own pass"),
        (("clang-22", "clang"), "clang-22", "adfc deploy; the sizes of adfc fit and adfc bench"),
        (("ld.lld-22", "ld.lld"), "lld-22", "adfc deploy; --engine native"),
        (("llvm-size-22", "llvm-size"), "llvm-22", "the sizes of adfc fit and adfc bench"),
        (("openssl",), "openssl", "adfc sign"),
    ):
        yield _tool(names, package, without)
    for target, options in TARGETS.items():
        yield _cross_compiler(target, options)
    yield from _boards()
    yield _network_sources()


def _attempt(
    name: str, look: Callable[[], str], remedy: str, without: str = "", *, needed: bool = False
) -> Check:
    """A check that `look` makes: it returns what it found, or raises."""
    try:
        return Check(name, True, needed, look())
    except AdfcError as error:
        return Check(name, False, needed, error.message, remedy or error.hint or "", without)
    except (OSError, ImportError) as error:
        return Check(name, False, needed, str(error).partition("\n")[0], remedy, without)


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    return Check("Python", sys.version_info >= (3, 11), True, found, "install Python 3.11 or later")


def _package(name: str, without: str) -> Check:
    def look() -> str:
        try:
            return version(name)
        except PackageNotFoundError as error:
            raise ImportError("is not installed") from error

    return _attempt(name, look, f"pip install {name}", without, needed=not without)


def _native() -> Iterator[Check]:
    remedy = "run tools/setup, or pip install adfc"
    for file in ("libadfc_runtime.so", "libADFC.so"):

        def load(name: str = file) -> str:
            path = native_file(name)
            ctypes.CDLL(str(path))
            return str(path)

        yield _attempt(file, load, remedy, needed=True)

    def extension() -> str:
        return str(import_module("adfc._native._adfc").__file__)

    yield _attempt("compiler extension", extension, remedy, needed=True)

    def adf_opt() -> str:
        path = native_file("bin/adf-opt")
        result = run_tool(path, ["--version"])
        if result.returncode:
            raise OSError(failure_text(result))
        return str(path)

    yield _attempt("adf-opt", adf_opt, remedy, "single passes by hand")


def _cache() -> Check:
    def look() -> str:
        folder = default_folder()
        above = next(path for path in (folder, *folder.parents) if path.exists())
        if not os.access(above, os.W_OK):
            raise OSError(f"{above} cannot be written")
        return str(folder)

    return _attempt("kernel cache", look, "set XDG_CACHE_HOME", "kernels are compiled each time")


def _tool(names: tuple[str, ...], package: str, without: str) -> Check:
    def look() -> str:
        return str(find_tool(names, (Path(_LLVM),), hint=""))

    return _attempt(names[0], look, f"apt-get install {package}", without)


def _cross_compiler(target: str, options: tuple[str, ...]) -> Check:
    def look() -> str:
        clang = find_tool(("clang-22", "clang"), hint="")
        with tempfile.TemporaryDirectory(prefix="adfc-") as folder:
            made = Path(folder) / "probe.o"
            words = [*options, "-ffreestanding", "-x", "c", "-c", "-", "-o", str(made)]
            result = run_tool(clang, words, stdin="int probe(void) { return 1; }\n")
            if result.returncode:
                raise OSError(failure_text(result))
        return f"{clang.name} {options[0]}"

    return _attempt(
        f"compiler for {target}", look, "apt-get install clang-22", f"programs for {target}"
    )


def _boards() -> Iterator[Check]:
    programs: dict[tuple[str, str], list[str]] = {}
    for name in board_names():
        qemu = load_board(name).qemu
        programs.setdefault((qemu.program, qemu.package), []).append(name)
    for (program, package), boards in sorted(programs.items()):
        yield _tool((program,), package, f"running on {', '.join(sorted(boards))} in QEMU")


def _network_sources() -> Check:
    def look() -> str:
        sources = external_sources(runtime_folder()).values()
        return ", ".join(source.found().name for source in sources)

    remedy = "python -m adfc.external_sources"
    return _attempt("network sources", look, remedy, "adfc deploy --network")
