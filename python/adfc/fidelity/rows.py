"""The published measurements, and our programs beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adfc.fidelity import gemm, grid, transfers
from adfc.fidelity.gemm import Shape
from adfc.fidelity.grid import Grid
from adfc.spec import devices

MEASURED, SIMULATED, COMMUNITY = "silicon", "vendor simulator", "community"
TUTORIAL = (
    "[AMD's AIE-ML tutorial](https://github.com/Xilinx/Vitis-Tutorials/tree/2024.1/"
    "AI_Engine_Development/AIE-ML/Design_Tutorials/01-AIE-ML-programming-and-optimization)"
)
BENCHMARKS = (
    "[mlir-aie test/benchmarks](https://github.com/Xilinx/mlir-aie/tree/main/test/benchmarks)"
)
XDNA_EMU = "[xdna-emu](https://github.com/FIM43-Redeye/xdna-emu), finding memtile-bank-access-width"
STRIKING = "[arXiv 2512.13282](https://arxiv.org/abs/2512.13282)"
GAMA = "[arXiv 2504.09688](https://arxiv.org/abs/2504.09688)"
GAMA_MORE = "[GAMA](https://github.com/advent-lab/GAMA), README"

VCK190_MHZ = 1000
XDNA_MHZ = 1000
VE2802_MHZ = 1250


@dataclass(frozen=True)
class Row:
    """One published figure.

    `number`: of the row among the published measurements, "" for one that stands beside them;
    `limit`: percent that the model may be off, None: it is only shown; `measure`: our program's
    figure, None where there is none. `remark` says how the two differ.
    """

    number: str
    workload: str
    published: float
    unit: str
    kind: str
    source: str
    limit: float | None
    measure: Callable[[], float] | None
    remark: str


@dataclass(frozen=True)
class Result:
    """A row and what our program gave."""

    row: Row
    modelled: float | None

    @property
    def error(self) -> float | None:
        """Percent that the model is above the published figure."""
        return None if self.modelled is None else 100 * (self.modelled / self.row.published - 1)


def _tutorial(
    number: str, what: str, *, tiles: int, output: str, published: float, remark: str
) -> Row:
    """A kernel of AMD's tutorial: `tiles` tiles of sums in registers, results of type `output`."""

    def measure() -> float:
        device, shape = devices.load("ve2802"), Shape(64, 64, 64, kept=True)
        product = gemm.tutorial_product(device, shape, rows=tiles, output=output)
        return gemm.single_core(device, shape, product)

    name = f"int8 GEMM 64x64x64, {what}, {output} results"
    return Row(number, name, published, "cycles", SIMULATED, TUTORIAL, 10, measure, remark)


def _tops(array: Grid, shape: Shape, output: str, clock_mhz: int) -> float:
    """Tera-operations a second on a grid of cores, two for each multiply-accumulate."""
    product = gemm.looped_product(array.device, shape, output)
    period = grid.grid_period(array, shape, gemm.cycles_of(array.device, product))
    return array.cores * 2 * shape.m * shape.k * shape.n / period * clock_mhz / 1e6


def _gama(
    shape: Shape,
    output: str,
    published: float,
    remark: str,
    *,
    number: str = "",
    source: str = GAMA_MORE,
    limit: float | None = None,
) -> Row:
    """A core's part of a GAMA design on the paper's 288 cores."""

    def measure() -> float:
        return _tops(Grid(devices.load("ve2802"), 36, 8), shape, output, VE2802_MHZ)

    name = f"int8 GEMM on the whole array, {output} results"
    text = f"{shape.m}x{shape.k}x{shape.n} on each of 288 cores. {remark}"
    return Row(number, name, published, "TOPS", SIMULATED, source, limit, measure, text)


def _xdna() -> float:
    shape = Shape(64, 160, 64, kept=True)
    return _tops(Grid(devices.load("npu1"), 4, 4), shape, "kept", XDNA_MHZ)


def _missing(number: str, workload: str, published: float, kind: str, source: str) -> Row:
    text = "Not reproduced: there are no kernels for bf16."
    return Row(number, workload, published, "TOPS", kind, source, 10, None, text)


_NAIVE = "One tile of sums in registers; bound by the load port of B."
_STAND_IN = "Computed with 32-bit sums, costed with 16-bit stores."
_CASCADE = (
    "Operands come by multicast from memtiles; in the paper, from programmable logic. The paper "
    "adds four cores' sums by cascade, which is not modelled."
)

ROWS: tuple[Row, ...] = (
    _tutorial("2", "naive", tiles=1, output="int32", published=2092, remark=_NAIVE),
    _tutorial(
        "2", "naive", tiles=1, output="int16", published=2089, remark=f"{_NAIVE} {_STAND_IN}"
    ),
    _tutorial(
        "3",
        "tuned",
        tiles=2,
        output="int16",
        published=1121,
        remark=f"Two tiles of sums in registers. {_STAND_IN}",
    ),
    _tutorial(
        "4",
        "tuned",
        tiles=2,
        output="int32",
        published=1750,
        remark="Two tiles of sums in registers; bound by the moves that 32-bit results take.",
    ),
    Row(
        "7",
        "tile to tile DMA, 512 words",
        530,
        "cycles",
        MEASURED,
        BENCHMARKS,
        5,
        lambda: transfers.tile_to_tile(devices.load("ve2802"), 512),
        "From the source's lock to the sink's, neighbouring tiles. Measured on a VCK190.",
    ),
    Row(
        "8",
        "DDR to tile DMA, 4096 words",
        4437,
        "cycles",
        MEASURED,
        BENCHMARKS,
        10,
        lambda: transfers.ddr_to_tile(devices.load("ve2802"), 4096),
        f"Measured on a VCK190 at {VCK190_MHZ} MHz, +- 154 cycles. Ours is a channel's "
        f"{transfers.WARM_TASKS + 1}th task, so that no cold DDR path plays a part.",
    ),
    Row(
        "13",
        "memtile MM2S, 256 words in a run",
        251,
        "cycles",
        COMMUNITY,
        XDNA_EMU,
        5,
        lambda: transfers.memtile_send(devices.load("npu1"), 256, 1),
        "From the lock to the end of the buffer descriptor, Phoenix.",
    ),
    Row(
        "13",
        "memtile MM2S, every 16th word of 4096",
        258,
        "cycles",
        COMMUNITY,
        XDNA_EMU,
        5,
        lambda: transfers.memtile_send(devices.load("npu1"), 256, 16),
        "The same; every 4th and every 64th word were measured to take as long.",
    ),
    Row(
        "17",
        "int8 GEMM on 4x4 cores, XDNA",
        6.76,
        "TOPS",
        MEASURED,
        STRIKING,
        10,
        _xdna,
        "The abstract names no tiles: ours are 64x160x64 with sums kept in the core, operands in "
        f"memtiles, {XDNA_MHZ} MHz (assumed). The published figure is from DDR to DDR.",
    ),
    _missing("17", "bf16 GEMM on 4x4 cores, XDNA", 3.14, MEASURED, STRIKING),
    _gama(
        Shape(64, 224, 64, kept=False), "int8", 165, _CASCADE, number="18", source=GAMA, limit=10
    ),
    _missing("18", "bf16 GEMM on the whole array", 83, SIMULATED, GAMA),
    _gama(Shape(64, 184, 64, kept=False), "int16", 159, "As row 18."),
    _gama(
        Shape(48, 240, 48, kept=False),
        "int32",
        133,
        "As row 18; bound by the operands' streams, not by the kernel.",
    ),
)


def results() -> tuple[Result, ...]:
    """Run every row's program; some seconds in all."""
    return tuple(Result(row, row.measure() if row.measure else None) for row in ROWS)
