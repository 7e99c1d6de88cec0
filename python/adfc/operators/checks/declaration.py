"""Checks of what a package says of an operator: documentation, PyTorch operator, cost."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from adfc.operators.checks.cutting import Cutter
from adfc.operators.checks.finding import CheckError, ensure
from adfc.operators.checks.kernels import Subject
from adfc.operators.checks.specimen import (
    Specimen,
    call_torch,
    input_shapes,
    tensor_names,
    torch_function,
)
from adfc.operators.geometry import Filters
from adfc.operators.kernel import Composition
from adfc.operators.library import LibraryKernel
from adfc.operators.operator import Operator, ProductCost, reads_of
from adfc.operators.registry import Package
from adfc.planner.cost import Call, call_cycles
from adfc.planner.graph import Layer
from adfc.spec import devices

LOAD_BYTES = STORE_BYTES = 32
"""A core loads 256 bits on each of two ports in a cycle, and stores as much (AM020)."""

LEAST_DOCUMENTATION = 60
"""Characters that a package's documentation must have."""


def check_documentation(package: Package, operator: Operator) -> str:
    """The module says what the operator does and how it is used; the cost has a source."""
    text = package.documentation
    short = operator.name.rpartition("::")[2].partition(".")[0]
    ensure(
        len(text) >= LEAST_DOCUMENTATION,
        f"the module's docstring has {len(text)} characters, not {LEAST_DOCUMENTATION}",
    )
    ensure(short in text, f"the module's docstring does not show how `{short}` is used")
    if operator.cost is not None:
        ensure(
            len(operator.cost.source.split()) >= 2, "the cost names no source, nor what is assumed"
        )
    return f"{len(text)} characters"


def check_torch(operator: Operator) -> str:
    """The PyTorch operator exists, its fake implementation agrees, and it leaves its inputs."""
    function = torch_function(operator)
    ensure(bool(operator.cases), "it has no cases to test it on")
    ensure(not function._schema.is_mutable, "its schema says that it changes its inputs")
    for case in operator.cases:
        ensure(case.shape[:1] == (1,), f"case {list(case.shape)}: programs have a batch of 1")
        ensure(bool(tensor_names(operator, case)), "it takes no tensor")
        real = [
            torch.linspace(-2, 2, math.prod(shape)).reshape(shape)
            for shape in input_shapes(operator, case)
        ]
        kept = [tensor.clone() for tensor in real]
        result = call_torch(operator, real, case)
        ensure(
            all(torch.equal(a, b) for a, b in zip(kept, real, strict=True)), "it changes its inputs"
        )
        ensure(result.dtype == torch.float32, f"it gives {result.dtype} for float32")
        with FakeTensorMode() as mode:
            fakes = [mode.from_tensor(tensor) for tensor in real]
            fake = call_torch(operator, fakes, case)
        ensure(
            fake.shape == result.shape and fake.dtype == result.dtype,
            f"its fake implementation says {list(fake.shape)}, but it gives {list(result.shape)}",
        )
    return f"{len(operator.cases)} cases"


def check_reference(subject: Subject) -> str:
    """The integer reference is the float operator, rounded to levels."""
    worst = 0.0
    for item in subject.specimens:
        scale = item.call.output_scale
        for name, inputs in item.patterns:
            levels = item.reference(inputs).astype(np.float64)
            exact = np.clip(item.floats(inputs) / scale, -128, 127)
            distance = np.abs(levels - exact)
            allowed = subject.operator.float_levels
            if distance.size and distance.max() > allowed:
                place = np.unravel_index(int(distance.argmax()), distance.shape)
                raise CheckError(
                    f"{item.title}, inputs {name}: the reference gives {levels[place]:g} at "
                    f"{[int(i) for i in place]}, PyTorch {exact[place]:.2f} levels"
                )
            worst = max(worst, float(distance.max(initial=0.0)))
    return f"within {worst:.2f} levels of PyTorch's float32"


def check_cost(subject: Subject) -> str:
    """The declared cost is not below what loads and stores alone take."""
    operator = subject.operator
    if operator.cost is None:
        return "composed: adfc's own costs"
    if isinstance(operator.cost, ProductCost):
        return _check_product(subject.plain)
    slots = operator.cost.slots(_reads(subject.plain))
    ensure(
        all(math.isfinite(value) and value >= 0 for value in slots.values()),
        f"slots must be numbers that are not negative: {slots}",
    )
    declared = max(slots.values())
    item = subject.plain
    read = sum(math.prod(shape) for shape in item.shapes)
    written = math.prod(item.out_shape)
    largest = max(*map(math.prod, item.shapes), written)
    loads = read / largest
    stores = written / largest
    given = slots["load_a"] + slots["load_b"]
    ensure(
        given >= loads * 32 / LOAD_BYTES - 1e-9,
        f"{given:g} loads for 32 bytes cannot bring {loads * 32:g} bytes: a load is 32 bytes",
    )
    ensure(
        slots["store"] >= stores * 32 / STORE_BYTES - 1e-9,
        f"{slots['store']:g} stores for 32 bytes cannot write {stores * 32:g} bytes",
    )
    roofline = max(loads / 2, stores)
    return f"{declared:g} cycles for 32 bytes, {declared / roofline:.1f} times the roofline"


def _check_product(item: Specimen) -> str:
    """What the planner says of a call is not below what its products take."""
    cutter, device = Cutter(item), devices.load("ve2802")
    tile, (window, *_) = cutter.largest(), cutter.windows(cutter.largest())
    tiling = item.tiling
    taps = math.prod(tiling.kernel) if isinstance(tiling, Filters) else 1
    macs = math.prod(item.out_shape) * taps * cutter.input[2]
    layer = Layer(
        name=item.operator.name,
        kind="",
        activations=item.inputs,
        channelwise=False,
        input=cutter.input,
        output=cutter.output,
        rows=cutter.axes[0],
        columns=cutter.axes[1],
        taps=taps,
        block_bytes=0,
        parameter_bytes=0,
        macs=macs,
        weight_bytes=0,
        location="",
    )
    cycles = call_cycles(layer, Call(*tile, window[2]), device)
    least = macs / device.macs["int8_int8"].macs
    ensure(cycles >= least, f"{cycles} cycles cannot compute {macs:,} products")
    return (
        f"{cycles} cycles for a call of {macs:,} products, {cycles / least:.1f} times the roofline"
    )


def _reads(item: Specimen) -> int:
    """How many values an element of the result needs, or how many steps compute it."""
    kernel = item.operator.kernel
    if isinstance(kernel, LibraryKernel) and kernel.steps is not None:
        cutter = Cutter(item)
        return kernel.steps(cutter.kernel(cutter.largest())["config"])
    return reads_of(item.tiling)


def is_composed(operator: Operator) -> bool:
    """Whether the operator has no kernel of its own."""
    return isinstance(operator.kernel, Composition)
