"""From a kernel's text to what libADFC compiles: LLVM IR made by clang, or MLIR with its numbers.

The configuration of a kernel of kind "custom" holds its source, so an image says all that is needed
to compile it for another processor; the package itself is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from adfc._native import _adfc
from adfc.errors import CompileError
from adfc.external_tool import failure_text, find_tool, run_tool

ENTRY = "adfc_kernel"
"""The function that libADFC looks for in LLVM IR (lib/Kernels/CustomCode.h)."""

_FLAGS = (
    *("-x", "c", "-std=c11", "-Wall", "-Wextra", "-O2", "-Xclang", "-disable-llvm-passes"),
    *("-S", "-emit-llvm", "-ffreestanding", "-nostdlibinc", "-fPIC", "-fno-ident"),
    *("-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"),
    *("-fno-strict-aliasing", "-fwrapv"),
)

_NAME = re.compile(r"\$\{(\w+)\}")


def is_custom(kernel: Mapping[str, Any]) -> bool:
    """Whether a kernel (name, kind, config) comes from a package."""
    return kernel["kind"] == "custom"


def numbers(config: Mapping[str, Any]) -> dict[str, int]:
    """What a kernel's text may use by name: the extents of its calls, and its parameters."""
    rows, columns, channels, length = config["in"]
    out_rows, out_columns, out_channels, out_length = config["out"]
    found: dict[str, int] = {
        "CONSTANT_BYTES": config["constant"],
        "SCRATCH_BYTES": config["scratch"],
    }
    if config["tiling"] == "elementwise":
        found["COUNT"] = out_rows * out_columns * out_channels
    elif config["tiling"] == "rows":
        found |= {"ROWS": out_rows * out_columns, "IN_PITCH": channels, "IN_LENGTH": length}
        found |= {"OUT_PITCH": out_channels, "OUT_LENGTH": out_length}
    else:
        names = ("KERNEL_ROWS", "KERNEL_COLUMNS", "STRIDE_ROWS", "STRIDE_COLUMNS")
        found |= dict(zip(names, config["window"], strict=True))
        found |= {"ROWS": out_rows, "COLUMNS": out_columns, "CHANNELS": out_channels}
        found |= {"IN_ROWS": rows, "IN_COLUMNS": columns}
    return found | read_defines(config["defines"])


def write_defines(parameters: Mapping[str, int]) -> str:
    """Parameters as text: "NAME VALUE", one a line, sorted."""
    return "".join(f"{name} {int(value)}\n" for name, value in sorted(parameters.items()))


def read_defines(text: str) -> dict[str, int]:
    """The parameters that `write_defines` wrote."""
    pairs = (line.split() for line in text.splitlines())
    return {name: int(value) for name, value in pairs}


def expand(kernel: Mapping[str, Any], isa: str) -> dict[str, Any]:
    """The kernel as libADFC compiles it for `isa`.

    Raises CompileError with the place in the kernel's text, ToolError without clang.
    """
    config = dict(kernel["config"])
    if config["language"] == "c":
        config |= {"language": "llvm", "source": llvm_ir(config, isa)}
    elif config["language"] == "mlir":
        config["source"] = _substitute(config)
    return {**kernel, "config": config}


def compiler_identity(kernel: Mapping[str, Any]) -> str:
    """What a kernel's code depends on besides its text and libADFC: the clang that compiles C."""
    if not is_custom(kernel) or kernel["config"]["language"] != "c":
        return ""
    status = _clang().resolve().stat()
    return f"{status.st_size} {status.st_mtime_ns} {' '.join(_FLAGS)}"


def llvm_ir(config: Mapping[str, Any], isa: str) -> str:
    """LLVM IR, not optimised, of a kernel in C. Raises CompileError and ToolError."""
    target = json.loads(_adfc.instruction_set(isa))
    arguments = [*_FLAGS, f"--target={target['triple']}"]
    words = ["-target-cpu", target["cpu"]]
    for feature in filter(None, target["features"].split(",")):
        words += ["-target-feature", feature]
    for word in words:
        arguments += ["-Xclang", word]
    result = run_tool(_clang(), [*arguments, "-o", "-", "-"], stdin=c_text(config))
    if result.returncode:
        raise CompileError(
            f"the kernel of '{config['function']}' does not compile for {isa}: "
            f"{failure_text(result)}"
        )
    return result.stdout


def c_text(config: Mapping[str, Any]) -> str:
    """The C text of one specialisation: numbers, the kernel, and the function that calls it."""
    known = numbers(config)
    defines = "".join(f"#define {name} ({value})\n" for name, value in known.items())
    buffers = ["const signed char *"] * config["inputs"]
    buffers += ["const unsigned char *"] * bool(config["constant"])
    buffers += ["signed char *"] + ["unsigned char *"] * bool(config["scratch"])
    arguments = [f"({kind})buffers[{index}]" for index, kind in enumerate(buffers)]
    counts = {"elementwise": ["COUNT"], "rows": ["ROWS"], "windows": ["ROWS", "COLUMNS"]}
    arguments += counts[config["tiling"]]
    signature = f"void {ENTRY}(unsigned char *const *buffers, const int *immediates)"
    return (
        f'{defines}#line 1 "{config["entry"]}.c"\n{config["source"]}\n#line 1 "adfc"\n'
        f"{signature};\n{signature} {{\n  (void)immediates;\n"
        f"  {config['entry']}({', '.join(arguments)});\n}}\n"
    )


def _substitute(config: Mapping[str, Any]) -> str:
    known = numbers(config)

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in known:
            raise CompileError(
                f"the kernel of '{config['function']}' uses ${{{name}}}, which is no number of it",
                hint=f"there are {', '.join(sorted(known))}",
            )
        return str(known[name])

    return _NAME.sub(value, config["source"])


@cache
def _clang() -> Path:
    return find_tool(("clang-22", "clang"), hint="install clang 22 (Debian: clang-22)")
