"""The compiler's IR: parse, run passes, print, encode."""

class Diagnostic:
    """What a pass or the parser reported.

    `file` and `line` are the first file location in its location, or "" and 0; `names` are the
    names around it, outermost first (a layer's module path).
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
