"""What `torch.compile(model, backend="adfc", options={...})` takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import adfc.api
from adfc.errors import InputError
from adfc.program import Program
from adfc.suggest import unknown

_OWN = ("on_program", "allow_graph_breaks")


@dataclass(frozen=True)
class BackendOptions:
    """`compile` goes to `adfc.compile`; `on_program` is given each program that was compiled.

    `allow_graph_breaks`: parts of the model that torch.compile cannot capture may run as Python.
    """

    compile: Mapping[str, Any] = field(default_factory=dict[str, Any])
    on_program: Callable[[Program], None] | None = None
    allow_graph_breaks: bool = False

    @staticmethod
    def parse(options: Mapping[str, Any] | None, others: Mapping[str, Any]) -> BackendOptions:
        """From torch.compile's options. Raises InputError for one that is not known."""
        if others.get("mode") is not None:
            raise InputError(
                f'torch.compile\'s mode="{others["mode"]}" is not for adfc',
                hint="use options={...}",
            )
        given = dict(options or {})
        parameters = inspect.signature(adfc.api.compile).parameters.values()
        compiling = [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
        for name in given:
            if name not in (*compiling, *_OWN):
                raise unknown("option of adfc's backend", name, (*compiling, *_OWN))
        return BackendOptions(
            on_program=given.pop("on_program", None),
            allow_graph_breaks=bool(given.pop("allow_graph_breaks", False)),
            compile=given,
        )
