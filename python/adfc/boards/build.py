"""A bootable ELF: start-up code, engine, emulated array, kernels, and the image itself."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adfc.boards.board import Board, runtime_folder
from adfc.boards.options import BuildOptions, NetworkOptions
from adfc.boards.seal import seal
from adfc.boards.sources import Unit, include_folders, units
from adfc.driver.kernel_cache import KernelCache
from adfc.driver.kernel_code import compile_kernels
from adfc.errors import CapacityError, ImageError, InputError, ToolError
from adfc.external_tool import failure_text, find_tool, run_tool
from adfc.image import read_image
from adfc.spec.generate import generate, write
from adfc.spec.paths import spec_folder

_FLAGS = (
    *("-std=c11", "-O2", "-ffreestanding", "-fno-pic", "-nostdlibinc"),
    *("-fno-stack-protector", "-fno-asynchronous-unwind-tables"),
    *("-ffunction-sections", "-fdata-sections"),
)

_BLOBS = """\
.section .image, "a", %progbits
.balign 64
.global adfc_image, adfc_image_end
adfc_image: .incbin "image.rimfs"
adfc_image_end:
.section .code, "ax", %progbits
.balign 64
.global adfc_code, adfc_code_end
adfc_code: .incbin "code.bin"
adfc_code_end:
.section .rodata.isa, "a", %progbits
.global adfc_code_isa
adfc_code_isa: .asciz "{isa}"
"""

Progress = Callable[[str], None]


def build_elf(
    image: bytes,
    board: Board,
    output: Path,
    *,
    options: BuildOptions | None = None,
    network: NetworkOptions | None = None,
    link_map: Path | None = None,
    progress: Progress = lambda _: None,
) -> None:
    """Write the ELF that runs `image` on `board` to `output`.

    With `network` it waits for requests and other images, else it runs once. `link_map` is where
    the linker tells what every byte is for. Raises InputError for a network on a board without,
     ImageError for an image that does not say what its kernels are, ToolError where clang or
    the linker is missing or fails, CapacityError where the image exceeds the board's memory,
    CompileError where a kernel cannot be compiled.
    """
    if network is not None and board.network is None:
        raise InputError(
            f"there is no driver for a network on {board.name}", hint="use versal or virt"
        )
    clang = find_tool(("clang-22", "clang"), hint="install clang 22 (Debian: clang-22)")
    linker = find_tool(("ld.lld-22", "ld.lld"), hint="install lld 22 (Debian: lld-22)")
    progress(f"compiling kernels for {board.isa}")
    code = kernel_code(image, board.isa)
    progress(f"building for {board.name}")
    with tempfile.TemporaryDirectory(prefix="adfc-") as name:
        folder = Path(name)
        made = units(
            board,
            network=network is not None,
            signed=network is not None and network.key is not None,
        )
        objects = _runtime_objects(clang, board, made, folder)
        (folder / "image.rimfs").write_bytes(image)
        (folder / "code.bin").write_bytes(code)
        constants = (options or BuildOptions()).assembly()
        if network is not None and board.network is not None:
            constants += network.assembly(board.network)
        (folder / "blobs.S").write_text(_BLOBS.format(isa=board.isa) + constants)
        arguments = [f"--target={board.target}", *board.flags, "-I", str(folder)]
        _compile(clang, [*arguments, "-c", str(folder / "blobs.S")], folder / "blobs.o")
        _link(linker, board, [*objects, folder / "blobs.o"], output, link_map)
        output.write_bytes(seal(output.read_bytes()))


def kernel_code(image: bytes, isa: str) -> bytes:
    """Section `code.<isa>` of an image: what it holds, else compiled from what it says of kernels.

    Raises ImageError where it says nothing of them, CompileError where one cannot be compiled.
    """
    parts = read_image(image)
    if isa in parts.code:
        return parts.code[isa]
    kernels = parts.metadata.get("kernels", [])
    if len(kernels) != len(parts.kernels):
        raise ImageError(
            "the image does not say what its kernels compute", hint="compile the model again"
        )
    return compile_kernels(kernels, [isa], KernelCache.default())[isa]


def _link(
    linker: Path, board: Board, objects: Sequence[Path], output: Path, link_map: Path | None
) -> None:
    boards = runtime_folder() / "boards"
    arguments = ["-static", "--gc-sections", "-z", "max-page-size=64", "-z", "norelro"]
    arguments += ["-L", str(boards / "common"), "-T", str(boards / board.name / "board.ld")]
    arguments += [f"--defsym=board_request={board.request:#x}", "-o", str(output)]
    if link_map is not None:
        arguments += ["-Map", str(link_map)]
    result = run_tool(linker, [*arguments, *map(str, objects)])
    if result.returncode and "fit" in failure_text(result):
        raise CapacityError(f"the image does not fit {board.name}'s memory: {failure_text(result)}")
    if result.returncode:
        raise ToolError(f"{linker.name}: {failure_text(result)}")


def _compile(clang: Path, arguments: Sequence[str], output: Path) -> None:
    result = run_tool(clang, [*arguments, "-o", str(output)])
    if result.returncode:
        raise ToolError(f"{clang.name}: {failure_text(result)}")


def _runtime_objects(
    clang: Path, board: Board, made_of: Sequence[Unit], scratch: Path
) -> list[Path]:
    """Object files of the run time for `board`, from the cache where they are there already."""
    headers = generate(spec_folder())
    network = any(unit.name.startswith("lwip-") for unit in made_of)
    folders = [*include_folders(board, network=network), scratch / "include"]
    flags = [*_FLAGS, f"--target={board.target}", *board.flags]
    cache = _cache_folder() / _digest(clang, board, flags, made_of, headers)
    if not cache.is_dir():
        made = scratch / "objects"
        write(headers, scratch)
        _compile_all(clang, [*flags, *(f"-I{folder}" for folder in folders)], made_of, made)
        _keep(made, cache)
        if not cache.is_dir():  # nothing can be kept here
            cache = made
    return sorted(cache.glob("*.o"))


def _compile_all(clang: Path, flags: Sequence[str], made_of: Sequence[Unit], out: Path) -> None:
    out.mkdir()

    def one(unit: Unit) -> None:
        arguments = [*flags, *unit.flags, "-c", str(unit.path)]
        _compile(clang, arguments, out / f"{unit.name}.o")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, made_of))


def _cache_folder() -> Path:
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "adfc" / "boards"


def _digest(
    clang: Path,
    board: Board,
    flags: Sequence[str],
    made_of: Sequence[Unit],
    headers: dict[str, str],
) -> str:
    """Of all that the objects depend on; external sources are of a fixed version each."""
    runtime = runtime_folder()
    digest = hashlib.sha256(run_tool(clang, ["--version"]).stdout.encode())
    words = [board.name, *flags, *sorted(headers.values())]
    words += [word for unit in made_of for word in (unit.name, *unit.flags)]
    digest.update("\0".join(words).encode())
    for path in sorted(p for p in runtime.rglob("*") if p.suffix in {".c", ".h", ".S", ".toml"}):
        digest.update(f"{path.relative_to(runtime)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:32]


def _keep(made: Path, cache: Path) -> None:
    """Put a folder into the cache, whole or not at all; others may be doing the same."""
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=cache.parent))
        shutil.copytree(made, beside, dirs_exist_ok=True)
        beside.rename(cache)
    except OSError:
        return  # it is only a cache
