"""Architectures of transformers, torchvision and timm, made from configuration: nothing is loaded.

Each recipe gives a module in eval mode and an input. Images are small, and transformers have two
layers of 64 features: what is shown is that the library's code compiles, not how fast.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import torch
from torch import nn

Recipe = tuple[nn.Module, torch.Tensor]

TOKENS, VOCABULARY = 16, 128
_SIZES = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
_TEXT = {**_SIZES, "vocab_size": VOCABULARY, "intermediate_size": 128}
_LIBRARY = torch.library.Library("torchvision", "FRAGMENT")


class Output(nn.Module):
    """One of the tensors that a model of transformers returns."""

    def __init__(self, model: nn.Module, given: str, wanted: str) -> None:
        super().__init__()
        self.model, self.given, self.wanted = model, given, wanted

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return getattr(self.model(**{self.given: x}), self.wanted)


def _text(name: str, part: str = "Model", **options: Any) -> Callable[[], Recipe]:
    def make() -> Recipe:
        library = transformers()
        config = getattr(library, f"{name}Config")(**options)
        model = getattr(library, f"{name}{part}")(config)
        tokens = torch.randint(0, VOCABULARY, (1, TOKENS))
        return Output(model, "input_ids", "last_hidden_state").eval(), tokens

    return make


def _vision(name: str, **options: Any) -> Callable[[], Recipe]:
    def make() -> Recipe:
        library = transformers()
        config = getattr(library, f"{name}Config")(**options)
        model = getattr(library, f"{name}ForImageClassification")(config)
        image = torch.randn(1, 3, options.get("image_size", 32), options.get("image_size", 32))
        return Output(model, "pixel_values", "logits").eval(), image

    return make


def _torchvision(name: str, size: int = 64) -> Callable[[], Recipe]:
    return lambda: (
        getattr(torchvision(), name)(weights=None).eval(),
        torch.randn(1, 3, size, size),
    )


def _timm(name: str, size: int = 64, **options: Any) -> Callable[[], Recipe]:
    def make() -> Recipe:
        torchvision()  # timm imports it
        model = importlib.import_module("timm").create_model(name, pretrained=False, **options)
        return model.eval(), torch.randn(1, 3, size, size)

    return make


def _mixer() -> Recipe:
    torchvision()
    mixer = importlib.import_module("timm.models.mlp_mixer").MlpMixer
    model = mixer(num_classes=10, img_size=32, patch_size=8, num_blocks=2, embed_dim=64)
    return model.eval(), torch.randn(1, 3, 32, 32)


def transformers() -> Any:
    """The library; it imports torchvision where that is installed."""
    if find_spec("torchvision") is not None:
        torchvision()
    return importlib.import_module("transformers")


def torchvision() -> Any:
    """torchvision.models; a CUDA build lacks operators on PyTorch's CPU build, which get names."""
    if not hasattr(torch.ops.torchvision, "nms"):
        for name in ("nms", "qnms"):
            _LIBRARY.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return importlib.import_module("torchvision.models")


_IMAGE = {"image_size": 32, "patch_size": 4, "num_labels": 10, "intermediate_size": 128, **_SIZES}

ARCHITECTURES: dict[str, Callable[[], Recipe]] = {
    "transformers: ViT": _vision("ViT", **_IMAGE),
    "transformers: BERT": _text("Bert", **_TEXT, max_position_embeddings=TOKENS),
    "transformers: GPT-2": _text(
        "GPT2", n_embd=64, n_layer=2, n_head=4, vocab_size=VOCABULARY, n_positions=TOKENS,
        bos_token_id=0, eos_token_id=0, use_cache=False,
    ),
    "transformers: Llama": _text("Llama", **_TEXT, num_key_value_heads=2, use_cache=False),
    "transformers: T5 encoder": _text(
        "T5", "EncoderModel", d_model=64, num_layers=2, num_heads=4, d_kv=16, d_ff=128,
        vocab_size=VOCABULARY, use_cache=False,
    ),
    "transformers: ResNet": _vision(
        "ResNet", embedding_size=16, hidden_sizes=[16, 32], depths=[1, 1], layer_type="basic"
    ),
    "torchvision: mobilenet_v3_small": _torchvision("mobilenet_v3_small"),
    "torchvision: efficientnet_b0": _torchvision("efficientnet_b0"),
    "torchvision: resnet18": _torchvision("resnet18"),
    "torchvision: shufflenet_v2_x0_5": _torchvision("shufflenet_v2_x0_5"),
    "timm: mobilenetv3_small_050": _timm("mobilenetv3_small_050"),
    "timm: resnet10t": _timm("resnet10t"),
    "timm: convnext_atto": _timm("convnext_atto"),
    "timm: vit_tiny_patch16_224, small": _timm(
        "vit_tiny_patch16_224", 32, img_size=32, patch_size=8, depth=2, num_classes=10
    ),
    "timm: MLP-Mixer": _mixer,
}  # fmt: skip
