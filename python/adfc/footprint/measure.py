"""Compiles the run time for small processors, and measures code, tables, data and stack."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adfc.boards.board import runtime_folder
from adfc.errors import ToolError
from adfc.external_tool import failure_text, find_tool, run_tool
from adfc.footprint.stack import deepest_stack
from adfc.spec.generate import generate, write
from adfc.spec.paths import spec_folder

TARGETS: Mapping[str, tuple[str, ...]] = {
    "thumbv7em": ("--target=thumbv7em-none-eabi", "-mcpu=cortex-m4"),
    "aarch64": ("--target=aarch64-none-elf", "-mcpu=cortex-a72"),
    "rv32": ("--target=riscv32-none-elf", "-march=rv32imac", "-mabi=ilp32"),
}
"""Processors by name: clang's options."""

LIMITS: Mapping[str, int] = {"thumbv7em": 4096, "aarch64": 5120, "rv32": 5120}
"""Bytes of code that must not be reached."""

STACK_LIMIT = 512
"""Bytes of stack that must not be reached, on any processor."""

SOURCES = (
    *(f"engine/{name}.c" for name in ("address", "core_verify", "engine", "image", "verify")),
    *(f"rimfs/{name}.c" for name in ("rimfs", "io", "crc32_small")),
)
"""What a board must carry; text.c is only for those who print faults."""

DDR_SOURCES = ("engine/descriptor.c",)
"""The check that shims keep to their DDR buffers: counted apart, as it is a call of its own."""

_FLAGS = (
    *("-std=c11", "-Os", "-ffreestanding", "-fno-pic"),
    *("-fomit-frame-pointer", "-fno-asynchronous-unwind-tables"),
)
_MEMORY_FUNCTIONS = re.compile(r"^(mem(cpy|move|set|cmp)|__aeabi_mem(cpy|move|set|clr)[48]?)$")


@dataclass(frozen=True)
class Footprint:
    """Bytes that engine, verifier and RIMFS take on one processor.

    `text` is code; `ddr_check` that of engine_verify_ddr(), which comes on top; `tables` constant
    data, nearly all of it the register map; `data` variables. `stack` is the deepest chain of
    calls, without what the RHAL's backend takes. `needs` are the functions that they call and do
    not have: the RHAL and mem*.
    """

    text: int
    ddr_check: int
    tables: int
    data: int
    stack: int
    needs: tuple[str, ...]

    def problems(self, name: str) -> list[str]:
        """What exceeds its limit on the processor called `name`, a line each."""
        found: list[str] = []
        if self.text >= LIMITS[name]:
            found.append(f"{name}: {self.text} bytes of code, the limit is {LIMITS[name]}")
        if self.stack >= STACK_LIMIT:
            found.append(f"{name}: {self.stack} bytes of stack, the limit is {STACK_LIMIT}")
        if self.data:
            found.append(f"{name}: {self.data} bytes of variables, there must be none")
        found += [
            f"{name}: calls {symbol}, which is neither of the RHAL nor mem*"
            for symbol in self.needs
            if not symbol.startswith("rhal_") and not _MEMORY_FUNCTIONS.match(symbol)
        ]
        return found

    def to_json(self) -> dict[str, object]:
        """For `--json`. There is no heap: nothing is called that could give one."""
        return {
            "text": self.text,
            "ddr_check": self.ddr_check,
            "tables": self.tables,
            "data": self.data,
            "heap": 0,
            "stack": self.stack,
            "needs": list(self.needs),
        }


def measure(name: str) -> Footprint:
    """The footprint on the processor called `name` in TARGETS.

    Raises ToolError where clang or LLVM's tools are missing or fail.
    """
    with tempfile.TemporaryDirectory(prefix="adfc-") as scratch:
        folder = Path(scratch)
        write(generate(spec_folder()), folder)
        objects = [_compile(source, TARGETS[name], folder) for source in SOURCES]
        ddr_check = [_compile(source, TARGETS[name], folder) for source in DDR_SOURCES]
        text = _text(objects)
        objects += ddr_check
        sections = _sections(objects)
        return Footprint(
            text=text,
            ddr_check=_text(ddr_check),
            tables=sum(size for kind, size in sections if kind.startswith(".rodata")),
            data=sum(size for kind, size in sections if kind.startswith((".data", ".bss"))),
            stack=deepest_stack(objects),
            needs=_undefined(objects),
        )


def _run(name: str, arguments: Sequence[str | Path]) -> str:
    package = "clang-22" if name == "clang" else "llvm-22"
    tool = find_tool((f"{name}-22", name), hint=f"install LLVM 22 (Debian: {package})")
    result = run_tool(tool, [str(argument) for argument in arguments])
    if result.returncode:
        raise ToolError(f"{tool.name}: {failure_text(result)}")
    return result.stdout


def _compile(source: str, target: Sequence[str], folder: Path) -> Path:
    """The object file, with NAME.su (frames) and NAME.ll (calls) beside it."""
    runtime = runtime_folder()
    made = folder / Path(source).with_suffix(".o").name
    flags = [*_FLAGS, *target, "-I", runtime / "include", "-I", folder / "include"]
    _run("clang", [*flags, "-fstack-usage", "-c", runtime / source, "-o", made])
    _run("clang", [*flags, "-S", "-emit-llvm", runtime / source, "-o", made.with_suffix(".ll")])
    return made


def _sections(objects: Sequence[Path]) -> list[tuple[str, int]]:
    """Name and bytes of each section that takes up memory."""
    listing = _run("llvm-size", ["-A", *objects])
    return [
        (kind, int(size)) for kind, size in re.findall(r"^(\.\S+)\s+(\d+)", listing, re.MULTILINE)
    ]


def _text(objects: Sequence[Path]) -> int:
    return sum(size for kind, size in _sections(objects) if kind.startswith(".text"))


def _undefined(objects: Sequence[Path]) -> tuple[str, ...]:
    symbols = _run("llvm-nm", ["--format=posix", *objects])
    found = re.findall(r"^(\S+) (\w)", symbols, re.MULTILINE)
    defined = {name for name, kind in found if kind != "U"}
    return tuple(sorted({name for name, kind in found if kind == "U"} - defined))
