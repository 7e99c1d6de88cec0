"""Program images: their sections and tables, and the programs in them as text and bytes."""

from adfc.image.assembly import Assembly, assemble, disassemble
from adfc.image.dump import dump
from adfc.image.parts import ImageParts, read_image, write_image
from adfc.image.tables import IoTable, IoTensor

__all__ = [
    "Assembly",
    "ImageParts",
    "IoTable",
    "IoTensor",
    "assemble",
    "disassemble",
    "dump",
    "read_image",
    "write_image",
]
