"""Encodes the image in an IR file: prints its words and tables, then the decoded program.

words.py FILE
"""

import json
import struct
import sys
from pathlib import Path

from adfc._native import _adfc

context = _adfc.Context()
module = context.parse(Path(sys.argv[1]).read_text(encoding="utf-8"))
contents = module.encode()
words = struct.unpack(f"<{len(contents.program) // 4}I", contents.program)
for index, word in enumerate(words):
    print(f"word {index} {word:#010x}")
print("core_programs", contents.core_programs.hex())
print("weights", contents.weights.hex())
for table in (contents.kernels, contents.io, contents.layers):
    print(json.dumps(json.loads(table), sort_keys=True))
io = json.loads(contents.io)
sizes = [io["input_bytes"], io["output_bytes"], io["arena_bytes"], len(contents.weights)]
decoded = context.decode(contents.program, contents.core_programs, sizes)
print(decoded.text())
assert decoded.encode().program == contents.program
