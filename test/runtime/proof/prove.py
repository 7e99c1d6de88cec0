"""Proves with Frama-C's WP that what checks programs is safe for any bytes: prove.py [--seeded].

WP and the runtime-error checks (RTE) turn each access, shift and index of the functions below, and
each contract, into goals for Z3 and CVC4; all must be proved. With --seeded, each of a list of bugs
is put into a copy, and some goal must then fail: a proof that cannot fail proves nothing.

Prints a line for each file or bug, exit status 1 where one is not as it should be.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
RUNTIME = REPOSITORY / "runtime"
sys.path.insert(0, str(REPOSITORY / "python"))

from adfc.spec.generate import generate, write  # noqa: E402 - found through the path above
from adfc.spec.paths import spec_folder  # noqa: E402

SECONDS = 900


@dataclass(frozen=True)
class Proof:
    """A file, and its functions to be proved; none: all. `model` is WP's view of memory."""

    source: str
    functions: tuple[str, ...] = ()
    model: str = "Typed"
    tables: bool = True
    """Whether goals hold the contents of constant tables: they make all others slow."""


@dataclass(frozen=True)
class Bug:
    """A bug to seed: `new` in place of `old`, in a function whose proof must then fail."""

    source: str
    function: str
    old: str
    new: str


_CORE = "engine/core_verify.c"
_RIMFS = "rimfs/rimfs.c"
_ADDRESS = "engine/address.c"
_ENGINE = "engine/engine.c"
_VERIFY = "engine/verify.c"

# Contracts of functions in generated headers: file, what they stand before, text.
ANNOTATIONS = (
    (
        "aieml_regs.h",
        "static inline const struct aieml_register_class *\naieml_find_register(",
        """/*@ requires 0 <= kind <= 2 && \\valid(index) && \\valid(word);
    requires \\separated(index, word);
    assigns *index, *word;
    ensures \\result != \\null ==> \\valid_read(\\result); */
""",
    ),
    (
        "devices.h",
        "static inline enum aieml_tile_kind adfc_device_tile_kind(",
        """/*@ requires \\valid_read(device);
    assigns \\nothing;
    ensures 0 <= \\result <= 2; */
""",
    ),
    (
        "devices.h",
        "static inline int adfc_device_has_noc(",
        """/*@ requires \\valid_read(device) && device->columns <= 64;
    assigns \\nothing;
    ensures \\result != 0 ==> column < device->columns; */
""",
    ),
)

PROOFS = (
    Proof(_CORE),
    # Not rimfs_find() and rimfs_section(), which read what rimfs_mount() has checked.
    Proof(
        _RIMFS,
        (
            *("entry", "align", "all_zero", "same_name", "good_name"),
            *("check_header", "check_section", "rimfs_mount"),
        ),
        "Typed+Cast",  # images come as void pointers
    ),
    Proof(
        _ADDRESS,
        ("engine_locate", "find", "engine_check_range", "engine_extent", "engine_tile"),
        tables=False,
    ),
    # Not perform(), play() and what walks a program: docs/safety.md says how far they have come.
    Proof(_ENGINE, ("bind_buffer",), tables=False),
    Proof(
        _VERIFY,
        ("refuse", "check_wait", "check_buffer", "check_channel", "check_bind"),
        "Typed+Cast",  # checksums take bytes
        tables=False,
    ),
)

BUGS = (
    Bug(
        _CORE,
        "is_declared",
        "window < CORE_PROGRAM_WINDOWS &&",
        "window <= CORE_PROGRAM_WINDOWS &&",
    ),
    Bug(_CORE, "declare_window", "number >= CORE_PROGRAM_WINDOWS ||", ""),
    Bug(
        _CORE, "check_call", "w[CORE_CALL_KERNEL] >= s->kernels", "w[CORE_CALL_KERNEL] > s->kernels"
    ),
    Bug(_CORE, "check_call", "buffers > CORE_PROGRAM_CALL_BUFFERS ||", ""),
    Bug(_CORE, "check_extent", "bytes <= CORE_PROGRAM_DATA_MEMORY_BYTES - address", "1"),
    Bug(_CORE, "open_loop", "s->depth == CORE_PROGRAM_LOOP_DEPTH ||", ""),
    Bug(
        _CORE,
        "check_instruction",
        "s->depth == 0)\n      return CORE_BAD_LOOP",
        "0)\n      return CORE_BAD_LOOP",
    ),
    Bug(_CORE, "measure", "if (words > left)", "if (words > left + 1)"),
    Bug(_CORE, "measure", "opcode >= sizeof shapes / sizeof *shapes ||", ""),
    Bug(_CORE, "core_verify", "words < 2 ||", ""),
    Bug(_ADDRESS, "engine_tile", "RCB_TILE_COLUMN(tile) >= device->columns ||", ""),
    Bug(_VERIFY, "check_buffer", "buffer >= s->buffers", "buffer > s->buffers"),
    Bug(_VERIFY, "check_bind", "if (status)\n    return status;", ""),
    Bug(_VERIFY, "check_channel", "!kind ||", ""),
    Bug(_RIMFS, "check_header", "bytes < RIMFS_HEADER_BYTES", "bytes < 4"),
    Bug(_RIMFS, "good_name", "length < RIMFS_NAME_BYTES &&", "length <= RIMFS_NAME_BYTES &&"),
    Bug(_RIMFS, "check_section", "bytes > fs->bytes - offset ||", ""),
    Bug(_RIMFS, "check_section", "offset > fs->bytes ||", ""),
    Bug(_RIMFS, "rimfs_mount", "if (end > fs->bytes ||", "if ("),
    Bug(_RIMFS, "rimfs_mount", "fs->sections > RIMFS_MAX_SECTIONS ||", ""),
)


def run_wp(source: Path, proof: Proof, headers: Path) -> tuple[int, int]:
    """Goals proved, and goals in all. Raises RuntimeError where Frama-C cannot read the file."""
    proof_headers = REPOSITORY / "test/runtime/proof/include"
    folders = (proof_headers, RUNTIME / "include", headers, RUNTIME / "engine", RUNTIME / "rimfs")
    includes = " ".join(f"-I{folder}" for folder in folders)
    command = ["frama-c", "-c11", "-wp", "-wp-rte", "-wp-prover", "z3,cvc4", "-wp-timeout", "10"]
    command += ["-wp-par", "2", "-machdep", "gcc_x86_64", f"-cpp-extra-args={includes}"]
    command += ["-wp-model", proof.model, "-wp-init-const" if proof.tables else "-wp-no-init-const"]
    if proof.functions:
        command += ["-wp-fct", ",".join(proof.functions)]
    result = subprocess.run(
        [*command, str(source)], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    found = re.search(r"Proved goals:\s+(\d+) / (\d+)", result.stdout)
    if result.returncode or not found:
        raise RuntimeError(result.stdout[-2000:] + result.stderr[-2000:])
    return int(found[1]), int(found[2])


def annotate(headers: Path) -> None:
    """Puts the contracts of ANNOTATIONS into the generated headers."""
    for name, place, text in ANNOTATIONS:
        file = headers / "adfc/spec" / name
        before, found, after = file.read_text().partition(place)
        if not found:
            raise RuntimeError(f"{name} has no '{place}'")
        file.write_text(before + text + found + after)


def prove(proof: Proof, headers: Path) -> bool:
    """Whether every goal of the file is proved; prints how many are."""
    start = time.monotonic()
    proved, goals = run_wp(RUNTIME / proof.source, proof, headers)
    seconds = time.monotonic() - start
    print(f"{proof.source}: {proved} of {goals} goals proved in {seconds:.0f} s", flush=True)
    return proved == goals


def seed(bug: Bug, headers: Path) -> bool:
    """Whether the seeded bug makes a goal fail."""
    text = (RUNTIME / bug.source).read_text()
    if text.count(bug.old) < 1:
        raise RuntimeError(f"{bug.source} has no '{bug.old}'")
    with tempfile.TemporaryDirectory(prefix="adfc-") as folder:
        copy = Path(folder) / Path(bug.source).name
        copy.write_text(text.replace(bug.old, bug.new, 1))
        proof = next(proof for proof in PROOFS if proof.source == bug.source)
        proved, goals = run_wp(copy, replace(proof, functions=(bug.function,)), headers)
    caught = proved < goals
    print(f"{bug.function}: '{bug.old}' -> '{bug.new}': {'found' if caught else 'NOT FOUND'}")
    return caught


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seeded", action="store_true", help="seed bugs; each must be found")
    parser.add_argument("--only", metavar="SOURCE", help="only this file's, as engine/address.c")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="adfc-") as folder:
        write(generate(spec_folder()), Path(folder))
        headers = Path(folder) / "include"
        annotate(headers)
        if arguments.seeded:
            with ThreadPoolExecutor(2) as pool:
                bugs = [bug for bug in BUGS if arguments.only in (None, bug.source)]
                good = list(pool.map(seed, bugs, [headers] * len(bugs)))
        else:
            proofs = [proof for proof in PROOFS if arguments.only in (None, proof.source)]
            good = [prove(proof, headers) for proof in proofs]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
