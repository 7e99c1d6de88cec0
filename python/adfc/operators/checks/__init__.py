"""The admission test of operators: `adfc op check PACKAGE`."""

from __future__ import annotations

from adfc.operators.checks.finding import Finding
from adfc.operators.checks.suite import CHECKS, check_package

__all__ = ["CHECKS", "Finding", "check_package"]
