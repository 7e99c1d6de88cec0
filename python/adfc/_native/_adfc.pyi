"""The compiler's IR: parse, run passes, print, encode."""

from typing import Any

class Diagnostic:
    """What a pass or the parser reported.

    `file` and `line` are the first file location in its location, or "" and 0; `names` are the
    names around it, outermost first (a layer's module path). `code` says what it is where callers
    can do something about it: "unroutable" where the streams of a phase found no way, of the
    pipeline's `segment` where there are several; else "".
    """

    @property
    def severity(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def names(self) -> list[str]: ...
    @property
    def code(self) -> str: ...
    @property
    def segment(self) -> int | None: ...
    @property
    def notes(self) -> list[Diagnostic]: ...

class MLIRError(Exception):
    """A failure; `diagnostics` say why, or where there are none, the message does."""

    diagnostics: list[Diagnostic]

class ImageContents:
    """What an image's sections hold; the tables as JSON.

    `kernels`: [{"name", "kind", "config"}] by id. `io`: {"inputs": [{"name", "offset", "dims",
    "valid"}], "outputs", "input_bytes", "output_bytes", "arena_bytes"}. `layers`: [{"id", "name",
    "kind", "macs", "cores", "ddr_bytes", "core_bytes", "file", "line"}] by phase.
    """

    @property
    def program(self) -> bytes: ...
    @property
    def load_program(self) -> bytes: ...
    @property
    def core_programs(self) -> bytes: ...
    @property
    def weights(self) -> bytes: ...
    @property
    def kernels(self) -> str: ...
    @property
    def io(self) -> str: ...
    @property
    def layers(self) -> str: ...

class Context:
    """An MLIR context with adfc's dialects and passes."""

    def __init__(self) -> None: ...
    def parse(self, text: str, name: str = "<text>") -> Module:
        """Parse and verify IR text; `name` stands for it in diagnostics. Raises MLIRError."""

    def decode(
        self,
        program: bytes,
        core_programs: bytes,
        buffer_bytes: tuple[int, int, int, int],
        load_program: bytes = b"",
    ) -> Module:
        """A module with the rcb.image of these sections; bytes of the buffers input, output, arena
        and weights; an empty load program is none. Raises MLIRError."""

class Module:
    """A module of IR."""

    @staticmethod
    def empty(location: Location) -> Module:
        """A module without operations."""

    @property
    def body(self) -> Block:
        """Where its operations are."""

    def verify(self) -> None:
        """Raises MLIRError with the diagnostics where an operation is not valid."""

    def run(self, pipeline: str) -> None:
        """Run a textual pass pipeline, "builtin.module(...)". Raises MLIRError."""

    def text(self, locations: bool = False) -> str:
        """The module as text."""

    def clone(self) -> Module:
        """A copy in the same context."""

    def graph_json(self) -> str:
        """The fused graphs' kernel operations as JSON, for the planner."""

    def encode(self) -> ImageContents:
        """The contents of the module's one rcb.image. Raises MLIRError."""

    def native_ir(self) -> str:
        """LLVM IR of a module that convert-rcb-to-llvm made. Raises MLIRError."""

    def native_object(self) -> bytes:
        """Object code of it for this processor, position-independent; the functions of
        adfc/rhal.h are undefined symbols. Raises MLIRError."""

def compile_kernels(kernels: str, isa: str) -> bytes:
    """Section `code.<isa>` for `ImageContents.kernels`. Raises MLIRError."""

def describe_kernels(kernels: str) -> str:
    """What calls of `ImageContents.kernels` take, as JSON: [{"buffers": [{"name", "bytes",
    "written"}], "immediates": [name]}]. Raises MLIRError."""

def link_kernel(object: bytes, symbol: str) -> bytes:
    """A section with the one kernel whose entry in an object file is `symbol`. Raises MLIRError
    where its code has writable data, or needs what it does not bring."""

def instruction_set(isa: str) -> str:
    """What a C compiler has to know of an instruction set, as JSON: {"triple", "cpu", "features",
    "code_model", "vector_bytes"}. Raises MLIRError for an unknown one."""

class Location:
    """Where an operation comes from."""

    @staticmethod
    def unknown(context: Context) -> Location: ...
    @staticmethod
    def file(context: Context, file: str, line: int, column: int) -> Location: ...
    @staticmethod
    def name(name: str, child: Location) -> Location: ...
    @property
    def context(self) -> Context: ...

class Type:
    """A type of values."""

    @staticmethod
    def parse(context: Context, text: str) -> Type:
        """Raises MLIRError for text that is no type."""

    @property
    def context(self) -> Context: ...

class Attribute:
    """What is known of an operation at compile time."""

    @staticmethod
    def parse(context: Context, text: str) -> Attribute:
        """Raises MLIRError for text that is no attribute."""

    @staticmethod
    def string(context: Context, text: str) -> Attribute: ...
    @staticmethod
    def symbol(context: Context, name: str) -> Attribute: ...
    @staticmethod
    def integer(context: Context, value: int, bits: int) -> Attribute: ...
    @staticmethod
    def boolean(context: Context, value: bool) -> Attribute: ...
    @staticmethod
    def unit(context: Context) -> Attribute: ...
    @staticmethod
    def i64_list(context: Context, values: list[int]) -> Attribute: ...
    @staticmethod
    def i32_list(context: Context, values: list[int]) -> Attribute: ...
    @staticmethod
    def array(context: Context, entries: list[Attribute]) -> Attribute: ...
    @staticmethod
    def acquire(context: Context, lock: int, equal: bool, value: int) -> Attribute:
        """An acquire of a window's lock: 0 empty, 1 full."""

    @staticmethod
    def release(context: Context, lock: int, value: int) -> Attribute: ...
    @staticmethod
    def dictionary(context: Context, entries: list[tuple[str, Attribute]]) -> Attribute: ...
    @staticmethod
    def bytes(context: Context, name: str, data: bytes) -> Attribute:
        """A tensor of int8, stored under a resource's name."""

    @property
    def value(self) -> Any:
        """Numbers, strings, lists and dictionaries as Python has them; None for anything else."""

    @property
    def context(self) -> Context: ...

class Value:
    """What an operation gives."""

    @property
    def type(self) -> Type: ...
    @property
    def owner(self) -> Operation | None: ...

class Operation:
    """An operation in a module. Refused once a pass has run over the module."""

    @staticmethod
    def create(
        block: Block,
        name: str,
        operands: list[Value],
        results: list[Type],
        attributes: list[tuple[str, Attribute]],
        regions: int,
        location: Location,
    ) -> Operation:
        """An operation at the end of `block`; each of its regions has one block. Raises MLIRError
        for a name that no dialect has."""

    @property
    def name(self) -> str: ...
    @property
    def operands(self) -> list[Value]: ...
    @property
    def results(self) -> list[Value]: ...
    @property
    def regions(self) -> list[Region]: ...
    @property
    def location(self) -> Location: ...
    @property
    def context(self) -> Context: ...
    def attribute(self, name: str) -> Attribute | None: ...
    def set_attribute(self, name: str, value: Attribute) -> None: ...
    def remove_attribute(self, name: str) -> None: ...

class Region:
    """A region of an operation."""

    @property
    def blocks(self) -> list[Block]: ...

class Block:
    """A block of operations."""

    @property
    def operations(self) -> list[Operation]: ...
    @property
    def context(self) -> Context: ...
