"""Kernel costs, by hand from the slots and latencies of spec/kernels/aieml.toml."""

from __future__ import annotations

import planner_layers

from adfc.planner.cost import Call, kernel_bound
from adfc.planner.graph import Layer
from adfc.planner.kernel_cost import LANES, Product, call_cost, product_cost
from adfc.spec import devices, kernels
from adfc.spec.kernels import Slots

DEVICE = devices.load("ve2802")
TABLE = kernels.load("aieml")


def conv(channels: int, kernel: int, size: int, stride: int = 1) -> Layer:
    return planner_layers.conv(size, size, channels, out=256, kernel=kernel, stride=stride)


def add(channels: int) -> Layer:
    return planner_layers.add(8, 8, channels)


def test_a_convolution_whose_blocks_are_unrolled() -> None:
    # 3x3, 64 channels: 3 runs of 192 bytes, 72 steps of 8. 64 pixels are 16 tiles of rows, 16
    # channels 2 of columns: 8 blocks of 2 x 2, each 72 x 4 products and 4 x 2 to rescale. The pass
    # ends with a fill of 7 + 2, longer than the drain of 4 + 4; 20 to enter and leave.
    cost = call_cost(conv(64, 3, 56), Call(8, 8, 16, 64), DEVICE)
    assert cost.cycles == 8 * (72 * 4 + 8) + 9 + 20
    assert (cost.bound, cost.stalls) == ("mac", 0)
    assert kernel_bound(conv(64, 3, 56), (8, 8, 16, 64), DEVICE) == "mac"


def test_a_convolution_with_a_loop_over_its_products() -> None:
    # 256 channels: 288 steps, 1152 products a block: too long to unroll. Each of 4 blocks drains:
    # 4 for the last product, then the stores of 4 tiles, 4 each.
    cost = call_cost(conv(256, 3, 14), Call(4, 8, 16, 256), DEVICE)
    assert cost.cycles - cost.stalls == 4 * (288 * 4 + 4 + 16) + 20


def test_a_first_convolution_takes_rows_of_the_kernel_as_one_run() -> None:
    # 7x7 of 4 channels: 7 runs of 28 bytes are 4 steps each, not 49 steps of 8 channels.
    cost = call_cost(conv(4, 7, 230, stride=2), Call(4, 8, 16, 4), DEVICE)
    assert cost.slots.mac == 4 * (7 * 4 * 4 + 8)


def test_odd_tiles_make_the_last_block_larger() -> None:
    # 7 x 4 pixels are 7 tiles of rows, 24 channels 3 of columns: blocks of 2 x 3, and one of 3 x 3.
    # Two times six sums are more than the registers: no block is unrolled. Each drains for 4, then
    # stores its tiles, 4 each; that is longer than its fill.
    cost = call_cost(conv(64, 3, 56), Call(7, 4, 24, 64), DEVICE)
    wide, last = 72 * 6 + 4 + 6 * 4, 72 * 9 + 4 + 9 * 4
    assert cost.cycles == 2 * wide + last + 20
    # One tile of columns leaves room for the next block's sums. For each product a shuffle, and 3
    # moves to rescale a tile.
    cost = call_cost(conv(64, 3, 56), Call(7, 4, 8, 64), DEVICE)
    assert cost.cycles == 2 * (72 * 2 + 6) + 9 + (72 * 3 + 9) + 9 + 20


def test_an_element_wise_kernel_by_hand() -> None:
    # 64 groups of 32 sums, 6 products each.
    cost = call_cost(add(32), Call(8, 8, 32, 32), DEVICE)
    assert cost.cycles == 64 * 6 + 7 + 5 + 20
    assert cost.bound == "mac"
    assert LANES == 32


def test_what_bounds_a_product() -> None:
    def bound(**slots: float) -> str:
        finish = Slots()
        product = Product(8, 8, 2, 2, Slots(**slots), 1, finish, 1, shuffled=False)
        return product_cost(product, TABLE).bound

    assert bound(mac=4, load_b=4) == "mac"
    assert bound(mac=4, load_b=5) == "load"
    assert bound(mac=4, store=5) == "store"
    assert bound(mac=4, move=5) == "move"


def test_banks_stall_only_calls_that_fill_the_memory() -> None:
    small = call_cost(conv(64, 3, 56), Call(4, 4, 16, 64), DEVICE)
    large = call_cost(conv(64, 1, 56), Call(16, 14, 64, 64), DEVICE)
    assert small.stalls == 0
    assert 0 < large.stalls < large.cycles // 10
