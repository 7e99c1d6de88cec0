"""Records of `adfc bench` hold what the array counts, and comparing finds what got worse; `adfc
diff` finds a changed program, in the right tile."""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adfc.bench import FIGURES, Measured, compare, environment, measure
from adfc.cli.bench_compare import bench_compare
from adfc.diff import differences
from adfc.errors import AdfcError, InputError
from adfc.image import assemble, disassemble, write_image
from adfc.program import Program


@pytest.fixture(scope="module")
def measured(program: Program) -> Measured:
    return measure(program, 3)


def _record(measured: Measured) -> dict[str, Any]:
    return json.loads(json.dumps({"environment": environment(), "programs": [measured.to_json()]}))


def test_figures_are_those_of_a_steady_run(program: Program, measured: Measured) -> None:
    zeros = [np.zeros(spec.array_shape, np.int8) for spec in program.inputs]
    first = program.execute(zeros)
    cost = program.execute(zeros, keep_state=True).cost
    assert measured.figures["first_cycles"] == first.whole.cycles
    figures = measured.figures
    assert set(figures) == set(FIGURES)
    assert figures["modelled_cycles"] == cost.cycles
    assert figures["control_cycles_exposed"] == cost.exposed_cycles
    assert figures["ddr_read_bytes"] == cost.ddr_read_bytes
    assert figures["ddr_write_bytes"] == cost.ddr_write_bytes
    assert 0 < figures["core_memory_bytes"] <= 65536
    assert list(measured.layers) == [layer.name for layer in program.layers]
    assert measured.deterministic
    assert len(measured.wall_ms_each) == 3
    parts = program.parts
    buffers = parts.io.input_bytes + parts.io.output_bytes + parts.io.arena_bytes
    assert figures["ddr_memory_bytes"] == buffers + len(parts.weights)
    assert measured.layers["conv1"].operators == ("aten.conv2d.default", "aten.relu.default")
    assert measured.layers["conv1"].source.split("/")[-1].startswith("resnet8.py:")


def test_equal_records_do_not_differ(measured: Measured) -> None:
    assert compare(_record(measured), _record(measured)) == []


def test_what_grows_is_worse_what_shrinks_is_not(measured: Measured) -> None:
    old, new = _record(measured), _record(measured)
    new["programs"][0]["figures"]["modelled_cycles"] *= 1.02
    new["programs"][0]["figures"]["ddr_read_bytes"] -= 4
    new["programs"][0]["wall_ms"] *= 100
    changes = {change.figure: change for change in compare(old, new)}
    assert set(changes) == {"modelled_cycles", "ddr_read_bytes"}
    assert changes["modelled_cycles"].worse
    assert changes["modelled_cycles"].relative == pytest.approx(0.02)
    assert not changes["ddr_read_bytes"].worse
    assert not any(change.worse for change in compare(old, new, tolerance=0.03))


def test_records_of_before_layers_had_lines_can_be_compared(measured: Measured) -> None:
    old, new = _record(measured), _record(measured)
    entry = old["programs"][0]
    entry["layers"] = {name: layer["cycles"] for name, layer in entry["layers"].items()}
    del entry["figures"]["ddr_memory_bytes"], entry["conversion"]
    assert compare(old, new) == []
    entry["layers"]["conv1"] += 1
    assert [change.figure for change in compare(old, new)] == ["layer conv1"]


def test_accuracy_that_falls_is_worse(measured: Measured) -> None:
    old, new = _record(measured), _record(measured)
    made = {"samples": 100, "accuracy": 0.9, "agreement": 1.0, "sqnr_db": 30.0, "cosine": 0.99}
    old["programs"][0]["conversion"] = made
    new["programs"][0]["conversion"] = {**made, "accuracy": 0.88, "sqnr_db": 31.0}
    changes = compare(old, new)
    assert [(c.figure, c.worse) for c in changes] == [("accuracy", True), ("sqnr_db", False)]
    assert not any(c.worse for c in compare(old, new, tolerance=0.03))
    new["programs"][0]["conversion"]["samples"] = 50  # of other data: not to be compared
    assert compare(old, new) == []


def test_lost_determinism_and_lost_programs_are_worse(measured: Measured) -> None:
    old, new = _record(measured), _record(measured)
    new["programs"][0]["deterministic"] = False
    assert [c.figure for c in compare(old, new) if c.worse] == ["deterministic"]
    more = copy.deepcopy(old)
    more["programs"].append({**old["programs"][0], "tiles": 3})
    assert [c.figure for c in compare(more, old) if c.worse] == ["gone"]
    with pytest.raises(InputError, match="no record"):
        compare({}, old)


def test_compare_fails_where_something_got_worse(measured: Measured, tmp_path: Path) -> None:
    old, new = _record(measured), _record(measured)
    new["programs"][0]["figures"]["rcb_bytes"] += 4
    paths = [tmp_path / "old.json", tmp_path / "new.json"]
    for path, record in zip(paths, (old, new), strict=True):
        path.write_text(json.dumps(record))
    with pytest.raises(AdfcError, match="rcb_bytes"):
        bench_compare(paths, 0.0, json_output=False)
    bench_compare(paths[::-1], 0.0, json_output=False)


def test_a_program_does_not_differ_from_itself(program: Program) -> None:
    assert differences(program, program) == []


def test_what_a_kernel_computes_is_compared(program: Program) -> None:
    computed = copy.deepcopy(program.parts.metadata)
    changed = next(kernel for kernel in computed["kernels"] if "clamp" in kernel["config"])
    changed["config"]["clamp"] = [-1, 1]
    parts = dataclasses.replace(program.parts, metadata=computed)
    found = differences(program, Program(write_image(parts)))
    assert found
    for difference in found:
        assert difference.place.startswith("core ")
        assert any(x.startswith("+") and "clamp [-1, 1]" in x for x in difference.lines)


def test_a_changed_call_is_found_in_the_tiles_that_make_it(program: Program) -> None:
    text = disassemble(program.parts.program, program.parts.core_programs)
    line = next(x for x in text.splitlines() if " cycles " in x)
    before = line.rsplit(" ", 1)[1]
    made = assemble(text.replace(line, line.removesuffix(before) + "4321", 1))
    parts = dataclasses.replace(
        program.parts, program=made.program, core_programs=made.core_programs
    )
    found = differences(program, Program(write_image(parts)))
    # The first core program in the section is the first layer's.
    # Cores of a resident program are started by its load program, once for all layers.
    load = program.replay.load
    starts = program.replay.starts if load is None else load.starts
    cores = {f"core ({c},{r})" for c, r in (s.tile for s in starts if s.offset == 0)}
    assert cores
    assert {difference.place for difference in found} == cores
    heading = f"layer {program.layers[0].name} " if load is None else "before the first inference"
    for difference in found:
        assert difference.lines[0].strip().startswith(heading)
        assert any(x.startswith("+") and x.endswith("cycles 4321") for x in difference.lines)
        assert any(x.startswith("-") and x.endswith(f"cycles {before}") for x in difference.lines)
