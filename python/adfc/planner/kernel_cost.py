"""Cycles of kernels, counted in instruction slots (spec/kernels/*.toml, adfc.operators.builtin).

A kernel is a nest of loops, software-pipelined: one iteration of the pipelined loop takes as many
cycles as its fullest slot has instructions. A matrix product works on blocks of `block_m` x
`block_n` tiles of 4 x 8 sums in accumulator registers, the last of them larger where the tiles are
no multiple. It has one of two forms:

- *unrolled*: the loop over blocks is pipelined, all products of a block and what finishes its sums
  are in its body; a pass is a run of such blocks. For bodies up to `unrolled_bundles`.
- *looped*: the loop over products is pipelined, a pass is one block.

Around a pass, the pipeline drains (the last products' latency, then what finishes the last sums)
and fills (the first loads' latency). The next pass's loads are issued while this one drains, so a
pass costs the longer of the two.

Bank conflicts: operands of a call lie in different banks, and so do the halves of a double buffer,
as far as the banks go round when each buffer takes whole banks. Where they need more than there
are, DMA accesses meet the core's in the share of banks that are missing; each that does stalls the
core for a cycle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from adfc.operators import builtin
from adfc.planner.graph import WORD, Layer, ceil_div
from adfc.spec import core_program, kernels
from adfc.spec.devices import Device
from adfc.spec.kernels import KernelTable, Slots
from adfc.spec.paths import spec_folder

if TYPE_CHECKING:
    from adfc.planner.cost import Call

LANES = 32
"""Sums of a tile, 4 x 8; outputs that the element-wise entries of the table count for."""

ROWS, COLUMNS = 4, 8
"""M and N of the native products (AM020)."""

DEPTH_BYTES = {8: 8, 4: 16}
"""Bytes of activations along K of a native product, by the bits of a weight: 4x8x8 of int8, 4x4x8
of int16 by int8, 4x16x8 of int8 by int4 (AM020)."""


@dataclass(frozen=True)
class KernelCost:
    """Cycles of one kernel call: `slots` in all its loops, and what lies around them.

    `bound`: the slot that bounds the kernel's main loop: "mac", "load", "store" or "move".
    """

    cycles: int
    bound: str
    slots: Slots
    entry: int
    turns: int
    stalls: int


@dataclass(frozen=True)
class Product:
    """A product of matrices, as a kernel does it.

    `m_tiles` x `n_tiles` tiles of sums, in blocks of `block_m` x `block_n`; the slots of one
    `block`'s products, in `steps` steps; `finish`: slots for each tile of sums; `blocks_in_pass`:
    how many blocks a pass of the unrolled form has; `shuffled`: products wait for a shuffle of
    their operands; `looped`: not unrolled, however short.
    """

    m_tiles: int
    n_tiles: int
    block_m: int
    block_n: int
    block: Slots
    steps: int
    finish: Slots
    blocks_in_pass: int
    shuffled: bool
    looped: bool = False

    @property
    def blocks(self) -> int:
        """Blocks of the whole product."""
        return ceil_div(self.m_tiles, self.block_m) * ceil_div(self.n_tiles, self.block_n)


def product_cost(product: Product, table: KernelTable) -> KernelCost:
    """Cycles of a product of matrices; no bank conflicts."""
    tiles = product.block_m * product.block_n
    finish = product.finish.times(tiles)
    # The last tile's sums come last; what finishes the others is issued in the meantime.
    issue = max(finish.store, finish.move, finish.mac)
    fill = table.load_latency + (table.shuffle_latency if product.shuffled else 0)
    fill += math.ceil(product.finish.load_a) * tiles
    looped = table.mac_latency - 1 + math.ceil(issue)
    body = product.block + finish
    if not product.looped and body.most <= table.unrolled_bundles:
        last = max(product.finish.store, product.finish.move, product.finish.mac)
        turn = max(table.mac_latency - 1 + math.ceil(last), fill)
        turns = ceil_div(product.blocks, product.blocks_in_pass) * turn
        main, loops = body, body.most
    else:
        turns = product.blocks * max(looped, fill)
        main, loops = product.block, product.block.most
    cycles = math.ceil(product.blocks * loops) + turns
    return KernelCost(
        cycles=table.entry_cycles + cycles,
        bound=main.bound,
        slots=body.times(product.blocks),
        entry=table.entry_cycles,
        turns=turns,
        stalls=0,
    )


def call_cost(
    layer: Layer, call: Call, device: Device, *, over_cascade: bool = False
) -> KernelCost:
    """AIE cycles of one kernel call of `layer`, with its bank conflicts, and what bounds it.

    `over_cascade`: sums that a call does not complete come or go over the cascade, and are not
    kept in memory; of the last core of a cascade, which has the most to do.
    """
    table = kernels.load(device.architecture)
    if layer.products:
        products = _convolution(layer, call, table, over_cascade)
        cost = _sum([product_cost(p, table) for p in products])
    else:
        cost = _elementwise(layer, call, table)
    stalls = _stalls(layer, call, cost, table, 0 if over_cascade else call.accumulator_bytes(layer))
    return KernelCost(cost.cycles + stalls, cost.bound, cost.slots, cost.entry, cost.turns, stalls)


def _runs(layer: Layer, call: Call) -> tuple[int, int]:
    """(runs, bytes): how the values that one output reads lie in a window of NHWC.

    With neighbouring taps (dilation 1) a row of the kernel is one run, as in the weights block.
    """
    rows, columns = layer.rows.span, layer.columns.span
    if layer.unpadded:
        return layer.kernel_rows, layer.unpadded.run * WORD
    if rows * columns == layer.products:
        return rows, columns * call.in_channels
    return layer.products, call.in_channels


@cache
def cascade_bytes() -> int:
    """Bytes of sums that a call can hand on (spec/core_program.toml)."""
    return core_program.load(spec_folder()).limits["cascade_bytes"]


def handover_cycles(size: int, device: Device) -> int:
    """AIE cycles of a call that copies so many bytes of sums between memory and the cascade, or
    adds them to those in memory.

    256 bits a cycle, as a load or store has.
    """
    table = kernels.load(device.architecture)
    return table.entry_cycles + table.load_latency + ceil_div(size, table.load_bytes)


def _convolution(layer: Layer, call: Call, table: KernelTable, over_cascade: bool) -> list[Product]:
    """A convolution: pixels x (taps x input channels) x output channels, cut into products that
    have blocks of one size each."""
    runs, run = _runs(layer, call)
    read, written = layer.element_bytes
    steps = ceil_div(run, DEPTH_BYTES[layer.weight_bits])
    # B is 8x8 bytes, or 16x8 halves of bytes; with int16 activations 4x8 bytes.
    loads_b = table.loads_b / read
    loads = ceil_div(run, table.load_bytes)
    aligned = not layer.unpadded and call.in_channels % table.load_bytes == 0
    # Four pixels' loads make one tile of A for each step of the run.
    load_a = ROWS * (loads + (0 if aligned else table.unaligned_loads))
    move = table.shuffles_per_tile * steps + (0 if aligned else ROWS * loads)
    finish = table.finish["rescaled" if read == 1 else "rescaled_wide"]
    if call.accumulator_bytes(layer):
        # Sums of 64 bits are twice as many bytes.
        passed = table.finish["cascade"].times(read)
        finish = finish + (passed if over_cascade else table.finish["kept"])

    def product(m_tiles: int, block_m: int, n_tiles: int, block_n: int) -> Product:
        return Product(
            m_tiles=m_tiles,
            n_tiles=n_tiles,
            block_m=block_m,
            block_n=block_n,
            block=Slots(
                mac=runs * steps * block_m * block_n,
                load_a=runs * load_a * block_m,
                load_b=runs * steps * loads_b * block_n,
                move=runs * move * block_m,
            ),
            steps=runs * steps,
            finish=finish,
            blocks_in_pass=ceil_div(m_tiles, block_m),
            shuffled=True,
            # Sums of int16 products take two registers.
            looped=2 * read * block_m * block_n > table.accumulators,
        )

    # Columns of another phase have other weights.
    phases = [call.columns]
    if layer.unpadded:
        phases = layer.unpadded.columns_of_phases(call.first_column, call.columns)
    n_tiles = ceil_div(call.out_channels // written, COLUMNS)
    return [
        product(*rows, *columns)
        for columns in _cut(n_tiles, table.block_n)
        for pixels in phases
        if pixels
        for rows in _cut(ceil_div(call.rows * pixels, ROWS), table.block_m)
    ]


def _cut(tiles: int, block: int) -> list[tuple[int, int]]:
    """(tiles, tiles of a block): blocks of `block` tiles; what is left makes the last one larger.

    A block of one tile alone would load as much as a full one.
    """
    whole, rest = divmod(tiles, block)
    if not rest:
        return [(tiles, block)]
    if not whole:
        return [(tiles, tiles)]
    last = block + rest
    return [(tiles - last, block), (last, last)] if whole > 1 else [(last, last)]


def _sum(costs: list[KernelCost]) -> KernelCost:
    """One call that does what several would."""
    most = max(costs, key=lambda cost: cost.cycles)
    entry = most.entry
    slots = Slots()
    for cost in costs:
        slots = slots + cost.slots
    return KernelCost(
        cycles=entry + sum(cost.cycles - cost.entry for cost in costs),
        bound=most.bound,
        slots=slots,
        entry=entry,
        turns=sum(cost.turns for cost in costs),
        stalls=0,
    )


def _elementwise(layer: Layer, call: Call, table: KernelTable) -> KernelCost:
    """A kernel without a matrix product: one pipelined loop over groups of 32 outputs."""
    if layer.cost is not None:
        largest = max(call.output_bytes(), call.activation_bytes(layer))
        slots = layer.cost.times(ceil_div(largest, LANES))
    else:
        groups = ceil_div(call.output_bytes(), LANES)
        slots = group_slots(layer.kind, _reads(layer), table).times(groups)
    turn = table.load_latency + table.mac_latency
    cycles = table.entry_cycles + turn + math.ceil(slots.most)
    return KernelCost(cycles, slots.bound, slots, table.entry_cycles, turn, 0)


def group_slots(kind: str, reads: int, table: KernelTable) -> Slots:
    """Slots for 32 results of a kernel without a matrix product, each of `reads` values: as the
    built-in operator of that kernel says, or else the table."""
    cost = builtin.costs().get(kind)
    if cost is not None:
        return Slots(**cost.slots(reads))
    entry = table.elementwise[kind]
    return entry.fixed + entry.per_read.times(reads)


def _reads(layer: Layer) -> int:
    """Input values of one activation that one output value needs: taps, where they have weights.

    Of a program of steps, how many it has.
    """
    if layer.passes > 1:
        return layer.passes
    if layer.macs:
        # Outputs count bytes: an int16 result has half as many.
        return ceil_div(layer.macs * layer.element_bytes[1], math.prod(layer.output))
    return min(layer.rows.span, layer.rows.size) * min(layer.columns.span, layer.columns.size)


def _stalls(layer: Layer, call: Call, cost: KernelCost, table: KernelTable, sums: int) -> int:
    """Cycles that the core waits for banks which DMA uses, all windows double-buffered; `sums`:
    bytes of them in memory."""
    activations = [call.activation_bytes(layer)] * layer.activations
    weights = [call.weights_bytes(layer)] if layer.has_weights else []
    windows = [*activations, *weights, call.output_bytes()]
    needed = 2 * sum(ceil_div(size, table.bank_bytes) for size in windows)
    needed += ceil_div(sums, table.bank_bytes)
    missing = needed - table.banks
    if missing <= 0:
        return 0
    by_dma = sum(ceil_div(size, table.bank_width) for size in windows)
    # Accesses of 256 bits take two banks; `busy` is how much of the time a bank is the core's.
    core = 2 * (cost.slots.load_a + cost.slots.load_b + cost.slots.store)
    busy = min(1.0, core / (cost.cycles * table.banks))
    return math.ceil(by_dma * min(1.0, missing / table.banks) * busy)
