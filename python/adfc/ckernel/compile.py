"""C++ kernels to machine code: clang for one instruction set, linked to a block that runs anywhere.

The calling convention is that of all kernels: void kernel(uint8_t *const *buffers, const int32_t
*immediates). What clang is given is the user's file, and a function that makes ports of buffers.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from functools import cache
from pathlib import Path

from adfc._native import _adfc
from adfc.ckernel.specification import ARRAY, SCALAR, SCRATCH, Argument, CKernel
from adfc.errors import CompileError
from adfc.external_tool import failure_text, find_tool, run_tool

INCLUDE = Path(__file__).parent / "include"
"""The folder of adf.h."""

ENTRY = "kernel"

STACK_BYTES = 8192
"""Of a call at most: lib/Kernels/Kernels.h, maxKernelStackBytes."""

_FLAGS = (
    *("-x", "c++", "-std=c++17", "-O2", "-fPIC", "-ffreestanding", "-fno-builtin"),
    *("-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-fvisibility=hidden"),
    *("-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"),
    *("-fno-jump-tables", "-nostdlibinc", "-nostdinc++", "-ffile-prefix-map=.=."),
    # Floating point must not differ between instruction sets.
    "-ffp-contract=off",
    f"-Wframe-larger-than={STACK_BYTES}",
    "-Werror=frame-larger-than",
)

_PROLOGUE = """\
#include <adf.h>
extern "C" void *memcpy(void *to, const void *from, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i)
    static_cast<uint8 *>(to)[i] = static_cast<const uint8 *>(from)[i];
  return to;
}
extern "C" void *memset(void *to, int value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i)
    static_cast<uint8 *>(to)[i] = uint8(value);
  return to;
}
#ifdef __ARM_EABI__
#define ADFC_ARM(name)                                                          \\
  extern "C" void __aeabi_memcpy##name(void *to, const void *from, size_t n) {  \\
    memcpy(to, from, n);                                                        \\
  }                                                                             \\
  extern "C" void __aeabi_memset##name(void *to, size_t n, int value) {         \\
    memset(to, value, n);                                                       \\
  }                                                                             \\
  extern "C" void __aeabi_memclr##name(void *to, size_t n) { memset(to, 0, n); }
ADFC_ARM()
ADFC_ARM(4)
ADFC_ARM(8)
#endif
"""


def compile_kernel(name: str, kernel: CKernel, isa: str) -> bytes:
    """A section `code.<isa>` with this one kernel.

    Raises CompileError with clang's first complaint, ToolError where clang is missing.
    """
    clang = _clang()
    with tempfile.TemporaryDirectory(prefix="adfc-") as scratch:
        folder = Path(scratch)
        for file, text in kernel.sources:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
        (folder / "adfc_entry.cc").write_text(wrapper(kernel), encoding="utf-8")
        output = folder / "kernel.o"
        arguments = [*_FLAGS, *_target_flags(isa), "-I", str(INCLUDE), "-iquote", scratch]
        arguments += ["-c", str(folder / "adfc_entry.cc"), "-o", str(output)]
        result = run_tool(clang, arguments)
        if result.returncode:
            complaint = failure_text(result).replace(f"{scratch}/", "")
            raise CompileError(f"kernel '{name}' for {isa}: {complaint}")
        code = output.read_bytes()
    try:
        return _adfc.link_kernel(code, ENTRY)
    except _adfc.MLIRError as error:
        raise CompileError(
            f"kernel '{name}' for {isa}: {error}",
            hint="kernels have no writable globals and call nothing outside of their own files",
        ) from error


def dependencies(source: Path, name: str) -> list[Path]:
    """The files that `source` includes, its own first; adf.h and the compiler's are left out.

    Raises CompileError where one is missing, ToolError where clang is.
    """
    # -MG keeps going where a header is missing, and lists it as it is named.
    arguments = ["-x", "c++", "-std=c++17", "-ffreestanding", "-nostdlibinc", "-nostdinc++", "-MM"]
    result = run_tool(_clang(), [*arguments, "-isystem", str(INCLUDE), str(source)])
    if result.returncode:
        raise CompileError(f"kernel '{name}': {failure_text(result)}")
    words = result.stdout.replace("\\\n", " ").split()[1:]
    return [Path(word) for word in words]


@cache
def fingerprint() -> str:
    """A text that changes with what all C++ kernels are compiled by."""
    version = run_tool(_clang(), ["--version"]).stdout
    header = (INCLUDE / "adf.h").read_text(encoding="utf-8")
    return hashlib.sha256(json.dumps([version, header, _PROLOGUE, _FLAGS]).encode()).hexdigest()


def wrapper(kernel: CKernel) -> str:
    """The file that clang compiles: the user's, and the entry."""
    names: list[str] = []
    lines: list[str] = []
    for index, argument in enumerate(kernel.arguments):
        line, name = _pass(index, argument)
        names.append(name)
        lines += [f"  {line}"] if line else []
    return "\n".join(
        [
            _PROLOGUE + f'#include "{kernel.sources[0][0]}"',
            f'extern "C" void {ENTRY}(uint8_t *const *buffers, const int32_t *) {{',
            *lines,
            f"  {kernel.function}({', '.join(names)});",
            "}",
            "",
        ]
    )


def _pass(index: int, argument: Argument) -> tuple[str, str]:
    """The line that makes the argument of its buffer, and how it is passed."""
    kind, count = argument.dtype.name, argument.count
    if argument.form == SCALAR:
        return "", f"*reinterpret_cast<const {kind} *>(buffers[{index}])"
    if argument.form == ARRAY:
        return "", f"*reinterpret_cast<const {kind} (*)[{count}]>(buffers[{index}])"
    if argument.form == SCRATCH:
        return "", f"*reinterpret_cast<{kind} (*)[{count}]>(buffers[{index}])"
    line = f"{argument.form}<{kind}> port{index}(buffers[{index}], {count}u);"
    return line, f"&port{index}"


def _target_flags(isa: str) -> list[str]:
    target = json.loads(_adfc.instruction_set(isa))
    triple, cpu = target["triple"], target["cpu"]
    flags = [f"--target={triple}"]
    if triple.startswith("x86_64"):
        flags += [f"-march={cpu}", "-mno-red-zone", "-mprefer-vector-width=512"]
        flags += [f"-m{feature[1:]}" for feature in target["features"].split(",") if feature]
    elif triple.startswith("riscv64"):
        flags += ["-march=rv64gc", "-mabi=lp64d", "-mno-relax"]
    else:
        flags += [f"-mcpu={cpu}"]
    if target["code_model"] != "small":
        flags += [f"-mcmodel={target['code_model']}"]
    return flags


def _clang() -> Path:
    return find_tool(("clang-22", "clang"), hint="install clang 22 (Debian: clang-22)")
