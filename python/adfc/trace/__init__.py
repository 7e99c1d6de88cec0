"""A run as a timeline file for Perfetto (ui.perfetto.dev) and Chrome's trace viewer."""

from adfc.trace.build import build_trace
from adfc.trace.chrome import chrome_json
from adfc.trace.model import Counter, Slice, Trace, Track
from adfc.trace.protobuf import perfetto_bytes

__all__ = [
    "Counter",
    "Slice",
    "Trace",
    "Track",
    "build_trace",
    "chrome_json",
    "perfetto_bytes",
]
