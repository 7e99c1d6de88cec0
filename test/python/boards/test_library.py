"""The boards' own memory functions and division, compiled for this machine, against Python's."""

from __future__ import annotations

import ctypes
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adfc.boards.board import runtime_folder

NAMES = ("memcpy", "memmove", "memset", "memcmp")
WORDS = st.integers(0, 2**64 - 1) | st.integers(0, 2**32 - 1) | st.integers(0, 9)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """The functions under names of their own: board_memcpy and so on."""
    boards = runtime_folder() / "boards"
    out = tmp_path_factory.mktemp("library") / "library.so"
    sources = [boards / "common" / "memory.c", boards / "cortex-m" / "divide.c"]
    renamed = [f"-D{name}=board_{name}" for name in NAMES]
    flags = [
        "-std=c11",
        "-O2",
        "-ffreestanding",
        "-shared",
        "-fPIC",
        "-Wno-builtin-requires-header",
    ]
    subprocess.run(["clang-22", *flags, *renamed, *sources, "-o", out], check=True)
    loaded = ctypes.CDLL(str(out))
    for name in NAMES[:3]:
        getattr(loaded, f"board_{name}").restype = ctypes.c_void_p
    loaded.cortex_m_divide.restype = ctypes.c_uint64
    return loaded


def _buffer(size: int = 96) -> tuple[ctypes.Array[ctypes.c_char], int]:
    data = ctypes.create_string_buffer(bytes(range(size)), size)
    return data, ctypes.addressof(data)


@given(to=st.integers(0, 40), start=st.integers(0, 40), size=st.integers(0, 50))
def test_memmove(library: ctypes.CDLL, to: int, start: int, size: int) -> None:
    data, base = _buffer()
    expected = bytearray(data.raw)
    expected[to : to + size] = data.raw[start : start + size]
    function = library.board_memmove
    function(ctypes.c_void_p(base + to), ctypes.c_void_p(base + start), ctypes.c_size_t(size))
    assert data.raw == expected


@given(to=st.integers(0, 17), start=st.integers(0, 17), size=st.integers(0, 70))
def test_memcpy(library: ctypes.CDLL, to: int, start: int, size: int) -> None:
    source, source_base = _buffer()
    target, target_base = _buffer()
    expected = bytearray(target.raw)
    expected[to : to + size] = source.raw[start : start + size]
    library.board_memcpy(
        ctypes.c_void_p(target_base + to),
        ctypes.c_void_p(source_base + start),
        ctypes.c_size_t(size),
    )
    assert target.raw == expected


@given(to=st.integers(0, 17), value=st.integers(0, 255), size=st.integers(0, 70))
def test_memset(library: ctypes.CDLL, to: int, value: int, size: int) -> None:
    data, base = _buffer()
    expected = bytearray(data.raw)
    expected[to : to + size] = bytes([value]) * size
    library.board_memset(ctypes.c_void_p(base + to), value, ctypes.c_size_t(size))
    assert data.raw == expected


@given(a=st.binary(max_size=12), b=st.binary(max_size=12))
def test_memcmp(library: ctypes.CDLL, a: bytes, b: bytes) -> None:
    size = min(len(a), len(b))
    got = library.board_memcmp(a, b, ctypes.c_size_t(size))
    assert (got > 0) - (got < 0) == (a[:size] > b[:size]) - (a[:size] < b[:size])


@given(dividend=WORDS, divisor=WORDS)
def test_division(library: ctypes.CDLL, dividend: int, divisor: int) -> None:
    rest = ctypes.c_uint64()
    quotient = library.cortex_m_divide(
        ctypes.c_uint64(dividend), ctypes.c_uint64(divisor), ctypes.byref(rest)
    )
    expected = divmod(dividend, divisor) if divisor else (2**64 - 1, dividend)
    assert (quotient, rest.value) == expected
