"""The functions of runtime/include/adfc/adfc.h through ctypes."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_double, c_int, c_size_t, c_uint32, c_uint64, c_void_p
from functools import cache

from adfc.errors import AdfcError
from adfc.runtime.library import CostStruct, library

RANK, ALIGNMENT = 6, 64
NOT_READY = 6
"""Of enum adfc_status; the others are in adfc.runtime.library."""

OperatorFunction = ctypes.CFUNCTYPE(None, POINTER(POINTER(ctypes.c_uint8)), POINTER(ctypes.c_int32))


class TensorStruct(ctypes.Structure):
    """struct adfc_tensor."""

    _fields_ = (
        ("name", c_char_p),
        ("scale", c_double),
        ("levels", c_uint64),
        ("rank", c_uint32),
        ("shape", c_uint32 * RANK),
        ("user_rank", c_uint32),
        ("user_shape", c_uint32 * RANK),
        ("permutation", c_uint32 * RANK),
        ("index_rows", c_uint32),
    )


class CountersStruct(ctypes.Structure):
    """struct adfc_counters."""

    _fields_ = (
        ("cost", CostStruct),
        ("load", CostStruct),
        ("kernel_calls", c_uint64),
        ("core_cycles", c_uint64),
        ("cores", c_uint32),
        ("instructions", c_uint32),
        ("phases", c_uint32),
        ("clock_mhz", c_uint32),
    )


class PhaseCountersStruct(ctypes.Structure):
    """struct adfc_phase_counters."""

    _fields_ = (("id", c_uint64), ("start_cycle", c_uint64), ("cost", CostStruct))


_SIGNATURES = {
    "adfc_status_text": (c_char_p, (c_int,)),
    "adfc_arena_bytes": (c_int, (c_void_p, c_size_t, POINTER(c_size_t))),
    "adfc_load": (c_int, (c_void_p, c_size_t, c_void_p, c_size_t, POINTER(c_void_p))),
    "adfc_close": (None, (c_void_p,)),
    "adfc_error": (c_char_p, (c_void_p,)),
    "adfc_register_operators": (c_int, (c_void_p, c_char_p)),
    "adfc_register_operator": (c_int, (c_void_p, c_char_p, OperatorFunction)),
    "adfc_operator_name": (c_char_p, (c_void_p, c_uint32)),
    "adfc_input_count": (c_uint32, (c_void_p,)),
    "adfc_output_count": (c_uint32, (c_void_p,)),
    "adfc_input": (c_int, (c_void_p, c_uint32, POINTER(TensorStruct))),
    "adfc_output": (c_int, (c_void_p, c_uint32, POINTER(TensorStruct))),
    "adfc_set_input": (c_int, (c_void_p, c_uint32, c_void_p, c_size_t)),
    "adfc_set_output": (c_int, (c_void_p, c_uint32, c_void_p, c_size_t)),
    "adfc_run": (c_int, (c_void_p,)),
    "adfc_reset": (None, (c_void_p,)),
    "adfc_counters": (c_int, (c_void_p, POINTER(CountersStruct))),
    "adfc_phase": (c_int, (c_void_p, c_uint32, POINTER(PhaseCountersStruct))),
}


@cache
def session_library() -> ctypes.CDLL:
    """libadfc_runtime with the signatures of adfc.h's functions; raises as `library`."""
    loaded = library()
    try:
        for name, (result, parameters) in _SIGNATURES.items():
            function = getattr(loaded, name)
            function.restype, function.argtypes = result, parameters
    except AttributeError as error:
        raise AdfcError(f"the built library is older: {error}", hint="run tools/setup") from error
    return loaded
