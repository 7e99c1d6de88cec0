"""Kernels written in C++ against adf.h: what they say of themselves, and their machine code."""

from adfc.ckernel.compile import INCLUDE, compile_kernel, dependencies, fingerprint
from adfc.ckernel.dtypes import Dtype, dtype
from adfc.ckernel.specification import (
    ARRAY,
    FORMS,
    KIND,
    PORTS,
    SCALAR,
    SCRATCH,
    Argument,
    CKernel,
)

__all__ = [
    "ARRAY",
    "FORMS",
    "INCLUDE",
    "KIND",
    "PORTS",
    "SCALAR",
    "SCRATCH",
    "Argument",
    "CKernel",
    "Dtype",
    "compile_kernel",
    "dependencies",
    "dtype",
    "fingerprint",
]
