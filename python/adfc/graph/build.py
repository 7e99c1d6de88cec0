"""A graph as IR: an adf.program of one phase, operation by operation, each at the user's line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from adfc._native import _adfc
from adfc._native.dialects import adf
from adfc.ckernel import KIND, SCRATCH
from adfc.errors import DeviceError
from adfc.graph import riders
from adfc.graph.access import Descriptor, descriptor
from adfc.graph.checks import check
from adfc.graph.graph import Connection, Graph, Join, Kernel, Port, Tensor
from adfc.graph.place import Place
from adfc.graph.rates import Rates, rates_of, tensor_access, total_macs
from adfc.graph.riders import is_parameter, riders_of
from adfc.graph.sharing import groups_of, is_local, turns
from adfc.spec.devices import Device

WORD = 4
_EMPTY, _FULL = adf.LockKind.Empty, adf.LockKind.Full


def build(
    graph: Graph, device: Device, *, tiles: int, avoid: tuple[tuple[int, int], ...] = ()
) -> _adfc.Module:
    """The graph's IR, verified, neither placed nor routed.

    Raises InputError where the graph contradicts itself, DeviceError where it has more kernels than
    `tiles`, MLIRError where an operation is not valid.
    """
    check(graph)
    needed = len({kernel.host for kernel in graph.kernels})
    if needed > tiles:
        raise DeviceError(
            f"graph '{graph.name}' takes {needed} core tiles, {tiles} may be used",
            hint="allow more with --tiles",
        )
    module = _Builder(graph, device, rates_of(graph)).program(tiles, avoid)
    module.verify()
    return module


class _Builder:
    """Makes the operations of one graph."""

    def __init__(self, graph: Graph, device: Device, rates: Rates) -> None:
        self.graph = graph
        self.device = device
        self.rates = rates
        self.context = _adfc.Context()
        self.phase: _adfc.Block
        self.tiles: dict[object, Any] = {}
        self.windows: dict[tuple[str, int], Any] = {}
        self.symbols: dict[str, str] = {}
        self.riders = riders_of(graph)
        self.groups = groups_of(graph)
        self.local = [c for c in graph.connections if is_local(c)]
        self.riding = {r.connection.name for riders in self.riders.values() for r in riders}

    # ---- the program and its parts

    def program(self, tiles: int, avoid: tuple[tuple[int, int], ...]) -> _adfc.Module:
        graph, here = self.graph, self.location(self.graph.name, self.graph.place)
        module = _adfc.Module.empty(here)
        pairs = [number for tile in avoid for number in tile]
        device = self.device.name
        program = adf.ProgramOp(graph.name, device, tiles, pairs, loc=here, ip=module.body)
        for tensor in graph.tensors:
            self.tensor(tensor, program.block)
        for kernel in graph.kernels:
            self.kernel(kernel, program.block)
        macs = total_macs(graph, self.rates)
        phase = adf.PhaseOp(graph.name, graph.name, macs, loc=here, ip=program.block)
        self.phase = phase.block
        for kernel in graph.kernels:
            self.memory(kernel)
        for connection in graph.connections:
            self.connection(connection)
        for group in self.groups:
            self.core(group)
        return module

    def location(self, name: str, place: Place) -> _adfc.Location:
        if not place.file:
            inner = _adfc.Location.unknown(self.context)
        else:
            file = place.file
            inner = _adfc.Location.file(self.context, file, place.line, 0)
        return _adfc.Location.name(name, inner)

    def tensor(self, tensor: Tensor, block: _adfc.Block) -> None:
        used = tensor.values * tensor.dtype.bytes
        padded = -(-used // WORD) * WORD
        op = adf.DDROp(
            tensor.name,
            adf.BufferKind.Input if tensor.is_input else adf.BufferKind.Output,
            padded,
            dims=[padded],
            valid=used,
            loc=self.location(tensor.name, tensor.place),
            ip=block,
        )
        described = {
            "dtype": tensor.dtype.name,
            "shape": list(tensor.shape),
            "plio_bits": tensor.plio_bits,
        }
        text = _adfc.Attribute.string(self.context, json.dumps(described))
        op.operation.handle.set_attribute("adfc.tensor", text)

    def kernel(self, kernel: Kernel, block: _adfc.Block) -> None:
        config = kernel.code.config()
        symbol = next((s for s, text in self.symbols.items() if text == json.dumps(config)), None)
        if symbol is None:
            symbol = f"kernel${kernel.name}"
            attributes = [(key, self.attribute(value)) for key, value in sorted(config.items())]
            adf.KernelDefOp(
                symbol,
                KIND,
                _adfc.Attribute.dictionary(self.context, attributes),
                loc=self.location(kernel.name, kernel.place),
                ip=block,
            )
            self.symbols[symbol] = json.dumps(config)

    def symbol_of(self, kernel: Kernel) -> str:
        text = json.dumps(kernel.code.config())
        return next(symbol for symbol, known in self.symbols.items() if known == text)

    def attribute(self, value: str | int | list[Any]) -> _adfc.Attribute:
        if isinstance(value, str):
            return _adfc.Attribute.string(self.context, value)
        if isinstance(value, int):
            return _adfc.Attribute.integer(self.context, value, 64)
        return _adfc.Attribute.array(self.context, [self.attribute(entry) for entry in value])

    def type(self, text: str) -> _adfc.Type:
        return _adfc.Type.parse(self.context, text)

    # ---- tiles and memory

    def tile(self, key: object, kind: Any, place: _adfc.Location, at: Any = None) -> Any:
        if key not in self.tiles:
            column, row = at or (None, None)
            self.tiles[key] = adf.TileOp(
                self.type("!adf.tile"), kind, col=column, row=row, loc=place, ip=self.phase
            )
        return self.tiles[key]

    def memory(self, kernel: Kernel) -> None:
        here = self.location(kernel.name, kernel.place)
        host = kernel.host
        tile = self.tile(host, adf.TileKind.Core, here, host.tile)
        handed = {(e.kernel.name, e.index) for c in self.local for e in _ports(c)}
        for index, port in enumerate(kernel.ports):
            if port.argument.form.endswith("_cascade") or (kernel.name, index) in handed:
                continue
            if port.argument.form == SCRATCH:
                memory = adf.BufferOp(
                    self.type("!adf.buffer"), tile, port.argument.bytes, loc=here, ip=self.phase
                )
            else:
                memory = self.window(tile, port.depth, port.argument.bytes, here)
            self.windows[kernel.name, index] = memory

    def window(self, tile: Any, depth: int, size: int, place: _adfc.Location) -> Any:
        return adf.WindowOp(self.type("!adf.window"), tile, depth, size, loc=place, ip=self.phase)

    # ---- connections

    def connection(self, connection: Connection) -> None:
        here = self.location(connection.name, connection.place)
        source = connection.source
        if isinstance(source, Port) and source.form == "output_cascade":
            self.cascade(connection, here)
            return
        if connection.name in self.riding:
            return
        if any(connection is local for local in self.local):
            self.handed_over(connection, here)
            return
        ends = [self.end(source, connection, here)]
        ends += [self.end(target, connection, here) for target in connection.targets]
        adf.StreamOp(connection.name, ends[0], ends[1:], loc=here, ip=self.phase)
        self.send(connection, ends[0], here)
        for target, tile in zip(connection.targets, ends[1:], strict=True):
            self.receive(target, connection, tile, here)

    def handed_over(self, connection: Connection, place: _adfc.Location) -> None:
        """One buffer for what a kernel hands to another on its tile."""
        ports = _ports(connection)
        tile, size = self.tiles[ports[0].kernel.host], ports[0].type.argument.bytes
        memory = adf.BufferOp(self.type("!adf.buffer"), tile, size, loc=place, ip=self.phase)
        for port in ports:
            self.windows[port.kernel.name, port.index] = memory

    def end(self, end: Tensor | Port | Join, connection: Connection, place: _adfc.Location) -> Any:
        if isinstance(end, Port):
            return self.tiles[end.kernel.host]
        if isinstance(end, Join):
            return self.joined(end)
        return self.tile((connection.name, end.name), adf.TileKind.Shim, place)

    def cascade(self, connection: Connection, place: _adfc.Location) -> None:
        source, target = connection.source, connection.targets[0]
        assert isinstance(source, Port) and isinstance(target, Port)
        cascade = adf.CascadeOp(
            self.type("!adf.cascade"),
            self.tiles[source.kernel.host],
            self.tiles[target.kernel.host],
            source.type.argument.bytes,
            loc=place,
            ip=self.phase,
        )
        for port in (source, target):
            self.windows[port.kernel.name, port.index] = cascade

    def joined(self, join: Join) -> Any:
        """The memory tile of a join, with what brings the blocks there."""
        key = ("join", join.name)
        if key in self.tiles:
            return self.tiles[key]
        here = self.location(join.name, join.place)
        tile = self.tile(key, adf.TileKind.Mem, here)
        for index, port in enumerate(join.ports):
            name = f"{join.name}_{index}"
            adf.StreamOp(name, self.tiles[port.kernel.host], [tile], loc=here, ip=self.phase)
            self.dma_of_port(port, name, here)
            window = self.window(tile, 2, port.type.argument.bytes, here)
            self.windows[join.name, index] = window
            self.task(
                tile,
                adf.Direction.S2MM,
                name,
                window,
                port.type.argument.bytes,
                self.rates.of(port.kernel),
                here,
            )
        return tile

    def send(self, connection: Connection, tile: Any, place: _adfc.Location) -> None:
        source = connection.source
        if isinstance(source, Tensor):
            for rider in self.riders.get(connection.name, []):
                name = connection.name
                self.ddr(rider.connection, rider.tensor, name, tile, adf.Direction.MM2S, place)
            self.ddr(connection, source, connection.name, tile, adf.Direction.MM2S, place)
        elif isinstance(source, Join):
            calls = self.rates.of(source.ports[0].kernel)
            task = adf.DMAOp(
                tile, adf.Direction.MM2S, connection.name, repeat=calls, loc=place, ip=self.phase
            )
            for index, port in enumerate(source.ports):
                window = self.windows[source.name, index]
                self.bd(task, window, port.type.argument.bytes, _FULL, _EMPTY, place)
        else:
            self.dma_of_port(source, connection.name, place)

    def receive(
        self, target: Tensor | Port, connection: Connection, tile: Any, place: _adfc.Location
    ) -> None:
        if isinstance(target, Tensor):
            self.ddr(connection, target, connection.name, tile, adf.Direction.S2MM, place)
            return
        for rider in self.riders.get(connection.name, []):
            self.dma_of_port(rider.port, connection.name, place)
        self.dma_of_port(target, connection.name, place)

    def dma_of_port(self, port: Port, stream: str, place: _adfc.Location) -> None:
        """The core's task for a window of its."""
        direction = adf.Direction.MM2S if port.type.argument.written else adf.Direction.S2MM
        calls = 1 if is_parameter(port) else self.rates.of(port.kernel)
        self.task(
            self.tiles[port.kernel.host],
            direction,
            stream,
            self.windows[port.kernel.name, port.index],
            port.type.argument.bytes,
            calls,
            place,
        )

    def task(
        self,
        tile: Any,
        direction: Any,
        stream: str,
        window: Any,
        size: int,
        repeat: int,
        place: _adfc.Location,
    ) -> None:
        task = adf.DMAOp(tile, direction, stream, repeat=repeat, loc=place, ip=self.phase)
        locks = (_EMPTY, _FULL) if direction == adf.Direction.S2MM else (_FULL, _EMPTY)
        self.bd(task, window, size, *locks, place)

    def bd(
        self, task: Any, window: Any, size: int, take: Any, give: Any, place: _adfc.Location
    ) -> None:
        adf.BDOp(
            0,
            [size // WORD],
            [1],
            window=window,
            acquire=take,
            release=give,
            loc=place,
            ip=task.block,
        )

    def ddr(
        self,
        connection: Connection,
        tensor: Tensor,
        stream: str,
        tile: Any,
        direction: Any,
        place: _adfc.Location,
    ) -> None:
        """A shim's task for a tensor."""
        access = tensor_access(self.rates, tensor, connection)
        walk: Descriptor = descriptor(access, tensor.dtype.bytes, self.device.shim)
        task = adf.DMAOp(
            tile,
            direction,
            stream,
            repeat=walk.repeat,
            token=direction == adf.Direction.S2MM,
            loc=place,
            ip=self.phase,
        )
        adf.BDOp(
            walk.offset,
            walk.counts,
            walk.steps,
            ddr=tensor.name,
            iteration=[walk.repeat, walk.repeat_step] if walk.repeat > 1 else None,
            loc=place,
            ip=task.block,
        )

    # ---- core programs

    def core(self, kernels: Sequence[Kernel]) -> None:
        """The program of a core: its kernels in turn."""
        here = self.location(kernels[0].name, kernels[0].place)
        block = adf.CoreOp(self.tiles[kernels[0].host], loc=here, ip=self.phase).block
        parameters = [(kernel, port) for kernel in kernels for port in riders.parameters(kernel)]
        for kernel, port in parameters:
            self.acquire(self.window_of(port), _FULL, self.location_of(kernel), block)
        rounds, calls = turns(kernels, self.rates)
        body = self.loop(rounds, here, block)
        for kernel, count in zip(kernels, calls, strict=True):
            self.call(kernel, self.loop(count, self.location_of(kernel), body))
        for kernel, port in parameters:
            self.release(self.window_of(port), _EMPTY, self.location_of(kernel), block)

    def call(self, kernel: Kernel, block: _adfc.Block) -> None:
        """A call of a kernel, once its windows are there."""
        here = self.location_of(kernel)
        handed = {(e.kernel.name, e.index) for c in self.local for e in _ports(c)}
        ports = [kernel[index] for index in range(len(kernel.ports))]
        moved = [
            port
            for port in ports
            if port.form != SCRATCH
            and not port.form.endswith("_cascade")
            and not is_parameter(port)
            and (kernel.name, port.index) not in handed
        ]
        inputs = [self.window_of(port) for port in moved if not port.type.argument.written]
        outputs = [self.window_of(port) for port in moved if port.type.argument.written]
        for window in inputs:
            self.acquire(window, _FULL, here, block)
        for window in outputs:
            self.acquire(window, _EMPTY, here, block)
        operands = [self.window_of(port) for port in ports]
        adf.CallOp(self.symbol_of(kernel), operands, [], kernel.cycles, loc=here, ip=block)
        for window in inputs:
            self.release(window, _EMPTY, here, block)
        for window in outputs:
            self.release(window, _FULL, here, block)

    def loop(self, count: int, place: _adfc.Location, block: _adfc.Block) -> _adfc.Block:
        """A loop's body; of one turn the block itself."""
        return adf.LoopOp(count, loc=place, ip=block).block if count > 1 else block

    def window_of(self, port: Port) -> Any:
        return self.windows[port.kernel.name, port.index]

    def location_of(self, kernel: Kernel) -> _adfc.Location:
        return self.location(kernel.name, kernel.place)

    def acquire(self, window: Any, lock: Any, place: _adfc.Location, block: _adfc.Block) -> None:
        adf.AcquireOp(window, lock, loc=place, ip=block)

    def release(self, window: Any, lock: Any, place: _adfc.Location, block: _adfc.Block) -> None:
        adf.ReleaseOp(window, lock, loc=place, ip=block)
        adf.AdvanceOp(window, loc=place, ip=block)


def _ports(connection: Connection) -> list[Port]:
    """The ends of a connection that are kernels' arguments."""
    return [e for e in (connection.source, *connection.targets) if isinstance(e, Port)]
