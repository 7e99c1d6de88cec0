"""Ten thousand single-field changes of a compiled program: none hangs, crashes or does harm."""

import json
import subprocess
from pathlib import Path

import pytest

import adfc
from adfc._native import native_file
from adfc.errors import AdfcError

MUTATIONS = 10_000
SEED = "6"


def _harness() -> Path:
    try:
        return native_file("test/runtime/mutation/mutate")
    except AdfcError:
        pytest.skip("the C tests are not built here")


@pytest.mark.parametrize("model", ["digits", "autoencoder"])
def test_changed_programs_are_refused_or_end_within_their_bound(
    model: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """test/runtime/mutation/mutate.c says what is checked; a child, for a finding may kill it.

    The autoencoder's buffers nearly fill a tile: one in some thousand changes of an operand would
    lead a kernel out of it, did the verifier not refuse it.
    """
    harness = _harness()
    program: adfc.Program = request.getfixturevalue(model)
    image = tmp_path / "image.rimfs"
    program.save(image)
    run = subprocess.run(
        [harness, image, str(MUTATIONS), SEED],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-4000:]
    counts = json.loads(run.stdout)
    ends = ("refused", "faults", "same_output", "other_output")
    assert sum(counts[end] for end in ends) == MUTATIONS
    assert all(counts[end] > 0 for end in ends), "each way to end is met"
