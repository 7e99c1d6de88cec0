"""Recurrent networks that tell spoken keywords: a GRU, and an LSTM cell in a loop.

Both read frames of mel-frequency cepstral coefficients one by one, as Zhang et al. (2017, "Hello
Edge") do, who also give their widths; the sequence's length is fixed, so every step is a few layers
of the program.
"""

from __future__ import annotations

import torch
from torch import nn

from adfc.zoo.random_model import leave, random_model
from adfc.zoo.synthetic import spectrogram_like

FRAMES, COEFFICIENTS = 16, 10
HIDDEN = 64
CLASSES = 12


class GRUSpotter(nn.Module):
    """torch.nn.GRU; its last state is classified."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(COEFFICIENTS, HIDDEN, batch_first=True)
        self.head = nn.Linear(HIDDEN, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 16, 10) -> (N, 12) logits"""
        _, state = self.gru(x)
        return self.head(state[-1])


class LSTMSpotter(nn.Module):
    """torch.nn.LSTMCell, called for each frame; its last state is classified."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(COEFFICIENTS, HIDDEN)
        self.head = nn.Linear(HIDDEN, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 16, 10) -> (N, 12) logits"""
        state = None
        for frame in x.unbind(1):
            state = self.cell(frame, state)
        assert state is not None
        return self.head(state[0])


def _spectra(count: int, seed: int) -> torch.Tensor:
    return spectrogram_like(count, FRAMES, COEFFICIENTS, seed).reshape(count, FRAMES, COEFFICIENTS)


GRU = random_model(
    "gru",
    "GRU of 64, 16 frames, 12 spoken keywords",
    GRUSpotter,
    _spectra,
    settled_on=1,
    draw=leave,
    calibration_samples=32,
)
LSTM = random_model(
    "lstm",
    "LSTM cell of 64 in a loop over 16 frames, 12 spoken keywords",
    LSTMSpotter,
    _spectra,
    settled_on=1,
    draw=leave,
    calibration_samples=32,
)
