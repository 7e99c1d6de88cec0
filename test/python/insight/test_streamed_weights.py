"""What a report says of a program whose weights come from DDR for each inference."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from adfc.driver import passes
from adfc.driver.ir import parse
from adfc.driver.options import CompileOptions
from adfc.frontend.load import load_model
from adfc.insight.run import observe
from adfc.planner.resident import plan_resident
from adfc.program import compile_tosa
from adfc.runtime import EventKind, Role, Who
from adfc.spec import devices


def test_kernel_calls_belong_to_their_layers(tmp_path: Path) -> None:
    """With one schedule, the cores make the same calls for a layer wherever its weights come from:
    from memtiles in pieces of one buffer, or from DDR in pieces of many."""
    tosa = load_model("resnet8", state_dict=None).to_tosa()
    module = parse(tosa.text)
    module.run(passes.FUSE)
    found = plan_resident(module.graph(), devices.load("ve2802"), tiles=4)
    assert found
    stays = found[0]
    assert stays.resident
    comes = replace(stays, resident=replace(stays.resident, streamed=True))
    calls: list[Counter[str]] = []
    for schedule in (stays, comes):
        assert schedule.streams_weights == (schedule is comes)
        path = tmp_path / "schedule.json"
        path.write_text(schedule.to_json(), encoding="utf-8")
        timeline = observe(compile_tosa(tosa, CompileOptions(schedule=path), name="resnet8"))
        calls.append(
            Counter(
                timeline.layer_name(int(timeline.phase_of[span.number]))
                for who, spans in timeline.spans.items()
                if Who.of(who).role is Role.CORE
                for span in spans
                if span.kind is EventKind.CALL
            )
        )
    assert "" not in calls[0]
    assert calls[1] == calls[0]
