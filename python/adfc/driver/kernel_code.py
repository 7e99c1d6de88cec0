"""Kernels to machine code: each by itself, several at a time, those known from the cache.

A section `code.<isa>` is made of blocks, one for each kernel that differs. As each is compiled
alone, its bytes do not depend on the other kernels, nor on what the cache held.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from adfc import ckernel
from adfc._native import _adfc
from adfc.driver.ir import compile_errors
from adfc.driver.kernel_cache import KernelCache
from adfc.image.rimfs import ALIGNMENT
from adfc.operators.codegen import compiler_identity, expand, is_custom

MAGIC = b"KCOD"

Specification = Mapping[str, Any]
"""A kernel: name, kind and config, as in an image's metadata."""


def compile_kernels(
    kernels: Sequence[Specification], isas: Sequence[str], cache: KernelCache | None = None
) -> dict[str, bytes]:
    """Section `code.<isa>` of these kernels, for each of `isas`. Raises CompileError."""
    texts = [_canonical(kernel) for kernel in kernels]
    # One task for each kernel that differs; equal ones share their code.
    firsts = dict(zip(reversed(texts), reversed(kernels), strict=True))
    tasks = [(isa, text) for isa in isas for text in sorted(firsts)]

    added: list[str] = []

    def block(task: tuple[str, str]) -> bytes:
        isa, text = task
        return _block(isa, text, firsts[text], cache, added)

    workers = min(len(tasks), os.cpu_count() or 1)
    with ThreadPoolExecutor(max(1, workers)) as pool:
        blocks = list(pool.map(block, tasks))
    if cache is not None and added:
        cache.trim()
    code = dict(zip(tasks, blocks, strict=True))
    return {isa: _section([code[isa, text] for text in texts]) for isa in isas}


def _canonical(kernel: Specification) -> str:
    """The kernel without its name, which its code does not depend on."""
    plain = {"name": "kernel", "kind": kernel["kind"], "config": kernel["config"]}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))


def _block(
    isa: str,
    text: str,
    kernel: Specification,
    cache: KernelCache | None,
    added: list[str],
) -> bytes:
    """A section with this one kernel; `added` gets the cache's key where it is new there."""
    from_c = kernel["kind"] == ckernel.KIND
    made_by = ckernel.fingerprint() if from_c else compiler_identity(kernel)
    key = "" if cache is None else cache.key(text + made_by, isa)
    known = None if cache is None else cache.get(key)
    if known is not None:
        return known
    if from_c:
        specification = ckernel.CKernel.read(kernel["name"], kernel["config"])
        code = ckernel.compile_kernel(kernel["name"], specification, isa)
    else:
        code = _compile(isa, text, kernel)
    if cache is not None:
        cache.put(key, code)
        added.append(key)
    return code


def _what(kernel: Specification, isa: str) -> str:
    whose = f"the kernel of '{kernel['config']['function']}'" if is_custom(kernel) else "kernels"
    return f"{whose} for {isa}"


def _compile(isa: str, text: str, kernel: Specification) -> bytes:
    """A section with this one kernel, of a kind that the compiler knows."""
    if is_custom(kernel):
        text = json.dumps(expand(json.loads(text), isa))
    try:
        return _adfc.compile_kernels(f"[{text}]", isa)
    except _adfc.MLIRError:
        # Once more under its own name, which the message tells.
        named = json.dumps({**json.loads(text), "name": kernel["name"]})
        with compile_errors(_what(kernel, isa)):
            return _adfc.compile_kernels(f"[{named}]", isa)


def _section(blocks: Sequence[bytes]) -> bytes:
    """One section of several sections with one kernel each; equal blocks stand in it once."""
    code = bytearray()
    placed: dict[bytes, int] = {}
    for block in blocks:
        if block not in placed:
            code += bytes(-len(code) % ALIGNMENT)
            placed[block] = len(code)
            code += block[_head_bytes(1) :]
    entries = [placed[block] + struct.unpack_from("<I", block, 12)[0] for block in blocks]
    head = struct.pack(f"<4s{2 + len(blocks)}I", MAGIC, len(blocks), len(code), *entries)
    return head + bytes(_head_bytes(len(blocks)) - len(head)) + bytes(code)


def _head_bytes(kernels: int) -> int:
    """Bytes before the code: magic, count, size, entries; padded."""
    return -(-4 * (3 + kernels) // ALIGNMENT) * ALIGNMENT
