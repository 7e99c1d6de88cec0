"""Checks of an installation: what works, what does not, and what to install for it."""

from adfc.doctor.checks import Check, all_checks

__all__ = ["Check", "all_checks"]
