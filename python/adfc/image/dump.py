"""`adfc dump`: an image as text, with the names of registers, layers and kernels as comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adfc.image.assembly import disassemble
from adfc.image.parts import ImageParts, read_image
from adfc.image.rcb import RcbInstruction
from adfc.image.rcb import decode as decode_rcb
from adfc.spec import devices, registers
from adfc.spec.paths import spec_folder

_COLUMN_SHIFT, _ROW_SHIFT, _OFFSET_MASK = 25, 20, 0xF_FFFF


def dump(image: bytes) -> str:
    """The image's control and core programs as text; `assemble` gives back these sections' bytes.

    Raises ImageError, one line, for a damaged image.
    """
    parts = read_image(image)
    body = disassemble(
        parts.program, parts.core_programs, _commenter(parts), load_program=parts.load_program
    )
    return "\n".join([*_heading(parts), "", body])


def _heading(parts: ImageParts) -> list[str]:
    load = f"load program {len(parts.load_program)} bytes, " if parts.load_program else ""
    lines = [
        f"; {parts.metadata.get('model', 'model')}: {load}program {len(parts.program)} bytes, "
        f"core programs {len(parts.core_programs)}, weights {len(parts.weights)}, "
        f"arena {parts.io.arena_bytes}"
    ]
    for what, tensors in (("input", parts.io.inputs), ("output", parts.io.outputs)):
        for tensor in tensors:
            shape = "x".join(map(str, tensor.dims))
            lines.append(
                f"; {what} {tensor.name}: {shape} int8 at {tensor.offset}, "
                f"{tensor.valid} channels valid"
            )
    for index, kernel in enumerate(parts.kernels):
        extents = ", ".join(map(str, kernel.buffers))
        lines.append(
            f"; kernel {index}: {kernel.name}, buffers of {extents or 'no'} bytes, "
            f"{kernel.immediates} immediates"
        )
    lines += [f"; code for {isa}: {len(code)} bytes" for isa, code in sorted(parts.code.items())]
    return [" ".join(line.split()) for line in lines]  # a name may hold a line break


def _layer_names(metadata: Any) -> dict[int, str]:
    layers = metadata.get("layers", [])
    names: dict[int, str] = {}
    for index, layer in enumerate(layers if isinstance(layers, list) else []):
        if isinstance(layer, dict) and "name" in layer:
            names[int(layer.get("id", index))] = str(layer["name"])
    return names


def _commenter(parts: ImageParts) -> Callable[[RcbInstruction], str]:
    """What there is to say about an instruction: the register's name, or the layer's."""
    ordinal = decode_rcb(parts.program).device
    device = next((d for d in devices.load_all() if d.ordinal == ordinal), None)
    layers = _layer_names(parts.metadata)
    tiles = registers.load(spec_folder(), device.architecture).tiles if device else {}

    def comment(instruction: RcbInstruction) -> str:
        if instruction.mnemonic == "phase":
            return layers.get(instruction.operands["id"], "")
        address = instruction.operands.get("address")
        if address is None or device is None:
            return ""
        row = address >> _ROW_SHIFT & (1 << _COLUMN_SHIFT - _ROW_SHIFT) - 1
        if row >= device.rows:
            return ""
        kind = device.kind(row)
        return _register_name(tiles[kind], address & _OFFSET_MASK)

    return comment


def _register_name(tile: registers.TileRegisters, offset: int) -> str:
    for register in tile.registers:
        index, byte = divmod(offset - register.offset, register.stride)
        if 0 <= index < register.count and byte < 4 * register.words:
            name = f"{tile.kind} {register.name}"
            if register.count > 1:
                name += f"[{index}]"
            return f"{name} word {byte // 4}" if register.words > 1 else name
    return ""
