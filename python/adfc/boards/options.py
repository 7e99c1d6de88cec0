"""What a board's program is built with: runtime/rtpm/options.h."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class LogLevel(IntEnum):
    """Which lines for people a program writes: those of this level and below (rtpm/log.h)."""

    error = 1
    warn = 2
    info = 3
    debug = 4


@dataclass(frozen=True)
class BuildOptions:
    """`inference_ms`: what an inference may take by the board's clock before the watchdog fires."""

    log_level: LogLevel = LogLevel.info
    inference_ms: int = 600_000

    def assembly(self) -> str:
        """The constant `rtpm_options`, for any of the boards' assemblers."""
        return (
            '.section .rodata.options, "a", %progbits\n'
            ".balign 8\n"
            ".global rtpm_options\n"
            f"rtpm_options: .long {self.log_level.value}, {self.inference_ms}\n"
        )
