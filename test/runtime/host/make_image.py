"""Writes the image of test/python/runtime's `add_program` to a file: make_image.py OUTPUT."""

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY / "python"), str(REPOSITORY / "test/python/runtime")]

from array_programs import add_program  # noqa: E402 - found through the paths above

Path(sys.argv[1]).write_bytes(add_program(16, addend=3).image())
