"""Boards: an image and the run time as one ELF without an operating system, and QEMU to run it."""

from adfc.boards.board import Board, board_names, load_board
from adfc.boards.build import build_elf
from adfc.boards.options import BuildOptions, LogLevel, NetworkOptions
from adfc.boards.run import DEFAULT_TIME_LIMIT, BoardRun, boot, request_bytes, run_on_board

__all__ = [
    "DEFAULT_TIME_LIMIT",
    "Board",
    "BoardRun",
    "BuildOptions",
    "LogLevel",
    "NetworkOptions",
    "board_names",
    "boot",
    "build_elf",
    "load_board",
    "request_bytes",
    "run_on_board",
]
