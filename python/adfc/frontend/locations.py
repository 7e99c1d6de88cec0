"""Where in the user's program an fx node comes from: module path, Python file and line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.fx import Node

_FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')
_TORCH_DIRECTORY = str(Path(torch.__file__).parent)
_TORCH_INSTALLATION = re.compile(r"[/\\](site|dist)-packages[/\\]torch[/\\]")
_CONTAINERS = ("torch.nn.modules.container.",)


@dataclass(frozen=True)
class NodeSource:
    """Origin of one fx node.

    `module_path` is the calling module's path ("layer1.0.conv1", empty at the root); `label` names
    the node within the model: the module path where a torch.nn module made it, else the path and
    the operator ("layer1.0.add"), with "@1", "@2" for a module's later calls. `file` is empty and
    `line` 0 where the export kept no user frame.
    """

    module_path: str
    label: str
    file: str
    line: int

    @property
    def place(self) -> str:
        """file:line, or nothing."""
        return f"{self.file}:{self.line}" if self.file else ""


def source_of(node: Node) -> NodeSource:
    """The origin of a node, from the metadata that torch.export keeps."""
    file, line = _user_frame(str(node.meta.get("stack_trace") or ""))
    stack: dict[str, tuple[str, object]] = node.meta.get("nn_module_stack") or {}
    operator = _operator_word(node)
    if not stack:
        return NodeSource("", operator, file, line)
    key, (path, module_type) = list(stack.items())[-1]
    path = _without_call_number(path)
    call = key[key.rindex("@") :] if "@" in key else ""
    if path and _is_torch_layer(str(module_type)):
        return NodeSource(path, path + call, file, line)
    label = ".".join(part for part in (path + call, operator) if part)
    return NodeSource(path, label, file, line)


def _operator_word(node: Node) -> str:
    """ "add" for aten.add_.Tensor, the node's name for anything that is no operator call."""
    parts = str(node.target).split(".")
    if node.op != "call_function" or len(parts) < 2:
        return node.name
    return parts[1].rstrip("_")


def _without_call_number(path: str) -> str:
    return re.sub(r"@\d+", "", path)


def _is_torch_layer(module_type: str) -> bool:
    """Whether a module class, given by its qualified name or repr, is a torch.nn layer."""
    name = module_type.removeprefix("<class '").removesuffix("'>")
    return name.startswith("torch.nn.modules.") and not name.startswith(_CONTAINERS)


def _user_frame(stack_trace: str) -> tuple[str, int]:
    """The innermost frame outside of PyTorch; else the innermost; else ("", 0)."""
    frames = [(match["file"], int(match["line"])) for match in _FRAME.finditer(stack_trace)]
    for file, line in reversed(frames):
        if not file.startswith(_TORCH_DIRECTORY) and not _TORCH_INSTALLATION.search(file):
            return file, line
    return frames[-1] if frames else ("", 0)
