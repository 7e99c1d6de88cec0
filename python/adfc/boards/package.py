"""Images with the code that a board's processor needs, which `adfc compile` does not write."""

from __future__ import annotations

import dataclasses

from adfc.boards.build import kernel_code
from adfc.image import read_image, write_image


def with_code(image: bytes, isa: str) -> bytes:
    """The image with section `code.<isa>`, compiled where it has none.

    Raises as `adfc.boards.build.kernel_code`. A signature in the image does not outlast it.
    """
    parts = read_image(image)
    if isa in parts.code:
        return image
    code = {**parts.code, isa: kernel_code(image, isa)}
    return write_image(dataclasses.replace(parts, code=code))
