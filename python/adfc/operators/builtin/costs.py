"""Costs of kernels that operators of several families have."""

from __future__ import annotations

from adfc.operators.operator import Cost, ProductCost

DEPTHWISE = Cost(
    "assumed: 64 int8 products a mac on lanes of channels, weights kept for two pixels; one "
    "rescale",
    mac=2,
    move=3,
    store=4,
    per_read={"mac": 0.5, "load_a": 1, "load_b": 0.5},
)
"""`depthwise_conv2d`: for each tap of its window."""

DENSE = ProductCost(
    "blocks of 4x8x8 products (AM020), their loads, shuffles and rescales: spec/kernels, [product]"
)
"""`conv2d`."""

PRODUCT = ProductCost(
    "blocks of 4x8x8 products (AM020), their loads, shuffles and rescales: spec/kernels, [product]"
)
"""`matmul`."""
