"""libadfc_runtime through ctypes: the structs and functions of runtime/include/adfc/adfc_host.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char, c_char_p, c_int, c_size_t, c_uint32, c_uint64, c_void_p
from functools import cache

from adfc._native import native_file
from adfc.errors import AdfcError

VERSION = 5
TEXT_BYTES, DETAIL_BYTES, ISA_BYTES = 512, 4096, 24

OK, BAD_IMAGE, BAD_ARGUMENT, NO_CODE, NO_MEMORY, FAULTED = range(6)
"""enum adfc_status."""

NOWHERE = 2**32 - 1
"""A fault's phase, tile or register that is not known (ENGINE_NOWHERE)."""

NativeFunction = ctypes.CFUNCTYPE(c_int)
LineFunction = ctypes.CFUNCTYPE(None, c_void_p, c_char_p)


class Info(ctypes.Structure):
    """struct adfc_info."""

    _fields_ = (
        ("device", c_char * 16),
        ("isa", c_char * ISA_BYTES),
        ("input_bytes", c_uint64),
        ("output_bytes", c_uint64),
        ("arena_bytes", c_uint64),
        ("weight_bytes", c_uint64),
        ("program_words", c_uint32),
        ("kernels", c_uint32),
        ("clock_mhz", c_uint32),
        ("load_words", c_uint32),
    )


class CostStruct(ctypes.Structure):
    """struct adfc_cost."""

    _fields_ = (
        ("cycles", c_uint64),
        ("control_cycles", c_uint64),
        ("exposed_cycles", c_uint64),
        ("ddr_read_bytes", c_uint64),
        ("ddr_write_bytes", c_uint64),
    )


class PhaseStruct(ctypes.Structure):
    """struct adfc_phase."""

    _fields_ = (("id", c_uint64), ("start_cycle", c_uint64), ("cost", CostStruct))


class CoreStruct(ctypes.Structure):
    """struct adfc_core."""

    _fields_ = (
        ("column", c_uint32),
        ("row", c_uint32),
        ("calls", c_uint64),
        ("busy_cycles", c_uint64),
        ("lock_cycles", c_uint64),
        ("stall_cycles", c_uint64),
    )


class TimestampStruct(ctypes.Structure):
    """struct adfc_timestamp."""

    _fields_ = (("id", c_uint64), ("cycle", c_uint64))


class InjectionStruct(ctypes.Structure):
    """struct adfc_injection."""

    _fields_ = (
        ("kind", c_uint32),
        ("column", c_uint32),
        ("row", c_uint32),
        ("index", c_uint32),
        ("value", c_uint32),
        ("reserved", c_uint32),
        ("cycle", c_uint64),
        ("length", c_uint64),
    )


class BoundStruct(ctypes.Structure):
    """struct adfc_bound."""

    _fields_ = (
        ("wait_cycles", c_uint64),
        ("longest_wait", c_uint32),
        ("instructions", c_uint32),
        ("waits", c_uint32),
        ("rhal_calls", c_uint32),
        ("words", c_uint64),
    )


class Options(ctypes.Structure):
    """struct adfc_options."""

    _fields_ = (
        ("native", NativeFunction),
        ("trace", c_uint32),
        ("keep_state", c_uint32),
        ("line", LineFunction),
        ("user", c_void_p),
        ("max_events", c_uint64),
        ("event_kinds", c_uint32),
        ("native_load", NativeFunction),
    )


class Result(ctypes.Structure):
    """struct adfc_result."""

    _fields_ = (
        ("status", c_uint32),
        ("instructions", c_uint32),
        ("cost", CostStruct),
        ("load_cost", CostStruct),
        ("trace_digest", c_uint64),
        ("trace_calls", c_uint64),
        ("phases", c_uint32),
        ("cores", c_uint32),
        ("timestamps", c_uint32),
        ("loaded", c_uint32),
        ("events", c_uint64),
        ("fault_status", c_uint32),
        ("fault_rhal", c_uint32),
        ("fault_pc", c_uint32),
        ("fault_opcode", c_uint32),
        ("fault_phase", c_uint32),
        ("fault_tile", c_uint32),
        ("fault_register", c_uint32),
        ("fault_expected", c_uint32),
        ("fault_seen", c_uint32),
        ("fault_load", c_uint32),
        ("text", c_char * TEXT_BYTES),
        ("details", c_char * DETAIL_BYTES),
    )


_SIGNATURES = {
    "adfc_host_version": (c_uint32, ()),
    "adfc_isa_supported": (c_int, (c_char_p,)),
    "adfc_image_verify": (c_int, (c_char_p, c_size_t, POINTER(c_char))),
    "adfc_image_bound": (
        c_int,
        (c_char_p, c_size_t, POINTER(BoundStruct), POINTER(BoundStruct), POINTER(c_char)),
    ),
    "adfc_program_open": (
        c_int,
        (c_char_p, c_size_t, c_char_p, POINTER(c_void_p), POINTER(c_char)),
    ),
    "adfc_program_close": (None, (c_void_p,)),
    "adfc_program_info": (None, (c_void_p, POINTER(Info))),
    "adfc_program_inject": (c_int, (c_void_p, POINTER(InjectionStruct), c_uint32)),
    "adfc_program_set_threads": (c_int, (c_void_p, c_uint32)),
    "adfc_program_run": (
        c_int,
        (
            c_void_p,
            POINTER(Options),
            c_char_p,
            c_size_t,
            POINTER(c_char),
            c_size_t,
            POINTER(Result),
        ),
    ),
    "adfc_program_phases": (c_uint32, (c_void_p, POINTER(PhaseStruct), c_uint32)),
    "adfc_program_cores": (c_uint32, (c_void_p, POINTER(CoreStruct), c_uint32)),
    "adfc_program_events": (c_void_p, (c_void_p, POINTER(c_uint64))),
    "adfc_program_timestamps": (c_uint32, (c_void_p, POINTER(TimestampStruct), c_uint32)),
}


@cache
def library() -> ctypes.CDLL:
    """The loaded library. Raises AdfcError where it is not built, or of another version.

    Its symbols are global, so that native programs loaded later find the RHAL in it.
    """
    path = native_file("libadfc_runtime.so")
    loaded = ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(loaded, name)
        function.restype = result
        function.argtypes = arguments
    found = loaded.adfc_host_version()
    if found != VERSION:
        raise AdfcError(
            f"{path} is version {found}, this adfc needs {VERSION}", hint="run tools/setup again"
        )
    return loaded
