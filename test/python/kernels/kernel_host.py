"""Compiles kernels through libADFC's plain C interface and runs them in this process.

Buffers lie between pages that may not be touched, once flush with the page before and once with
the page after: a read or write one byte outside ends the process (pytest's faulthandler says
where).
"""

import ctypes
import functools
import json
import mmap
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from adfc._native import native_file

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
PAGE = mmap.PAGESIZE
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
LIBC.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
LIBC.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


@dataclass(frozen=True)
class Kernel:
    """A kernel specialisation, as in libADFC's JSON."""

    name: str
    kind: str
    config: Mapping[str, object]

    def json(self) -> dict[str, object]:
        return {"name": self.name, "kind": self.kind, "config": dict(self.config)}


@functools.cache
def runnable_isas() -> frozenset[str]:
    """The instruction sets that this processor, and this process, can run."""
    if platform.machine() != "x86_64":
        return frozenset()
    flags = set(Path("/proc/cpuinfo").read_text().split("flags", 1)[1].split("\n", 1)[0].split())
    found = {"x86_64"}
    if {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512_vnni"} <= flags:
        found.add("x86_64-vnni")
        arch_prctl, request_permission, tile_data = 158, 0x1023, 18  # asm/prctl.h
        if {"amx_tile", "amx_int8"} <= flags and LIBC.syscall(
            arch_prctl, request_permission, tile_data
        ) == 0:
            found.add("x86_64-amx")
    return frozenset(found)


class _Result(ctypes.Structure):
    _fields_ = (("status", ctypes.c_int32), ("size", ctypes.c_size_t), ("data", ctypes.c_void_p))


class KernelError(Exception):
    """libADFC's one line about what was wrong."""


class KernelLibrary:
    """libADFC's functions for kernels."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(str(native_file("libADFC.so")))
        for name in ("compile", "print", "describe"):
            getattr(self._library, f"adfc_{name}_kernels_json").restype = _Result
        self._library.adfc_kernel_result_free.argtypes = [_Result]

    def _call(self, function: str, kernels: Sequence[Kernel], *words: str) -> bytes:
        text = json.dumps([kernel.json() for kernel in kernels])
        result = getattr(self._library, function)(text.encode(), *(w.encode() for w in words))
        try:
            data = ctypes.string_at(result.data, result.size)
        finally:
            self._library.adfc_kernel_result_free(result)
        if result.status != 0:
            raise KernelError(data.decode())
        return data

    def compile(self, kernels: Sequence[Kernel], isa: str) -> bytes:
        return self._call("adfc_compile_kernels_json", kernels, isa)

    def text(self, kernels: Sequence[Kernel], isa: str, stage: str) -> str:
        return self._call("adfc_print_kernels_json", kernels, isa, stage).decode()

    def describe(self, kernels: Sequence[Kernel]) -> list[dict[str, Any]]:
        return json.loads(self._call("adfc_describe_kernels_json", kernels))


class Arena:
    """A buffer of `size` bytes between pages without access, flush with one of them."""

    def __init__(self, size: int, *, at_end: bool) -> None:
        inner = -(-size // PAGE) * PAGE
        self._length = inner + 2 * PAGE
        self._base = LIBC.mmap(None, self._length, 3, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
        for edge in (self._base, self._base + PAGE + inner):
            assert LIBC.mprotect(edge, PAGE, 0) == 0
        self.address = self._base + PAGE + (inner - size if at_end else 0)
        everything = (ctypes.c_uint8 * inner).from_address(self._base + PAGE)
        self._all: Bytes = np.frombuffer(everything, np.uint8)
        self._all[:] = 0xA5
        first = self.address - self._base - PAGE
        self.bytes = self._all[first : first + size]
        self._outside = np.ones(inner, bool)
        self._outside[first : first + size] = False

    def untouched_outside(self) -> bool:
        return bool((self._all[self._outside] == 0xA5).all())

    def close(self) -> None:
        LIBC.munmap(self._base, self._length)


class Code:
    """A code section, executable in this process."""

    def __init__(self, section: bytes, kernels: Sequence[Kernel]) -> None:
        words = np.frombuffer(section, "<u4", count=3 + len(kernels))
        assert words[0] == int.from_bytes(b"KCOD", "little")
        assert words[1] == len(kernels)
        start = -(-4 * len(words) // 64) * 64
        assert len(section) == start + int(words[2])
        # 64 bytes further than a page: code may count on no more than that alignment.
        self._memory = mmap.mmap(-1, len(section) + 64, prot=7)
        self._memory[64:] = section
        base = ctypes.addressof(ctypes.c_char.from_buffer(self._memory)) + 64 + start
        prototype = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
        self._entries = {
            kernel.name: prototype(base + int(offset))
            for kernel, offset in zip(kernels, words[3:], strict=True)
        }

    def entry(self, name: str) -> Callable[[int, int], None]:
        """A kernel as a function of the addresses of its buffer pointers and immediates."""
        return self._entries[name]

    def call(self, name: str, addresses: Sequence[int], immediates: Sequence[int] = ()) -> None:
        buffers = (ctypes.c_void_p * len(addresses))(*addresses)
        values = (ctypes.c_int32 * max(1, len(immediates)))(*immediates)
        self._entries[name](ctypes.addressof(buffers), ctypes.addressof(values))

    def run(
        self,
        name: str,
        arrays: Sequence[np.ndarray[Any, Any]],
        immediates: Sequence[int] = (),
        *,
        at_end: bool = True,
    ) -> list[Bytes]:
        """Call a kernel on copies of `arrays`; return the buffers' bytes afterwards."""
        arenas = [Arena(array.nbytes, at_end=at_end) for array in arrays]
        for arena, array in zip(arenas, arrays, strict=True):
            arena.bytes[:] = np.ascontiguousarray(array).view(np.uint8).reshape(-1)
        self.call(name, [arena.address for arena in arenas], immediates)
        assert all(arena.untouched_outside() for arena in arenas)
        result = [arena.bytes.copy() for arena in arenas]
        for arena in arenas:
            arena.close()
        return result
