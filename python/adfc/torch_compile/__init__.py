"""torch.compile(model, backend="adfc"): a model's graph on the emulated array.

An installed adfc is found by PyTorch through its entry point; where adfc is on the module search
path only, importing this package registers the backend.
"""

from __future__ import annotations

import torch._dynamo as dynamo

from adfc.torch_compile.backend import adfc_backend

__all__ = ["adfc_backend"]

NAME = "adfc"

if NAME not in dynamo.list_backends(exclude_tags=()):
    dynamo.register_backend(adfc_backend, name=NAME)
