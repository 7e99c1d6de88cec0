"""Small transformers: for images, an encoder of tokens, a decoder with a causal mask.

Blocks normalise first (Xiong et al., 2020). Sizes are of our own; weights are random.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from adfc.determinism import reproducible
from adfc.zoo.model import Sample, Samples, ZooModel
from adfc.zoo.synthetic import CALIBRATION_SEED, SAMPLE_SEED, one_by_one, photo_like
from adfc.zoo.weights import load_state_dict

DIM, HEADS, LAYERS, HIDDEN = 64, 4, 2, 128
TOKENS, VOCABULARY, LABELS = 32, 512, 12
IMAGE, PATCH, CLASSES = 32, 4, 10


class Attention(nn.Module):
    """Multi-head self-attention; with `causal`, a token sees none that come after it."""

    def __init__(self, *, causal: bool) -> None:
        super().__init__()
        self.causal = causal
        self.query = nn.Linear(DIM, DIM)
        self.key = nn.Linear(DIM, DIM)
        self.value = nn.Linear(DIM, DIM)
        self.output = nn.Linear(DIM, DIM)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(1, T, DIM) -> (1, T, DIM)"""
        batch, tokens, _ = x.shape
        query, key, value = (
            layer(x).view(batch, tokens, HEADS, DIM // HEADS).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=self.causal)
        return self.output(mixed.transpose(1, 2).reshape(batch, tokens, DIM))


class Block(nn.Module):
    """Attention, then a perceptron with GELU; each on normalised tokens and added to them."""

    def __init__(self, *, causal: bool) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(DIM)
        self.attention = Attention(causal=causal)
        self.norm2 = nn.LayerNorm(DIM)
        self.up = nn.Linear(DIM, HIDDEN)
        self.down = nn.Linear(HIDDEN, DIM)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(1, T, DIM) -> (1, T, DIM)"""
        x = x + self.attention(self.norm1(x))
        return x + self.down(nn.functional.gelu(self.up(self.norm2(x))))


class TokenModel(nn.Module):
    """Embeddings of tokens and positions, blocks, and scores for each token."""

    def __init__(self, outputs: int, *, causal: bool) -> None:
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, DIM)
        self.positions = nn.Parameter(torch.randn(1, TOKENS, DIM) * 0.3)
        self.blocks = nn.ModuleList(Block(causal=causal) for _ in range(LAYERS))
        self.norm = nn.LayerNorm(DIM)
        self.head = nn.Linear(DIM, outputs)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """(1, TOKENS) of token numbers -> (1, TOKENS, outputs)"""
        x = self.tokens(ids) + self.positions
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


class VisionTransformer(nn.Module):
    """Patches as tokens, blocks, and the average of all tokens classified."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, DIM, PATCH, stride=PATCH)
        self.positions = nn.Parameter(torch.randn(1, (IMAGE // PATCH) ** 2, DIM) * 0.3)
        self.blocks = nn.ModuleList(Block(causal=False) for _ in range(LAYERS))
        self.norm = nn.LayerNorm(DIM)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(DIM, CLASSES)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """(1, 3, IMAGE, IMAGE) -> (1, CLASSES)"""
        x = self.patches(image).flatten(2).transpose(1, 2) + self.positions
        for block in self.blocks:
            x = block(x)
        tokens = self.norm(x).unsqueeze(2).permute(0, 3, 1, 2)
        return self.head(self.pool(tokens).flatten(1))


def _draw(module: nn.Module) -> None:
    for child in module.modules():
        if isinstance(child, nn.Linear):
            nn.init.normal_(child.weight, std=child.in_features**-0.5)
            nn.init.normal_(child.bias, std=0.05)


def _builder(
    make: Callable[[], nn.Module], sample: Callable[[], Sample]
) -> Callable[[Path | None], tuple[nn.Module, Sample]]:
    def build(state_dict: Path | None = None) -> tuple[nn.Module, Sample]:
        """(model in eval mode, example inputs)."""
        with reproducible():
            module = make()
            _draw(module)
            if state_dict is not None:
                load_state_dict(module, state_dict)
        return module.eval(), sample()

    return build


def _sentences(count: int, seed: int) -> torch.Tensor:
    """(count, TOKENS) token numbers; small ones are frequent, as words are."""
    generator = torch.Generator().manual_seed(seed)
    uniform = torch.rand(count, TOKENS, generator=generator)
    return (VOCABULARY**uniform - 1).long().clamp(0, VOCABULARY - 1)


def _images(count: int, seed: int) -> torch.Tensor:
    return photo_like(count, 3, IMAGE, seed)


def _token_model(name: str, description: str, outputs: int, *, causal: bool) -> ZooModel:
    samples: Samples = one_by_one(_sentences, SAMPLE_SEED)
    return ZooModel(
        name=name,
        description=description,
        make=_builder(lambda: TokenModel(outputs, causal=causal), lambda: samples(1)[0]),
        calibration=one_by_one(_sentences, CALIBRATION_SEED),
        sample_inputs=samples,
        calibration_samples=16,
    )


BERT = _token_model(
    "bert_tiny", "encoder of 32 tokens, 2 layers of 64; random weights", LABELS, causal=False
)
DECODER = _token_model(
    "decoder_tiny",
    "decoder with a causal mask, 32 tokens, 2 layers of 64; random weights",
    VOCABULARY,
    causal=True,
)
VIT = ZooModel(
    name="vit_tiny",
    description="vision transformer on 32x32 images, 64 patches, 2 layers of 64; random weights",
    make=_builder(VisionTransformer, lambda: one_by_one(_images, SAMPLE_SEED)(1)[0]),
    calibration=one_by_one(_images, CALIBRATION_SEED),
    sample_inputs=one_by_one(_images, SAMPLE_SEED),
    calibration_samples=16,
)
