"""Random networks on sequences: products, attention, norms, embeddings, recurrent layers."""

from __future__ import annotations

import torch
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional


class Attention(nn.Module):
    """Queries, keys and values of the tokens; scores over `heads` heads, masked or not."""

    def __init__(self, size: int, heads: int, *, causal: bool) -> None:
        super().__init__()
        self.heads, self.causal = heads, causal
        self.parts = nn.ModuleList(nn.Linear(size, size) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shape = (1, x.shape[1], self.heads, -1)
        query, key, value = (part(x).view(shape).transpose(1, 2) for part in self.parts)
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=self.causal)
        return x + mixed.transpose(1, 2).reshape(x.shape)


class Mixing(nn.Module):
    """A layer over the tokens instead of their features, as mixers have it; or a plain product."""

    def __init__(self, tokens: int, *, product: bool) -> None:
        super().__init__()
        self.product = product
        self.over = nn.Linear(tokens, tokens)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.product:
            return torch.matmul(x, x.transpose(1, 2)) @ x
        return x + self.over(x.transpose(1, 2)).transpose(1, 2)


class Recurrent(nn.Module):
    """A recurrent layer's states."""

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)[0]


class Pooled(nn.Module):
    """The mean of all tokens, or the first one."""

    def __init__(self, *, first: bool) -> None:
        super().__init__()
        self.first = first

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, 0] if self.first else x.mean(1)


def normal(norm: nn.LayerNorm | nn.RMSNorm) -> nn.Module:
    """The norm with weights that are not the neutral ones."""
    nn.init.normal_(norm.weight, 1.0, 0.3)
    if isinstance(norm, nn.LayerNorm):
        nn.init.normal_(norm.bias, 0.0, 0.3)
    return norm


@st.composite
def sequences(draw: st.DrawFn, tokens: int, size: int, vocabulary: int) -> nn.Module:
    """A network on (1, tokens, size), or on token numbers where there is a vocabulary."""
    layers: list[nn.Module] = [nn.Embedding(vocabulary, size)] if vocabulary else []
    kinds = ["linear", "norm", "attention", "mixing", "softmax", "gelu"]
    # Recurrent layers are unrolled, so short ones show as much.
    kinds += ["recurrent"] if tokens <= 4 else []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(kinds))
        if kind == "linear":
            wide = draw(st.integers(1, 24))
            layers.append(nn.Linear(size, wide))
            size = wide
        elif kind == "norm":
            norm = draw(st.sampled_from([nn.LayerNorm, nn.RMSNorm]))
            layers.append(normal(norm(size)))
        elif kind == "attention":
            heads = draw(st.sampled_from([n for n in (1, 2, 3, 4) if size % n == 0]))
            layers.append(Attention(size, heads, causal=draw(st.booleans())))
        elif kind == "mixing":
            layers.append(Mixing(tokens, product=draw(st.booleans())))
        elif kind == "recurrent":
            cell = draw(st.sampled_from([nn.GRU, nn.LSTM, nn.RNN]))
            states = draw(st.integers(1, 12))
            layers.append(Recurrent(cell(size, states, batch_first=True)))
            size = states
        else:
            layers.append(nn.Softmax(-1) if kind == "softmax" else nn.GELU())
    if draw(st.integers(0, 3)) == 0:
        layers.append(Pooled(first=draw(st.booleans())))
    return nn.Sequential(*layers)
