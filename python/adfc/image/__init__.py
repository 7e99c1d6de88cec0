"""Program images: their sections and tables, and the programs in them as text and bytes."""

from adfc.image.assembly import Assembly, assemble, disassemble
from adfc.image.dump import dump
from adfc.image.parts import ImageParts, read_image, write_image
from adfc.image.tables import IoTable, IoTensor, Kernel

__all__ = [
    "Assembly",
    "ImageParts",
    "IoTable",
    "IoTensor",
    "Kernel",
    "assemble",
    "disassemble",
    "dump",
    "read_image",
    "write_image",
]
