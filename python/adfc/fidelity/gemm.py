"""Products of int8 matrices on one core.

Every operand is 1, so that each sum must be the number of its products; a wait for that value in a
core's data memory ends each program, so none can end without having computed.
"""

from __future__ import annotations

from dataclasses import dataclass

from adfc.fidelity.writer import Writer, core_words, run
from adfc.planner.kernel_cost import Product, product_cost
from adfc.spec import kernels
from adfc.spec.devices import Device
from adfc.spec.kernels import Slots

PARAMETER_BYTES = 12
"""Bias, multiplier and shift of an output channel, at the head of a weights block."""

ONES = 0x01010101

HALF = (0, 1 << 14, 15)
"""Parameters of a channel: no bias, times a half."""


@dataclass(frozen=True)
class Shape:
    """A product of m x k by k x n int8 values.

    `kept`: sums of 32 bits stay in data memory from call to call; else int8 results, halved.
    """

    m: int
    k: int
    n: int
    kept: bool

    @property
    def a_bytes(self) -> int:
        """Bytes of the first operand."""
        return self.m * self.k

    @property
    def b_bytes(self) -> int:
        """Bytes of the second operand as a weights block."""
        return self.n * (self.k + PARAMETER_BYTES)

    @property
    def buffers(self) -> tuple[int, ...]:
        """Bytes of the kernel's operands: activations, weights, output, sums."""
        sums = (4 * self.m * self.n,) if self.kept else ()
        return self.a_bytes, self.b_bytes, self.m * self.n, *sums

    def expected(self, steps: int) -> int:
        """The first word of the result after `steps` calls on operands of ones."""
        return steps * self.k if self.kept else self.k // 2 * ONES

    def kernel(self) -> dict[str, object]:
        """The kernel: a 1 x 1 convolution of a row of pixels, which is the product."""
        config = {
            "in": [1, self.m, self.k],
            "kernel": [1, 1],
            "stride": [1, 1],
            "dilation": [1, 1],
            "out": [1, self.m, self.n],
            "clamp": [-128, 127],
            "accumulate": self.kept,
        }
        return {"name": "product", "kind": "conv2d", "config": config}

    def call(self, operands: str, out: int, *, first: int, cycles: int) -> str:
        """The core program's call; results at byte `out`."""
        if not self.kept:
            return f"call kernel 0 ({operands}, {out:#x}) [] cycles {cycles}"
        sums = out + self.m * self.n
        return f"call kernel 0 ({operands}, {out:#x}, {sums:#x}) [{first}, 0] cycles {cycles}"

    def result(self, out: int) -> int:
        """The byte address of what `expected` tells."""
        return out + (self.m * self.n if self.kept else 0)

    def fill_operands(self, w: Writer, place: tuple[int, int], a: int, b: int) -> None:
        """Ones as operands at byte addresses `a` and `b` of a tile's data memory."""
        w.fill(place, a, self.a_bytes, ONES)
        for index, value in enumerate(HALF):
            w.fill(place, b + 4 * self.n * index, 4 * self.n, value)
        head = PARAMETER_BYTES * self.n
        w.fill(place, b + head, self.b_bytes - head, ONES)


def tutorial_product(device: Device, shape: Shape, *, rows: int, output: str) -> Product:
    """The kernel of AMD's tutorial: `rows` tiles of A and one of B in registers, all of K unrolled.

    It uses the shape 4x16x8, two native products: A is two loads, B four, and each product takes a
    shuffle of its operands, as the tutorial's listing shows.
    """
    table = kernels.load(device.architecture)
    steps = shape.k // 16
    products = 2 * steps * rows
    block = Slots(mac=products, load_a=products, load_b=4 * steps, move=products)
    n_tiles = shape.n // 8
    finish = table.finish[output]
    return Product(shape.m // 4, n_tiles, rows, 1, block, steps, finish, n_tiles, shuffled=True)


def looped_product(device: Device, shape: Shape, output: str) -> Product:
    """A kernel with a loop over K: operands blocked in memory, 2 x 2 tiles of sums in registers."""
    table = kernels.load(device.architecture)
    steps = shape.k // 8
    m, n = table.block_m, table.block_n
    block = Slots(mac=steps * m * n, load_a=steps * m, load_b=steps * n * table.loads_b)
    return Product(
        m_tiles=shape.m // 4,
        n_tiles=shape.n // 8,
        block_m=m,
        block_n=n,
        block=block,
        steps=steps,
        finish=table.finish[output],
        blocks_in_pass=1,
        shuffled=False,
        looped=True,
    )


def cycles_of(device: Device, product: Product) -> int:
    """Modelled cycles of one kernel call."""
    return product_cost(product, kernels.load(device.architecture)).cycles


def single_core(device: Device, shape: Shape, product: Product) -> int:
    """Modelled cycles of one kernel call, as counted by the core that made it."""
    place = (device.noc_columns[0], device.core_rows[0])
    b, out = shape.a_bytes, shape.a_bytes + shape.b_bytes
    cycles = cycles_of(device, product)
    core = [shape.call(f"0x0, {b:#x}", out, first=1, cycles=cycles), "done"]
    w = Writer(device)
    shape.fill_operands(w, place, 0, b)
    w.start_core(place, core_words(core))
    address = shape.result(out) // 4
    w.wait_register(place, "DATA_MEMORY", address, 0xFFFFFFFF, shape.expected(1))
    made = run(w, core, shape.kernel(), shape.buffers, 2 if shape.kept else 0)
    return next(c.busy_cycles for c in made.cores if (c.column, c.row) == place)
