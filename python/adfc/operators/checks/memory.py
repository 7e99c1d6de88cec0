"""Memory for kernels under test: code that can be run, and buffers between guard zones."""

from __future__ import annotations

import ctypes
import mmap
import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

ALIGNMENT = 64
"""Windows begin at multiples of this (lib/Kernels/README.md)."""

_PAGE = mmap.PAGESIZE
_NO_ACCESS, _READ_WRITE = 0, 3


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    return libc


class Guarded:
    """A buffer with bytes of `pattern` on both sides, and then pages that may not be touched.

    It begins right after such a page, or (`at_end`) ends as close before one as its alignment lets
    it: where its size is a multiple of 64 bytes, right before it.
    """

    def __init__(self, content: Bytes, pattern: int, *, at_end: bool) -> None:
        self._libc = _libc()
        inner = max(1, -(-content.size // _PAGE)) * _PAGE
        self._length = inner + 2 * _PAGE
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        self._base: int = self._libc.mmap(None, self._length, _READ_WRITE, flags, -1, 0)
        for edge in (self._base, self._base + _PAGE + inner):
            if self._libc.mprotect(edge, _PAGE, _NO_ACCESS):
                raise OSError("mprotect failed")
        first = (inner - content.size) // ALIGNMENT * ALIGNMENT if at_end else 0
        self.address = self._base + _PAGE + first
        whole = (ctypes.c_uint8 * inner).from_address(self._base + _PAGE)
        self._all: Bytes = np.ctypeslib.as_array(whole)
        self._all[:] = pattern
        self.content = self._all[first : first + content.size]
        self.content[:] = content
        self._pattern = pattern
        self._outside = np.ones(inner, bool)
        self._outside[first : first + content.size] = False

    @property
    def is_intact_around(self) -> bool:
        """Whether nothing was written around the buffer."""
        return bool((self._all[self._outside] == self._pattern).all())

    def close(self) -> None:
        """Give the memory back."""
        self._libc.munmap(self._base, self._length)


class RunnableKernels:
    """The kernels of a section `code.<isa>`, as functions in this process."""

    def __init__(self, section: bytes) -> None:
        magic, count, size = struct.unpack_from("<4s2I", section)
        start = len(section) - size
        if magic != b"KCOD":
            raise ValueError("not a section with kernels")
        # At a multiple of 64 that is none of a page: code may count on no more.
        self._memory = mmap.mmap(-1, len(section) + ALIGNMENT, prot=7)
        self._memory[ALIGNMENT:] = section
        base = ctypes.addressof(ctypes.c_char.from_buffer(self._memory)) + ALIGNMENT + start
        function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
        entries = struct.unpack_from(f"<{count}I", section, 12)
        self._functions = [function(base + entry) for entry in entries]

    def call(self, kernel: int, buffers: Sequence[Guarded], immediates: Sequence[int]) -> None:
        """Call the kernel of that number on these buffers, with these numbers."""
        pointers = (ctypes.c_void_p * len(buffers))(*(buffer.address for buffer in buffers))
        numbers = (ctypes.c_int32 * len(immediates))(*immediates)
        self._functions[kernel](ctypes.addressof(pointers), ctypes.addressof(numbers))
