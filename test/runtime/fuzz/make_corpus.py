"""Writes the fuzzer's corpus again: make_corpus.py [IMAGE...] puts seeds into corpus/.

Seeds are the small programs of test/python/runtime, and the given images cut down: without kernel
code and tables for people, their weights zero.
"""

import dataclasses
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
sys.path[:0] = [str(REPOSITORY / "python"), str(REPOSITORY / "test/python/runtime")]

from array_programs import (  # noqa: E402 - found through the paths above
    add_program,
    copy_program,
    neighbour_program,
    resident_core_program,
    resident_program,
)

from adfc.image import ImageParts, read_image, write_image  # noqa: E402


def cut(parts: ImageParts) -> bytes:
    """The image without what the engine does not need."""
    small = dataclasses.replace(parts, code={}, metadata={}, weights=bytes(len(parts.weights)))
    return write_image(small)


def main() -> None:
    corpus = HERE / "corpus"
    corpus.mkdir(exist_ok=True)
    (corpus / "copy.rimfs").write_bytes(cut(copy_program().parts()))
    (corpus / "resident.rimfs").write_bytes(cut(resident_program(bytes(256)).parts()))
    (corpus / "resident_core.rimfs").write_bytes(cut(resident_core_program().parts()))
    (corpus / "add.rimfs").write_bytes(cut(add_program().parts()))
    (corpus / "neighbour.rimfs").write_bytes(cut(neighbour_program().parts()))
    for argument in sys.argv[1:]:
        path = Path(argument)
        (corpus / path.name).write_bytes(cut(read_image(path.read_bytes())))


main()
