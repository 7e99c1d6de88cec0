"""conv2d whose output columns take turns: each phase has its place in a group and its weights."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kernel_host import Code, Kernel, KernelLibrary
from kernel_reference import Conv2D, Int8, Int32
from test_conv2d import random_parameters


@dataclass(frozen=True)
class Phased:
    """`alone` is one phase's convolution if it had all columns; `phases` are their first columns.

    Output column x is of group (x + first) // phases, and of phase (x + first) % phases.
    """

    alone: Conv2D
    phases: tuple[int, ...]
    first: int

    @property
    def window(self) -> tuple[int, int, int]:
        groups = (self.alone.out[1] - 1 + self.first) // len(self.phases) + 1
        columns = (groups - 1) * self.alone.stride[1] + self.phases[-1] + self.alone.kernel[1]
        return (*self.alone.window[:1], columns, self.alone.ic)

    def spec(self) -> Kernel:
        config = {**self.alone.spec().config, "in": self.window}
        return Kernel(
            "conv", "conv2d", {**config, "phases": self.phases, "first_phase": self.first}
        )

    def sums(self, act: Int8, weights: Int8) -> Int32:
        """Column by column; weights [phases][oc][kh][kw][ic]."""
        total = np.zeros(self.alone.out, np.int32)
        one = replace(self.alone, out=(self.alone.out[0], 1, self.alone.out[2]))
        for x in range(self.alone.out[1]):
            group, phase = divmod(x + self.first, len(self.phases))
            at = group * self.alone.stride[1] + self.phases[phase]
            total[:, x : x + 1] = one.sums(act[:, at:], weights[phase])
        return total


CASES = {
    "7x7 of 3 bytes, stride 2": Phased(Conv2D((7, 6), 4, (3, 113, 16), stride=(2, 3)), (0, 2), 1),
    "3x3 of 3 bytes": Phased(Conv2D((3, 3), 4, (5, 34, 16), stride=(1, 3)), (0, 1, 1, 2), 3),
    "3x3 of a byte": Phased(Conv2D((3, 2), 4, (4, 30, 24), stride=(1, 1)), (0, 1, 1, 1), 0),
    "fewer columns than phases": Phased(Conv2D((2, 2), 4, (2, 2, 8)), (0, 0, 1, 1), 3),
    "one phase": Phased(Conv2D((3, 2), 4, (4, 9, 16), stride=(2, 1)), (0,), 0),
}


def check(library: KernelLibrary, isa: str, case: Phased, seed: int) -> None:
    code = Code(library.compile([case.spec()], isa), [case.spec()])
    rng = np.random.default_rng(seed)
    conv = case.alone
    parameters = random_parameters(rng, conv)
    act = rng.integers(-128, 128, case.window).astype(np.int8)
    shape = (len(case.phases), conv.out[2], *conv.kernel, conv.ic)
    weights = rng.integers(-128, 128, shape).astype(np.int8)
    # The parameters once, then the weights of one phase behind those of the other.
    block = np.concatenate(
        [parameters.reshape(-1).view(np.int8)]
        + [conv.pack(phase, parameters)[parameters.nbytes :] for phase in weights]
    )
    after = code.run("conv", [act, block, np.full(conv.out, 99, np.int8)], at_end=True)
    expected = conv.result(case.sums(act, weights), parameters)
    np.testing.assert_array_equal(after[2].view(np.int8).reshape(conv.out), expected)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_bit_exact(library: KernelLibrary, isa: str, case: Phased) -> None:
    check(library, isa, case, 1)


@st.composite
def cases(draw: st.DrawFn) -> Phased:
    out = (draw(st.integers(1, 4)), draw(st.integers(1, 40)), 8 * draw(st.integers(1, 5)))
    kernel = (draw(st.integers(1, 3)), draw(st.integers(1, 7)))
    stride = (draw(st.integers(1, 2)), draw(st.integers(1, 3)))
    phases = sorted(draw(st.lists(st.integers(0, 5), min_size=1, max_size=4)))
    first = draw(st.integers(0, len(phases) - 1))
    return Phased(Conv2D(kernel, 4, out, stride=stride), tuple(phases), first)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=cases(), seed=st.integers(0, 2**32 - 1))
def test_any_shape(library: KernelLibrary, isa: str, case: Phased, seed: int) -> None:
    check(library, isa, case, seed)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"phases": ()}, "'phases' must be 1 to 4 columns in order"),
        ({"phases": (2, 0)}, "'phases' must be 1 to 4 columns in order"),
        ({"first_phase": 2}, "'phases' must be 1 to 4 columns in order"),
        ({"accumulate": True}, "'phases' go with neither 'accumulate' nor 'packed'"),
        ({"in": (7, 20, 4)}, "'in' must have"),
    ],
)
def test_what_cannot_be_is_refused(
    library: KernelLibrary, isa: str, changes: dict[str, object], says: str
) -> None:
    spec = Phased(Conv2D((3, 6), 4, (3, 13, 16), stride=(2, 3)), (0, 2), 1).spec()
    with pytest.raises(Exception, match=says):
        library.compile([replace(spec, config={**spec.config, **changes})], isa)
