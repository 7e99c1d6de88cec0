"""Small programs in assembly text, with registers and fields by the names of the register map."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adfc.driver.kernel_code import compile_kernels
from adfc.image import ImageParts, IoTable, IoTensor, Kernel, assemble, write_image
from adfc.runtime import LoadedProgram, Run, supported_isas
from adfc.spec import registers
from adfc.spec.devices import Device
from adfc.spec.paths import spec_folder

OWN_LOCKS, OWN_WORDS = 64, 0x20000
"""Where a memtile's own locks and data begin for its DMA: after its western neighbour's (AM020)."""

SHIM_MM2S_PORT, SHIM_S2MM_PORT = 3, 2
"""South ports of a shim's channel 0 (aie-rt, xaie_plif.c)."""


@dataclass
class Writer:
    """Collects the control program of one device; positions are (column, row)."""

    device: Device
    lines: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self._map = registers.load(spec_folder(), self.device.architecture)

    def _tile(self, row: int) -> registers.TileRegisters:
        return self._map.tiles[self.device.kind(row)]

    def at(self, place: tuple[int, int], name: str, index: int = 0, word: int = 0) -> str:
        """A register's address as text."""
        register = self._tile(place[1]).register(name)
        return f"{place} {register.offset + index * register.stride + 4 * word:#x}"

    def write(self, place: tuple[int, int], name: str, index: int = 0, **values: int) -> None:
        """Write a register's fields, the others 0."""
        register = self._tile(place[1]).register(name)
        value = 0
        for key, number in values.items():
            entry = register.field(key)
            value |= (number & entry.mask) << entry.lsb
        self.lines.append(f"write32 {self.at(place, name, index)}, {value:#x}")

    def fill(self, place: tuple[int, int], offset: int, size: int, value: int) -> None:
        """Write `value` to each 32-bit word of a tile's data memory; `offset`, `size` in bytes."""
        start = self._tile(place[1]).register("DATA_MEMORY").offset + offset
        self.lines.append(f"block_set {place} {start:#x}, {size // 4}, {value:#x}")

    def descriptor(self, place: tuple[int, int], index: int, **values: int) -> None:
        """Write a whole buffer descriptor."""
        register = self._tile(place[1]).register("DMA_BD")
        words = [0] * register.words
        for key, number in {"VALID_BD": 1, **values}.items():
            entry = register.field(key)
            words[entry.word] |= (number & entry.mask) << entry.lsb
        text = ", ".join(f"{word:#x}" for word in words)
        self.lines.append(f"block_write {self.at(place, 'DMA_BD', index)}, [{text}]")

    def connect(
        self, place: tuple[int, int], slave: tuple[str, int], *masters: tuple[str, int]
    ) -> None:
        """Join a slave of a stream switch to some masters."""
        tile = self._tile(place[1])
        source = tile.slaves.ranges[slave[0]][0] + slave[1]
        self.write(place, "SWITCH_SLAVE", source, ENABLE=1)
        for kind, number in masters:
            target = tile.masters.ranges[kind][0] + number
            self.write(place, "SWITCH_MASTER", target, ENABLE=1, CONFIGURATION=source)

    def wait_register(
        self, place: tuple[int, int], name: str, index: int, mask: int, value: int
    ) -> None:
        """Wait until the masked register has that value."""
        self.lines.append(
            f"mask_poll {self.at(place, name, index)}, {mask:#x}, {value:#x} max 100000000"
        )

    def start_core(self, place: tuple[int, int], words: int) -> None:
        """Load the one core program and let the core go."""
        self.write(place, "CORE_CONTROL", RESET=1)
        self.lines.append(f"load_core {place} from 0 words {words}")
        self.write(place, "CORE_CONTROL", ENABLE=1)

    def timestamp(self, number: int) -> None:
        """Note the array's time."""
        self.lines.append(f"timestamp {number}")


def core_words(core: Sequence[str]) -> int:
    """32-bit words of a core program, its header included."""
    text = "\n".join(
        ["program device 1 buffers 2", "end", "core_programs bytes 16384", "core_program at 0"]
    )
    made = assemble(text + "\n" + "\n".join(core))
    header: int = struct.unpack_from("<I", made.core_programs)[0]
    return header >> 16


def run(
    writer: Writer,
    core: Sequence[str] = ("done",),
    kernel: Mapping[str, Any] | None = None,
    buffers: Sequence[int] = (),
    immediates: int = 0,
    *,
    bytes: int = 64,
) -> Run:
    """Run a program on the emulated array; input block of `bytes` zeros, output block as large.

    `kernel`: the one kernel, as `compile_kernels` takes it, with its `buffers`' bytes and its
    number of `immediates`. Raises ExecutionError where it stops with a fault.
    """
    head = f"program device {writer.device.ordinal} buffers 2"
    text = [head, *writer.lines, "end", "core_programs bytes 16384", "core_program at 0", *core]
    made = assemble("\n".join(text))
    tensors = [IoTensor(name, 0, (1, bytes), bytes) for name in ("x", "y")]
    code: dict[str, bytes] = {}
    kernels: tuple[Kernel, ...] = ()
    if kernel is not None:
        code = compile_kernels([kernel], supported_isas()[:1])
        kernels = (Kernel(str(kernel["name"]), tuple(buffers), immediates),)
    io = IoTable((tensors[0],), (tensors[1],), bytes, bytes, 0)
    parts = ImageParts(made.program, made.core_programs, b"", kernels, code, io, {"model": ""})
    with LoadedProgram(write_image(parts)) as program:
        import numpy as np  # noqa: PLC0415 - the writer itself needs the standard library only

        return program.run([np.zeros((1, bytes), np.int8)])


def between(run: Run, first: int, last: int) -> int:
    """Cycles from one timestamp to another."""
    times = {stamp.id: stamp.cycle for stamp in run.timestamps}
    return times[last] - times[first]
