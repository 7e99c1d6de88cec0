"""A function of one number, computed by PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Reals = NDArray[np.float64]


def real_function(name: str, arguments: Mapping[str, Any]) -> Callable[[Reals], Reals]:
    """The PyTorch operator "namespace::name[.overload]" with all arguments but its tensor."""
    namespace, _, rest = name.partition("::")
    operator, _, overload = rest.partition(".")
    function: Any = getattr(getattr(getattr(torch.ops, namespace), operator), overload or "default")
    tensor = function._schema.arguments[0].name

    def of(values: Reals) -> Reals:
        return function(**{tensor: torch.from_numpy(values)}, **arguments).numpy()

    return of
