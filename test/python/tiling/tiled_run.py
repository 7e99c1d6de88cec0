"""Executes a tiled program: what the array would compute if it did what the program says.

Time and locks are left out (each stream is moved as a whole, sources before targets), so a wrong
order of waiting is not found here; wrong addresses, counts, padding, packing and loops are.
"""

from collections.abc import Callable, Sequence

import numpy as np
from tile_kernels import Kernel
from tiled_program import Bytes, Op, Task, Words, read_program

GARBAGE = 0x5A
"""What memory holds before it is written."""


def run(text: str, inputs: Sequence[Bytes]) -> list[Bytes]:
    """Outputs of the program in `text` for its inputs: bytes as they stand in DDR."""
    operations, resources = read_program(text)
    ddr: dict[str, Bytes] = {}
    kernels: dict[str, Kernel] = {}
    given, outputs = iter(inputs), list[str]()
    for op in operations:
        if op.line.startswith("adf.ddr"):
            name, buffer, size = op.match(
                r"adf\.ddr @(\S+) buffer\((\w+)\) bytes\((\d+)\)"
            ).groups()
            ddr["@" + name] = np.full(int(size), GARBAGE, np.uint8)
            if buffer == "input":
                ddr["@" + name][:] = next(given)
            elif buffer == "output":
                outputs.append("@" + name)
            elif buffer == "weights":
                ddr["@" + name][:] = resources[name]
        elif op.line.startswith("adf.kernel"):
            kernels[op.match(r"adf\.kernel @(\S+)")[1]] = Kernel(op)
        else:
            _Phase(op, ddr, kernels).run()
    return [ddr[name] for name in outputs]


class _Phase:
    def __init__(self, phase: Op, ddr: dict[str, Bytes], kernels: dict[str, Kernel]) -> None:
        self.kernels = kernels
        self.memory = dict(ddr)
        self.kinds: dict[str, str] = {}
        self.ends: dict[str, tuple[str, str]] = {}
        self.tasks: list[Task] = []
        self.cores: list[Op] = []
        self.streams: dict[str, list[Words]] = {}
        for op in phase.body:
            self._read(op)

    def _read(self, op: Op) -> None:
        if op.line.startswith("adf.stream"):
            name, source, target = op.match(r"adf\.stream @(\S+) from (\S+) to ([^, ]+)").groups()
            self.ends[name] = (self.kinds[source], self.kinds[target])
        elif op.line.startswith("adf.dma"):
            self.tasks.append(Task.read(op))
        elif op.line.startswith("adf.core"):
            self.cores.append(op)
        elif " = adf.tile " in op.line:
            name, kind = op.match(r"(\S+) = adf\.tile (\w+)").groups()
            self.kinds[name] = kind
        else:
            name = op.match(r"(\S+) = adf\.(?:window|buffer)")[1]
            self.memory[name] = np.full(int(op.find(r"bytes (\d+)") or 0), GARBAGE, np.uint8)

    def run(self) -> None:
        for source, target in (("shim", "mem"), ("mem", "core"), ("shim", "core")):
            self._move("mm2s", source, target, self._send)
            self._move("s2mm", source, target, self._receive)
        for core in self.cores:
            _Core(self, core).run()
        for source, target in (("core", "mem"), ("mem", "shim")):
            self._move("mm2s", source, target, self._send)
            self._move("s2mm", source, target, self._receive)

    def _move(self, direction: str, source: str, target: str, act: Callable[[Task], None]) -> None:
        for task in self.tasks:
            own_end = source if direction == "mm2s" else target
            # A core's own transfers belong to its program.
            meant = task.direction == direction and self.ends[task.stream] == (source, target)
            if meant and own_end != "core":
                act(task)

    def _send(self, task: Task) -> None:
        for descriptor, indices in task.runs():
            words = self.memory[descriptor.memory].view(np.uint32)
            assert indices.max() < words.size
            moved = np.where(indices < 0, 0, words[np.maximum(indices, 0)])
            self.streams.setdefault(task.stream, []).append(moved.astype(np.uint32))

    def _receive(self, task: Task) -> None:
        for descriptor, indices, words in self.pieces(task):
            self.memory[descriptor].view(np.uint32)[indices] = words

    def pieces(self, task: Task) -> list[tuple[str, Words, Words]]:
        """What a task takes off its stream, run by run; all of the stream, and no more."""
        words = np.concatenate(self.streams[task.stream])
        taken, pieces = 0, list[tuple[str, Words, Words]]()
        for descriptor, indices in task.runs():
            piece = words[taken : taken + indices.size]
            pieces.append((descriptor.memory, indices.astype(np.uint32), piece))
            taken += indices.size
        assert taken == words.size, f"{task.stream}: {words.size} words come, {taken} are taken"
        return pieces


class _Core:
    def __init__(self, phase: _Phase, op: Op) -> None:
        self.phase, self.op = phase, op
        tile = op.match(r"adf\.core on (\S+)")[1]
        self.tasks = [task for task in phase.tasks if task.tile == tile]
        self.full: dict[str, list[Bytes]] = {}
        self.made: dict[str, list[Words]] = {}

    def run(self) -> None:
        for task in self.tasks:
            if task.direction == "s2mm":
                for window, _, words in self.phase.pieces(task):
                    self.full.setdefault(window, []).append(words.view(np.uint8))
        self._do(self.op.body)
        assert not any(self.full.values()), "windows are left over"
        for task in self.tasks:
            if task.direction == "mm2s":
                made = self.made[task.chain[0].memory]
                assert len(made) == task.repeat
                self.phase.streams[task.stream] = made

    def _do(self, body: Sequence[Op]) -> None:
        memory = self.phase.memory
        for op in body:
            if op.line.startswith("adf.loop"):
                for _ in range(int(op.match(r"adf\.loop (\d+)")[1])):
                    self._do(op.body)
            elif window := op.find(r"^adf\.acquire (\S+) <full"):
                memory[window] = self.full[window].pop(0).copy()
            elif window := op.find(r"^adf\.release (\S+) <full"):
                self.made.setdefault(window, []).append(memory[window].view(np.uint32).copy())
                memory[window][:] = GARBAGE
            elif op.line.startswith("adf.call"):
                pattern = r"adf\.call @(\S+?)\((.*?) : .*immediates \[(.*?)\]"
                kernel, operands, immediates = op.match(pattern).groups()
                buffers = [memory[operand] for operand in operands.split(", ")]
                numbers = [int(number) for number in immediates.split(", ") if number]
                self.phase.kernels[kernel].call(buffers, numbers)
