"""Makes this folder's helpers importable, and compiles kernels once per session."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from kernel_host import KernelLibrary, runnable_isas


@pytest.fixture(scope="session")
def library() -> KernelLibrary:
    return KernelLibrary()


@pytest.fixture(params=["x86_64", "x86_64-vnni", "x86_64-amx"])
def isa(request: pytest.FixtureRequest) -> str:
    """Each instruction set that this machine's processor has."""
    if request.param not in runnable_isas():
        pytest.skip(f"this processor has no {request.param}")
    return request.param
