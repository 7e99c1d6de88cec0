"""A code section is complete, deterministic and stands alone; bad specifications are refused."""

from typing import Any

import numpy as np
import pytest
from kernel_host import Kernel, KernelError, KernelLibrary
from kernel_reference import Conv2D

ADD = {"count": 64, "a": [1, 2], "b": [1, 2], "out": [1, 2], "clamp": [-128, 127]}
KERNELS = [
    Conv2D((3, 3), 32, (4, 17, 48)).spec("conv2d_0"),
    Conv2D((1, 1), 64, (7, 7, 32), accumulate=True).spec("conv2d_1"),
    Kernel("layer1.0.add", "add", ADD),
    Kernel("mean", "mean2d", {"in": [7, 7, 20], "rescale": [100, 9], "clamp": [0, 127]}),
    Kernel(
        "p", "max_pool2d", {"in": [5, 5, 8], "kernel": [3, 3], "stride": [2, 2], "out": [2, 2, 8]}
    ),
]
ISAS = ["x86_64-amx", "x86_64-vnni", "x86_64", "aarch64", "riscv64", "thumbv8.1m-mve", "thumbv7em"]


@pytest.mark.parametrize("isa", ISAS)
def test_every_instruction_set_compiles(library: KernelLibrary, isa: str) -> None:
    """Also those that do not run here: the link refuses undefined symbols and relocations."""
    section = library.compile(KERNELS, isa)
    magic, count, code_bytes, *offsets = np.frombuffer(section, "<u4", 3 + len(KERNELS)).tolist()
    assert (magic.to_bytes(4, "little"), count) == (b"KCOD", len(KERNELS))
    start = 64
    assert len(section) == start + code_bytes
    assert not any(section[4 * (3 + count) : start])
    assert len(set(offsets)) == len(KERNELS)
    assert all(offset < code_bytes for offset in offsets)


@pytest.mark.parametrize("isa", ISAS)
def test_same_specifications_same_bytes(library: KernelLibrary, isa: str) -> None:
    assert library.compile(KERNELS, isa) == library.compile(KERNELS, isa)


@pytest.mark.parametrize("isa", ISAS)
def test_code_calls_nothing(library: KernelLibrary, isa: str) -> None:
    lines = library.text(KERNELS, isa, "assembly").splitlines()
    assert not {line.split()[0] for line in lines if line.strip()} & {"call", "callq", "bl"}


def test_no_kernels(library: KernelLibrary) -> None:
    section = library.compile([], "x86_64")
    assert np.frombuffer(section, "<u4", 3).tolist() == [int.from_bytes(b"KCOD", "little"), 0, 0]


def test_description_of_buffers(library: KernelLibrary) -> None:
    """Bytes by hand: 6x19x32 in; 12 bytes per channel and 3x3x32 weights each; 4x17x48 out."""
    conv, kept, *_ = library.describe(KERNELS)
    sizes = {buffer["name"]: buffer["bytes"] for buffer in conv["buffers"]}
    assert sizes == {"act": 3648, "weights": 48 * (12 + 288), "out": 3264}
    assert conv["immediates"] == []
    assert kept["buffers"][3] == {"name": "acc", "bytes": 4 * 49 * 32, "written": True}
    assert kept["immediates"] == ["first", "last"]


def conv_config(**change: Any) -> dict[str, Any]:
    return {**Conv2D((3, 3), 16, (4, 4, 16)).spec().config, **change}


@pytest.mark.parametrize(
    ("kind", "config", "message"),
    [
        (
            "conv3d",
            {},
            "no kernel of kind 'conv3d'; there are add, add_sums, argmax, conv2d, conv2d_wide",
        ),
        ("conv2d", conv_config(**{"in": [6, 6, 6]}), "multiple of 4"),
        ("conv2d", conv_config(out=[4, 4, 12]), "multiple of 8"),
        ("conv2d", conv_config(**{"in": [5, 6, 16]}), "+ 1 rows"),
        ("conv2d", conv_config(stride=[1, 2]), "+ 1 columns"),
        ("conv2d", conv_config(stride=[0, 1]), "'stride' must be a list of 2 integers from 1"),
        ("conv2d", conv_config(stride=[1]), "'stride' must be a list of 2 integers"),
        ("conv2d", conv_config(clamp=[5, 4]), "low <= high"),
        ("conv2d", conv_config(accumulate=2), "'accumulate' must be true or false"),
        ("conv2d", conv_config(padding=[1, 1]), "'padding' is not known"),
        ("conv2d", conv_config(out=[4000, 4000, 16]), "rows"),
        ("conv2d", conv_config(**{"in": [65536, 65536, 65536]}), "larger than any tile's memory"),
        ("add", {**ADD, "a": [1, 1]}, "a shift from 2 to 62"),
        ("add", {**ADD, "a": [40000, 9]}, "'a' must be a list of 2 integers from 0 to 32767"),
        ("add", {"count": 64}, "is missing"),
        ("add_sums", {"count": 6}, "sums must have four bytes each"),
        ("mean2d", {"in": [65536, 65536, 4], "rescale": [1, 2], "clamp": [0, 1]}, "larger than"),
        ("max_pool2d", {**KERNELS[4].config, "out": [2, 3, 8]}, "'in' must cover"),
        ("max_pool2d", {**KERNELS[4].config, "out": [2, 2, 4]}, "must have the channels of 'in'"),
    ],
)
def test_bad_configuration(library: KernelLibrary, kind: str, config: Any, message: str) -> None:
    kernel = Kernel("bad_one", kind, config)
    for attempt in (
        lambda: library.compile([kernel], "x86_64"),
        lambda: library.describe([kernel]),
    ):
        with pytest.raises(KernelError) as caught:
            attempt()
        assert "'bad_one'" in str(caught.value)
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)


def test_two_kernels_of_one_name(library: KernelLibrary) -> None:
    with pytest.raises(KernelError, match="'mean': each kernel must have a name of its own"):
        library.compile([KERNELS[3], KERNELS[3]], "x86_64")


def test_unknown_instruction_set(library: KernelLibrary) -> None:
    with pytest.raises(KernelError, match="there is no instruction set 'z80'"):
        library.compile(KERNELS, "z80")
