"""How near the array is to the float model, as `adfc check` tells it."""

from __future__ import annotations

import json
from pathlib import Path

from cli_runner import Adfc

MODEL = """
import torch
from torch import nn

class TwoNamed(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(4, 8, 3, padding=1)
        self.b = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        y = torch.relu(self.a(x))
        return {"y": y, "z": self.b(y)}

def net():
    torch.manual_seed(0)
    return TwoNamed().eval(), (torch.randn(1, 4, 16, 16),)
"""


def test_figures_come_from_typical_inputs_and_from_all_outputs(adfc: Adfc, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(MODEL)
    checked = adfc("check", f"{tmp_path / 'net.py'}:net", "--inputs", "2", "--json")
    assert checked.status == 0
    model = json.loads(checked.stdout)["models"][0]
    assert model["array_equal"] == 2
    # int8 keeps a tensor that fills its range to about 1 / 256 of its peak: 30 dB and more for one
    # like this. Noise would clip in the second layer, to below 20 dB.
    assert model["sqnr_db"] > 30
    assert model["cosine"] > 0.999
