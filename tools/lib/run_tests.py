"""Run the project's test suites one after the other, and close with one line for all of them.

Run it through tools/test. Each runner writes a JUnit file, from which its tests are counted. A
suite that stops without a failed test (it could not start, or found none) counts as one failure.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
RESULTS = BUILD / "test-results"
PYTHON = sys.executable
SOURCES = (".ci", "benchmarks", "dialects", "examples", "lib", "python", "runtime", "test", "tools")


@dataclass(frozen=True)
class Counts:
    """How many tests of a suite passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def count_junit(path: Path) -> Counts:
    """Count the test cases of a JUnit file; a missing or broken file counts nothing."""
    try:
        cases = list(ET.parse(path).iter("testcase"))
    except (OSError, ET.ParseError):
        return Counts()
    failed = sum(
        1 for case in cases if any(case.find(tag) is not None for tag in ("failure", "error"))
    )
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    return Counts(len(cases) - failed - skipped, failed, skipped)


def run(command: Iterable[str | Path]) -> int:
    """Run a command in the project's folder, its output on ours, and return its exit status.

    127 where there is no such program, as in a shell.
    """
    words = [str(word) for word in command]
    sys.stdout.flush()
    try:
        return subprocess.run(words, cwd=ROOT, check=False).returncode
    except FileNotFoundError:
        print(f"{words[0]}: not found", flush=True)
        return 127


def run_junit(name: str, command: Iterable[str | Path], junit: Path) -> Counts:
    """Run a test runner that writes the JUnit file `junit`, and count its tests."""
    junit.unlink(missing_ok=True)
    status = run(command)
    counts = count_junit(junit)
    if status != 0 and counts.failed == 0:
        print(f"{name}: stopped with exit status {status} and no failed test", flush=True)
        return counts + Counts(failed=1)
    if counts == Counts():
        print(f"{name}: ran no test", flush=True)
        return Counts(failed=1)
    return counts


def sources(*suffixes: str) -> list[Path]:
    """Return our source files whose names end in one of `suffixes`."""
    files = (path for name in SOURCES for path in (ROOT / name).rglob("*") if path.is_file())
    return sorted(path for path in files if path.suffix in suffixes)


def shell_scripts() -> list[Path]:
    """Return our shell scripts, with the suffix .sh or none: those whose first line names bash."""
    first_line = b"#!/usr/bin/env bash\n"
    return [path for path in sources("", ".sh") if path.read_bytes().startswith(first_line)]


def lint() -> Counts:
    """Style and types: each tool is one test."""
    clang_format = shutil.which("clang-format-22") or "clang-format"
    checks: dict[str, list[str | Path]] = {
        "ruff check": [PYTHON, "-m", "ruff", "check"],
        "ruff format": [PYTHON, "-m", "ruff", "format", "--check"],
        "pyright": [PYTHON, "-m", "pyright"],
        "clang-format": [clang_format, "--dry-run", "-Werror", *sources(".c", ".h", ".cpp")],
        "shellcheck": ["shellcheck", *shell_scripts()],
    }
    counts = Counts()
    for name, command in checks.items():
        passed = run(command) == 0
        print(f"lint: {name}: {'passed' if passed else 'FAILED'}", flush=True)
        counts += Counts(passed=1) if passed else Counts(failed=1)
    return counts


def lit(filecheck: str) -> Counts:
    """Dialects, passes and tools, from test/**/*.mlir and *.test."""
    junit = RESULTS / f"lit-{filecheck}.xml"
    program = Path(PYTHON).with_name("lit")
    command = [program, "-v", "--param", f"filecheck={filecheck}"]
    return run_junit("lit", [*command, "--xunit-xml-output", junit, BUILD / "test"], junit)


def lit_llvm() -> Counts:
    """Run lit with LLVM's FileCheck."""
    return lit("llvm")


def lit_python() -> Counts:
    """Run lit with PyPI's filecheck."""
    return lit("python")


def ctest() -> Counts:
    """The C and C++ unit tests; those of the run time are built with the sanitizers."""
    junit = RESULTS / "ctest.xml"
    command = ["ctest", "--test-dir", BUILD, "--output-on-failure", "--no-tests=error"]
    jobs = str(os.cpu_count() or 1)
    return run_junit("ctest", [*command, "--parallel", jobs, "--output-junit", junit], junit)


def pytest(selection: str, name: str = "pytest") -> Counts:
    """The Python tests, and all that is checked from end to end."""
    junit = RESULTS / f"{name}.xml"
    command = [PYTHON, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile"]
    return run_junit(name, [*command, "-m", selection, f"--junitxml={junit}"], junit)


def pytest_usual() -> Counts:
    """Run the Python tests that are not marked slow."""
    return pytest("not slow and not boards")


def pytest_slow() -> Counts:
    """Run all Python tests but those of the boards."""
    return pytest("not boards")


def boards() -> Counts:
    """Programs without an operating system, on boards in QEMU."""
    return pytest("boards", "boards")


def proof() -> Counts:
    """Frama-C's proof of the code that checks programs, and that seeded bugs make it fail."""
    if shutil.which("frama-c") is None:
        print("proof: no frama-c here; tools/proof installs it", flush=True)
        return Counts(skipped=1)
    return Counts(passed=1) if run([ROOT / "tools/proof"]) == 0 else Counts(failed=1)


def fuzz() -> Counts:
    """A minute of libFuzzer over images and programs."""
    return Counts(passed=1) if run(["ninja", "-C", BUILD, "fuzz"]) == 0 else Counts(failed=1)


Suite = Callable[[], Counts]
FAST: dict[str, Suite] = {"lit": lit_llvm, "ctest": ctest, "pytest": pytest_usual}
USUAL: dict[str, Suite] = {
    "lint": lint,
    **FAST,
    "lit-python": lit_python,
    "boards": boards,
    "fuzz": fuzz,
}
SLOW: dict[str, Suite] = {**USUAL, "pytest": pytest_slow, "proof": proof}


def parse_arguments() -> dict[str, Suite]:
    """Return the suites that the command line asks for."""
    parser = argparse.ArgumentParser(prog="tools/test", description="Set up, build and test adfc.")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--fast", action="store_true", help=f"only {', '.join(FAST)}")
    group.add_argument("--slow", action="store_true", help="also the tests that take minutes each")
    parser.add_argument("suites", nargs="*", help=f"only these of: {', '.join(SLOW)}")
    arguments = parser.parse_args()
    suites = FAST if arguments.fast else SLOW if arguments.slow else USUAL
    unknown = [name for name in arguments.suites if name not in suites]
    if unknown:
        parser.error(f"no suite {unknown[0]} here; there are: {', '.join(suites)}")
    return {name: suites[name] for name in arguments.suites or suites}


def main() -> int:
    """Run the suites and print how each went; the last line adds them up."""
    suites = parse_arguments()
    RESULTS.mkdir(parents=True, exist_ok=True)
    total, rows = Counts(), list[str]()
    for name, suite in suites.items():
        print(f"\n=== {name}", flush=True)
        start = time.monotonic()
        counts = suite()
        rows.append(f"{name:<12}{time.monotonic() - start:7.1f} s   {counts}")
        total += counts
    print("\n=== all suites", *rows, sep="\n")
    print(total, flush=True)
    return 0 if total.failed == 0 and total.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
