"""--resident and --no-resident choose a form; a saved schedule gives the same program."""

from __future__ import annotations

import json
from pathlib import Path

from cli_runner import Adfc

from adfc.image import read_image


def test_the_form_is_chosen_and_saved(adfc: Adfc, tmp_path: Path) -> None:
    image, again, saved = (tmp_path / name for name in ("a.rimfs", "b.rimfs", "s.json"))
    assert adfc("compile", "digits", "--no-resident", "-o", image).status == 0
    assert read_image(image.read_bytes()).load_program == b""
    made = adfc("compile", "digits", "--resident", "-o", image, "--save-schedule", saved)
    assert made.status == 0
    assert read_image(image.read_bytes()).load_program
    assert json.loads(saved.read_text())["resident"]["sets"] >= 1
    assert adfc("compile", "digits", "--schedule", saved, "-o", again).status == 0
    parts, same = (read_image(path.read_bytes()) for path in (image, again))
    assert parts.load_program == same.load_program
    assert parts.program == same.program
