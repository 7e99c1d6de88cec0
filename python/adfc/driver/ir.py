"""The compiler's IR from Python: text in, passes over it, bytes out; diagnostics become errors."""

from __future__ import annotations
