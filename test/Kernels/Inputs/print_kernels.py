"""Print kernels at one stage: print_kernels.py KERNELS.json ISA STAGE (see lib/Kernels/CApi.h)."""

import ctypes
import sys
from pathlib import Path

from adfc._native import native_file


class Result(ctypes.Structure):
    _fields_ = (("status", ctypes.c_int32), ("size", ctypes.c_size_t), ("data", ctypes.c_char_p))


kernels, isa, stage = sys.argv[1:]
print_kernels = ctypes.CDLL(str(native_file("libADFC.so"))).adfc_print_kernels_json
print_kernels.restype = Result
result = print_kernels(Path(kernels).read_bytes(), isa.encode(), stage.encode())
print(result.data.decode())
sys.exit(result.status)
