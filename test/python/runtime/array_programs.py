"""Small whole programs for the tests of the run time, written in assembly text.

Register offsets and fields come from the register map, so that the text can be read.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace

from adfc.image import ImageParts, IoTable, IoTensor, Kernel, assemble, write_image
from adfc.spec import registers
from adfc.spec.paths import spec_folder

MAP = registers.load(spec_folder(), "aieml")
COLUMN = 2  # its shim has a DMA, on every device
CORE_ROW = 3  # ve2802: rows 1 and 2 are memtiles
KIND = {0: "shim", 1: "mem", 2: "mem", 3: "core", 4: "core", 5: "core"}
MM2S_SOUTH, S2MM_SOUTH = 3, 2  # aie-rt xaie_plif.c: South ports of shim channel 0
OWN_LOCKS, OWN_WORDS = 64, 0x20000  # AM020: a memtile's own locks and memory follow its west one's


def place(row: int, name: str, index: int = 0, word: int = 0) -> str:
    """A register's address as text."""
    register = MAP.tiles[KIND[row]].register(name)
    assert index < register.count
    return f"({COLUMN}, {row}) {register.offset + index * register.stride + 4 * word:#x}"


def bits(row: int, name: str, **values: int) -> int:
    """A register's value from its fields."""
    register = MAP.tiles[KIND[row]].register(name)
    value = 0
    for key, number in values.items():
        entry = register.field(key)
        value |= (number & entry.mask) << entry.lsb
    return value


def write(row: int, name: str, index: int = 0, **values: int) -> str:
    """A write32 of a register's fields."""
    return f"write32 {place(row, name, index)}, {bits(row, name, **values):#x}"


def descriptor(row: int, index: int, **values: int) -> str:
    """A block_write of a whole buffer descriptor."""
    register = MAP.tiles[KIND[row]].register("DMA_BD")
    words = [0] * register.words
    for key, number in {"VALID_BD": 1, **values}.items():
        entry = register.field(key)
        words[entry.word] |= (number & entry.mask) << entry.lsb
    return f"block_write {place(row, 'DMA_BD', index)}, [{', '.join(f'{w:#x}' for w in words)}]"


def sent_when_full(row: int, words: int, *, base: int, lock: int, **more: int) -> str:
    """Descriptor 1: so many words from word `base` on, once `lock` says that they are there."""
    return descriptor(
        row,
        1,
        BUFFER_LENGTH=words,
        BASE_ADDRESS=base,
        LOCK_ACQ_ENABLE=1,
        LOCK_ACQ_ID=lock,
        LOCK_ACQ_VALUE=-1,
        **more,
    )


def connect(row: int, slave: tuple[str, int], master: tuple[str, int]) -> list[str]:
    """A circuit through a stream switch."""
    tile = MAP.tiles[KIND[row]]
    source = tile.slaves.ranges[slave[0]][0] + slave[1]
    target = tile.masters.ranges[master[0]][0] + master[1]
    return [
        write(row, "SWITCH_SLAVE", source, ENABLE=1),
        write(row, "SWITCH_MASTER", target, ENABLE=1, CONFIGURATION=source),
    ]


def route_to(row: int) -> list[str]:
    """Circuits from the shim's MM2S channel 0 to DMA 0 of the tile in `row`, and back to S2MM 0."""
    lines = [
        write(0, "MUX_CONFIG", SOUTH3=1),
        write(0, "DEMUX_CONFIG", SOUTH2=1),
        *connect(0, ("SOUTH", MM2S_SOUTH), ("NORTH", 0)),
        *connect(0, ("NORTH", 0), ("SOUTH", S2MM_SOUTH)),
    ]
    for between in range(1, row):
        lines += connect(between, ("SOUTH", 0), ("NORTH", 0))
        lines += connect(between, ("NORTH", 0), ("SOUTH", 0))
    return [
        *lines,
        *connect(row, ("SOUTH", 0), ("DMA", 0)),
        *connect(row, ("DMA", 0), ("SOUTH", 0)),
    ]


def shim_transfers(words: int) -> list[str]:
    """The shim's transfers of `words` words: input block to the array, array to output block."""
    return [
        descriptor(0, 0, BUFFER_LENGTH=words),
        f"bind_buffer {place(0, 'DMA_BD', 0, 1)}, input + 0",
        descriptor(0, 1, BUFFER_LENGTH=words),
        f"bind_buffer {place(0, 'DMA_BD', 1, 1)}, output + 0",
        write(0, "DMA_S2MM_QUEUE", START_BD_ID=1, ENABLE_TOKEN_ISSUE=1),
        write(0, "DMA_MM2S_QUEUE", START_BD_ID=0),
    ]


@dataclass(frozen=True)
class Source:
    """A program in text: control instructions, core program instructions, kernel code.

    `load` are the load program's instructions, where it has one. `bytes` are those of the input,
    and of the output where `output_bytes` is 0.
    """

    control: list[str]
    core: list[str] = field(default_factory=lambda: ["done"])
    code: dict[str, bytes] = field(default_factory=dict[str, bytes])
    kernels: tuple[Kernel, ...] = ()
    bytes: int = 64
    load: list[str] = field(default_factory=list[str])
    weights: bytes = b""
    output_bytes: int = 0

    def parts(self) -> ImageParts:
        """The image's parts, for ve2802."""
        buffers = 4 if self.weights else 2
        lines = [f"program device 1 buffers {buffers}", *self.control, "end"]
        if self.load:
            lines = [f"load_program device 1 buffers {buffers}", *self.load, "end", *lines]
        lines += ["core_programs bytes 256", "core_program at 0", *self.core]
        made = assemble("\n".join(lines))
        tensor = IoTensor("x", 0, (1, self.bytes), self.bytes)
        size = self.output_bytes or self.bytes
        output = IoTensor("y", 0, (1, size), size)
        io = IoTable((tensor,), (output,), self.bytes, size, 0)
        return ImageParts(
            made.program,
            made.core_programs,
            self.weights,
            self.kernels,
            self.code,
            io,
            {"model": "test"},
            load_program=made.load_program,
        )

    def image(self) -> bytes:
        """The image."""
        return write_image(self.parts())


WAIT = f"wait_task ({COLUMN}, 0) s2mm 0 max 100000"


def copy_program(words: int = 16) -> Source:
    """Input block -> memtile -> output block. Lock 0 of the memtile: "the data is there"."""
    lock, base = OWN_LOCKS, OWN_WORDS
    return Source(
        [
            "cache_sync input mm2s",
            "phase 0",
            *route_to(1),
            write(1, "LOCK", 0, VALUE=0),
            descriptor(
                1,
                0,
                BUFFER_LENGTH=words,
                BASE_ADDRESS=base,
                LOCK_REL_ID=lock,
                LOCK_REL_VALUE=1,
            ),
            sent_when_full(1, words, base=base, lock=lock),
            write(1, "DMA_S2MM_QUEUE", START_BD_ID=0),
            write(1, "DMA_MM2S_QUEUE", START_BD_ID=1),
            "phase 7",
            *shim_transfers(words),
            WAIT,
            "timestamp 3",
            "cache_sync output s2mm",
        ],
        bytes=4 * words,
    )


def resident_program(weights: bytes, words: int = 16) -> Source:
    """A load program puts `weights` into a memtile; each inference sends them, then the input.

    All descriptors are written once. Lock 0 of the memtile: "the input is there"; lock 1: "the
    weights are there", which stays so. An inference leaves both as it found them.
    """
    lock, base, kept = OWN_LOCKS, OWN_WORDS, OWN_WORDS + 0x1000
    count = len(weights) // 4
    load = [
        "cache_sync weights mm2s",
        *route_to(1),
        write(1, "LOCK", 0, VALUE=0),
        write(1, "LOCK", 1, VALUE=0),
        descriptor(
            1, 2, BUFFER_LENGTH=count, BASE_ADDRESS=kept, LOCK_REL_ID=lock + 1, LOCK_REL_VALUE=1
        ),
        write(1, "DMA_S2MM_QUEUE", START_BD_ID=2),
        descriptor(0, 2, BUFFER_LENGTH=count),
        f"bind_buffer {place(0, 'DMA_BD', 2, 1)}, weights + 0",
        write(0, "DMA_MM2S_QUEUE", START_BD_ID=2),
        f"mask_poll {place(1, 'LOCK', 1)}, 0x3f, 0x1 max 100000",
        descriptor(
            1, 0, BUFFER_LENGTH=words, BASE_ADDRESS=base, LOCK_REL_ID=lock, LOCK_REL_VALUE=1
        ),
        descriptor(1, 3, BUFFER_LENGTH=count, BASE_ADDRESS=kept, USE_NEXT_BD=1, NEXT_BD=1),
        sent_when_full(1, words, base=base, lock=lock),
        descriptor(0, 0, BUFFER_LENGTH=words),
        f"bind_buffer {place(0, 'DMA_BD', 0, 1)}, input + 0",
        descriptor(0, 1, BUFFER_LENGTH=count + words),
        f"bind_buffer {place(0, 'DMA_BD', 1, 1)}, output + 0",
    ]
    run = [
        "phase 0",
        write(1, "DMA_S2MM_QUEUE", START_BD_ID=0),
        write(1, "DMA_MM2S_QUEUE", START_BD_ID=3),
        write(0, "DMA_S2MM_QUEUE", START_BD_ID=1, ENABLE_TOKEN_ISSUE=1),
        write(0, "DMA_MM2S_QUEUE", START_BD_ID=0),
        WAIT,
    ]
    return Source(
        run, load=load, weights=weights, bytes=4 * words, output_bytes=len(weights) + 4 * words
    )


# x86-64, System V: rdi = buffers, rsi = immediates.
# out[i] = in[i] + immediates[0] for i < immediates[1].
ADD_KERNEL = bytes.fromhex(
    "488b07"  # mov rax, [rdi]      in
    "488b5708"  # mov rdx, [rdi+8]    out
    "448b06"  # mov r8d, [rsi]
    "8b4e04"  # mov ecx, [rsi+4]
    "448a08"  # L: mov r9b, [rax]
    "4500c1"  # add r9b, r8b
    "44880a"  # mov [rdx], r9b
    "48ffc0"  # inc rax
    "48ffc2"  # inc rdx
    "ffc9"  # dec ecx
    "75ed"  # jnz L
    "c3"  # ret
)


def code_section(blob: bytes, entries: tuple[int, ...]) -> bytes:
    """A section code.<isa>."""
    head = struct.pack(f"<4s{2 + len(entries)}I", b"KCOD", len(entries), len(blob), *entries)
    return head + bytes(-len(head) % 64) + blob


def add_program(
    words: int = 16,
    addend: int = 3,
    *,
    cycles: int = 100,
    max_cycles: int = 100000,
    core_row: int = CORE_ROW,
) -> Source:
    """Input block -> core tile, which adds `addend` to each byte -> output block.

    Locks of the core tile: 0 input there, 1 output there. Input at 0x0, output at 0x1000. The core
    is that of the tile or, with the next `core_row`, of its northern neighbour.
    """
    count = 4 * words
    lock, base = (0, 0) if core_row == CORE_ROW else (16, 0x40000)
    return Source(
        [
            "phase 0",
            *route_to(CORE_ROW),
            f"mask_write32 {place(core_row, 'CORE_CONTROL')}, 0x3, 0x2",
            f"load_core ({COLUMN}, {core_row}) from 0 words 19",
            write(CORE_ROW, "LOCK", 0, VALUE=0),
            write(CORE_ROW, "LOCK", 1, VALUE=0),
            descriptor(
                CORE_ROW, 0, BUFFER_LENGTH=words, BASE_ADDRESS=0, LOCK_REL_ID=0, LOCK_REL_VALUE=1
            ),
            sent_when_full(CORE_ROW, words, base=0x1000 // 4, lock=1),
            write(CORE_ROW, "DMA_S2MM_QUEUE", START_BD_ID=0),
            write(CORE_ROW, "DMA_MM2S_QUEUE", START_BD_ID=1),
            f"mask_write32 {place(core_row, 'CORE_CONTROL')}, 0x3, 0x1",
            *shim_transfers(words),
            f"mask_poll {place(core_row, 'CORE_STATUS')}, 0x100000, 0x100000 max {max_cycles}",
            WAIT,
        ],
        core=[
            f"window 0 depth 2 base {base:#x} stride 0x800",
            "advance 0",
            "advance 0",
            "loop 1",
            f"acquire {lock}, -1",
            f"call kernel 0 (window 0, {base + 0x1000:#x}) [{addend}, {count}] cycles {cycles}",
            "next",
            f"release {lock + 1}, 1",
            "done",
        ],
        code={"x86_64": code_section(ADD_KERNEL, (0,))},
        kernels=(Kernel("add", (count, count), 2),),
        bytes=count,
    )


def resident_core_program(words: int = 16, addend: int = 3) -> Source:
    """As `add_program`, but loaded once: each inference restarts the core and moves its data.

    The core tile's channels take one task each for ever: their descriptors follow themselves. The
    one that receives has room for twice as much; it finishes on TLAST.
    """
    base = add_program(words, addend)
    load = [
        *route_to(CORE_ROW),
        f"mask_write32 {place(CORE_ROW, 'CORE_CONTROL')}, 0x3, 0x2",
        f"load_core ({COLUMN}, {CORE_ROW}) from 0 words 19",
        write(CORE_ROW, "LOCK", 0, VALUE=0),
        write(CORE_ROW, "LOCK", 1, VALUE=0),
        descriptor(
            CORE_ROW,
            0,
            BUFFER_LENGTH=2 * words,
            LOCK_REL_ID=0,
            LOCK_REL_VALUE=1,
            USE_NEXT_BD=1,
            NEXT_BD=0,
        ),
        sent_when_full(CORE_ROW, words, base=0x1000 // 4, lock=1, USE_NEXT_BD=1, NEXT_BD=1),
        write(CORE_ROW, "DMA_S2MM_CTRL", FOT_MODE=1),
        write(CORE_ROW, "DMA_S2MM_QUEUE", START_BD_ID=0),
        write(CORE_ROW, "DMA_MM2S_QUEUE", START_BD_ID=1),
        *shim_transfers(words)[:-2],
    ]
    control = [
        "phase 0",
        f"mask_write32 {place(CORE_ROW, 'CORE_CONTROL')}, 0x3, 0x2",
        f"mask_write32 {place(CORE_ROW, 'CORE_CONTROL')}, 0x3, 0x1",
        *shim_transfers(words)[-2:],
        WAIT,
    ]
    return replace(base, control=control, load=load)


def neighbour_program(words: int = 16, addend: int = 3) -> Source:
    """As `add_program` with the northern neighbour's core, loaded and started once: it restarts for
    each inference, and the channel that receives goes on for ever."""
    base = add_program(words, addend, core_row=CORE_ROW + 1)
    moved = resident_core_program(words, addend)
    start = [
        f"mask_write32 {place(CORE_ROW + 1, 'CORE_CONTROL')}, 0x3, 0x2",
        f"load_core ({COLUMN}, {CORE_ROW + 1}) from 0 words 19",
        f"mask_write32 {place(CORE_ROW + 1, 'CORE_CONTROL')}, 0x3, 0x1",
    ]
    sends = write(CORE_ROW, "DMA_MM2S_QUEUE", START_BD_ID=1)
    load = [line for line in moved.load if line != sends and "load_core" not in line]
    once = sent_when_full(CORE_ROW, words, base=0x1000 // 4, lock=1)
    control = ["phase 0", sends, *shim_transfers(words)[-2:], WAIT]
    core = [line if line != "done" else "restart" for line in base.core]
    return replace(base, control=control, load=[*load, once, *start], core=core)
