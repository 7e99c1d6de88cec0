"""The cache of kernel code: it changes no byte, is bounded, and survives damage and company."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from adfc.driver.kernel_cache import KernelCache, default_folder
from adfc.driver.kernel_code import compile_kernels
from adfc.errors import CompileError

ADD = {"a": [16384, 2], "b": [9999, 3], "out": [20000, 26], "clamp": [0, 127]}
ISAS = ("x86_64", "aarch64")


def add(name: str, count: int) -> dict[str, Any]:
    return {"name": name, "kind": "add", "config": {"count": count, **ADD}}


KERNELS = [add("first", 64), add("second", 4096), add("third", 64)]


@pytest.fixture
def cache(tmp_path: Path) -> KernelCache:
    return KernelCache(tmp_path / "kernels")


def test_code_is_the_same_with_an_empty_a_full_and_no_cache(cache: KernelCache) -> None:
    without = compile_kernels(KERNELS, ISAS)
    assert compile_kernels(KERNELS, ISAS, cache) == without
    # Two kernels differ, on two instruction sets.
    assert len(list(cache.folder.iterdir())) == 4
    assert compile_kernels(KERNELS, ISAS, cache) == without


def test_a_kernel_is_taken_from_the_cache_whatever_its_company(cache: KernelCache) -> None:
    compile_kernels(KERNELS[:1], ISAS[:1], cache)
    (path,) = cache.folder.iterdir()
    before = path.stat().st_ino
    compile_kernels([add("another name", 64), add("more", 128)], ISAS[:1], cache)
    assert path.stat().st_ino == before
    assert len(list(cache.folder.iterdir())) == 2


def test_equal_kernels_share_their_code() -> None:
    (one,) = compile_kernels(KERNELS[:1], ISAS[:1]).values()
    (two,) = compile_kernels([KERNELS[0], KERNELS[2]], ISAS[:1]).values()
    assert len(two) == len(one)


@pytest.mark.parametrize("damage", [b"", b"x", b"x" * 4000])
def test_a_damaged_file_counts_as_absent_and_is_replaced(cache: KernelCache, damage: bytes) -> None:
    good = compile_kernels(KERNELS[:1], ISAS[:1], cache)
    (path,) = cache.folder.iterdir()
    path.write_bytes(damage)
    assert compile_kernels(KERNELS[:1], ISAS[:1], cache) == good
    assert cache.get(path.name) is not None


def test_keys_tell_kernels_and_instruction_sets_apart(cache: KernelCache) -> None:
    texts = [json.dumps(add("kernel", count)) for count in (64, 65)]
    assert len({cache.key(text, isa) for text in texts for isa in ISAS}) == 4


def test_the_folder_stays_within_its_limit_and_keeps_what_was_used_last(tmp_path: Path) -> None:
    cache = KernelCache(tmp_path, limit=3000)
    tmp_path.chmod(0o700)
    for key in ("a", "b", "c"):
        cache.put(key, bytes(968))  # with its hash: 1000 bytes
    for age, key in enumerate(("b", "c", "a")):
        os.utime(tmp_path / key, (age, age))
    cache.put("d", bytes(968))
    cache.trim()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "c", "d"]


def test_the_folder_never_has_more_files_than_are_looked_through_in_no_time(tmp_path: Path) -> None:
    cache = KernelCache(tmp_path, most=2)
    tmp_path.chmod(0o700)
    for age, key in enumerate(("a", "b", "c")):
        cache.put(key, b"code")
        os.utime(tmp_path / key, (age, age))
    cache.trim()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "c"]


def test_a_folder_that_others_may_write_to_is_not_used(cache: KernelCache) -> None:
    cache.put("key", b"code")
    assert cache.get("key") == b"code"
    cache.folder.chmod(0o777)
    assert cache.get("key") is None


def test_writers_at_the_same_time_leave_whole_files(cache: KernelCache) -> None:
    codes = [bytes([number]) * 50_000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            list(pool.map(lambda code: cache.put("key", code), codes))
            assert cache.get("key") in codes
    assert [path.name for path in cache.folder.iterdir()] == ["key"]


def test_the_folder_follows_the_xdg_specification(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "adfc" / "kernels"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/someone")
    assert default_folder() == Path("/home/someone/.cache/adfc/kernels")


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = KernelCache(tmp_path / "file" / "kernels")
    assert compile_kernels(KERNELS[:1], ISAS[:1], cache) == compile_kernels(KERNELS[:1], ISAS[:1])


def test_an_error_names_the_kernel(cache: KernelCache) -> None:
    with pytest.raises(CompileError, match="'conv of layer 3'"):
        compile_kernels([{"name": "conv of layer 3", "kind": "none", "config": {}}], ISAS, cache)
