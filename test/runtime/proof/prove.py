"""Proves with Frama-C's WP that what checks programs is safe for any bytes: prove.py [--seeded].

WP and the runtime-error checks (RTE) turn each access, shift and index of the functions below, and
each contract, into goals for Z3 and CVC4; all must be proved. With --seeded, each of a list of bugs
is put into a copy, and some goal must then fail: a proof that cannot fail proves nothing.

Prints a line for each file or bug, exit status 1 where one is not as it should be.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
RUNTIME = REPOSITORY / "runtime"
sys.path.insert(0, str(REPOSITORY / "python"))

from adfc.spec.generate import generate, write  # noqa: E402 - found through the path above
from adfc.spec.paths import spec_folder  # noqa: E402

SECONDS = 3600  # for all functions of an entry
PROVER_SECONDS = 20  # for a goal; each takes well below one on a processor of its own


@dataclass(frozen=True)
class Goals:
    """How many of a function's goals are proved."""

    proved: int
    total: int

    @property
    def proved_all(self) -> bool:
        """Whether all are, and there are any."""
        return 0 < self.total == self.proved

    def __str__(self) -> str:
        return f"{self.proved} of {self.total}"


Table = dict[str, Goals]


@dataclass(frozen=True)
class Proof:
    """Functions of a file to be proved, and how many goals that has to make at least.

    `model` is WP's view of memory. `tables`: goals hold the contents of the file's constant tables,
    which makes all others slow.
    """

    source: str
    functions: tuple[str, ...]
    goals: int
    model: str = "Typed"
    tables: bool = False


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
    Proof(
        _CORE,
        (
            *("check_lock", "is_declared", "check_extent", "declare_window", "check_buffer"),
            *("check_call", "open_loop", "check_instruction", "with_lists", "core_verify"),
        ),
        211,
    ),
    Proof(_CORE, ("measure",), 27, tables=True),
    # Not rimfs_find() and rimfs_section(), which read what rimfs_mount() has checked.
    Proof(
        _RIMFS,
        (
            *("entry", "align", "all_zero", "same_name", "good_name"),
            *("check_header", "check_section", "rimfs_mount"),
        ),
        221,
        "Typed+Cast",  # images come as void pointers
    ),
    Proof(
        _ADDRESS,
        ("engine_locate", "find", "engine_check_range", "engine_extent", "engine_tile"),
        85,
    ),
    Proof(
        _ENGINE,
        (
            *("bind_buffer", "perform", "play_one", "begin", "play_all", "play"),
            *("engine_load", "engine_run"),
        ),
        186,
    ),
    # Not check_one(), verify() and engine_verify(): docs/safety.md says how far they have come.
    Proof(_VERIFY, ("shape_of",), 16, tables=True),
    Proof(
        _VERIFY,
        (
            *("refuse", "check_wait", "check_buffer", "check_channel", "check_bind", "check_load"),
            *("check_operands", "check_instruction", "check_shape", "check_header"),
            *("check_body", "check_program"),
        ),
        375,
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
    Bug(
        _ENGINE,
        "perform",
        "RCB_LENGTH(w[0]) - RCB_BLOCK_WRITE_WORDS",
        "RCB_LENGTH(w[0]) - RCB_BLOCK_WRITE_WORDS + 1",
    ),
    Bug(_ENGINE, "play_all", "if (!verified)", "if (load > 1)"),
    Bug(_ENGINE, "play_all", "pc < words;", "pc <= words;"),
    Bug(_VERIFY, "check_shape", "length > left ||", "length > left + 1 ||"),
    Bug(_VERIFY, "check_shape", "length <= words : length != words", "length <= words : 0"),
    Bug(_VERIFY, "check_load", "words > image->core_program_words - offset / 4", "0"),
    Bug(_VERIFY, "check_header", "s->words <= RCB_HEADER_WORDS", "s->words < RCB_HEADER_WORDS"),
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


def run_wp(source: Path, proof: Proof, headers: Path) -> Table:
    """Each function's goals. Raises RuntimeError where Frama-C cannot read the file."""
    proof_headers = REPOSITORY / "test/runtime/proof/include"
    folders = (proof_headers, RUNTIME / "include", headers, RUNTIME / "engine", RUNTIME / "rimfs")
    includes = " ".join(f"-I{folder}" for folder in folders)
    command = ["frama-c", "-c11", "-wp", "-wp-rte", "-wp-prover", "z3,cvc4"]
    command += ["-wp-timeout", str(PROVER_SECONDS), "-wp-par", "2", "-machdep", "gcc_x86_64"]
    command += [f"-cpp-extra-args={includes}", "-wp-fct", ",".join(proof.functions)]
    command += ["-wp-model", proof.model, "-wp-init-const" if proof.tables else "-wp-no-init-const"]
    with tempfile.TemporaryDirectory(prefix="adfc-") as folder:
        report = Path(folder) / "report.json"
        result = subprocess.run(
            [*command, "-wp-report-json", str(report), str(source)],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if result.returncode or not report.exists():
            raise RuntimeError(result.stdout[-2000:] + result.stderr[-2000:])
        return read_report(json.loads(report.read_text()), proof)


def read_report(report: dict[str, Any], proof: Proof) -> Table:
    """The goals of each function, from WP's report. One that it does not name has none."""
    functions = report.get("wp:functions", {})
    table: Table = {}
    for name in proof.functions:
        total = functions.get(name, {}).get("wp:section", {}).get("wp:main", {})
        table[name] = Goals(total.get("valid", 0), total.get("total", 0))
    return table


def annotate(headers: Path) -> None:
    """Puts the contracts of ANNOTATIONS into the generated headers, and leaves away the tables.

    With the contents of hundreds of register classes in each goal, provers find nothing.
    """
    for file in (headers / "adfc/spec").iterdir():
        text = re.sub(
            r"^static (const struct [^;{=*]+?)\[(\w+)\] = \{\n.*?^\};$",
            r"extern \1[\2];",
            file.read_text(),
            flags=re.MULTILINE | re.DOTALL,
        )
        file.write_text(text)
    for name, place, text in ANNOTATIONS:
        file = headers / "adfc/spec" / name
        before, found, after = file.read_text().partition(place)
        if not found:
            raise RuntimeError(f"{name} has no '{place}'")
        file.write_text(before + text + found + after)


def prove(proof: Proof, headers: Path) -> Table:
    """Prove the functions of an entry, and print how many goals of each were proved."""
    start = time.monotonic()
    table = run_wp(RUNTIME / proof.source, proof, headers)
    print(f"{proof.source}: {time.monotonic() - start:.0f} s")
    for name, goals in table.items():
        print(f"  {name:<20}{goals}{'' if goals.proved_all else '  NOT PROVED'}", flush=True)
    return table


def seed(bug: Bug, headers: Path) -> bool:
    """Whether the seeded bug makes a goal of its function fail."""
    text = (RUNTIME / bug.source).read_text()
    if text.count(bug.old) < 1:
        raise RuntimeError(f"{bug.source} has no '{bug.old}'")
    with tempfile.TemporaryDirectory(prefix="adfc-") as folder:
        copy = Path(folder) / Path(bug.source).name
        copy.write_text(text.replace(bug.old, bug.new, 1))
        proof = next(p for p in PROOFS if p.source == bug.source and bug.function in p.functions)
        goals = run_wp(copy, replace(proof, functions=(bug.function,)), headers)[bug.function]
    caught = goals.total > 0 and not goals.proved_all
    print(
        f"{bug.source} {bug.function}: '{bug.old}' -> '{bug.new}': "
        f"{f'found, {goals} proved' if caught else 'NOT FOUND'}",
        flush=True,
    )
    return caught


def prove_all(proofs: Sequence[Proof], headers: Path) -> bool:
    """Whether every goal is proved, and there are as many as there have to be."""
    tables = [prove(proof, headers) for proof in proofs]
    goals = [goals for table in tables for goals in table.values()]
    total = Goals(sum(g.proved for g in goals), sum(g.total for g in goals))
    expected = sum(proof.goals for proof in proofs)
    print(f"{len(goals)} functions, {total} goals proved; {expected} have to be", flush=True)
    return all(g.proved_all for g in goals) and total.proved >= expected


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seeded", action="store_true", help="seed bugs; each must be found")
    parser.add_argument("--only", metavar="SOURCE", help="only this file's, as engine/address.c")
    arguments = parser.parse_args()
    if shutil.which("frama-c") is None:
        parser.error("frama-c is not installed: tools/proof installs it")
    with tempfile.TemporaryDirectory(prefix="adfc-") as folder:
        write(generate(spec_folder()), Path(folder))
        headers = Path(folder) / "include"
        annotate(headers)
        if not arguments.seeded:
            proofs = [proof for proof in PROOFS if arguments.only in (None, proof.source)]
            return 0 if prove_all(proofs, headers) else 1
        bugs = [bug for bug in BUGS if arguments.only in (None, bug.source)]
        with ThreadPoolExecutor(2) as pool:
            found = sum(pool.map(seed, bugs, [headers] * len(bugs)))
        print(f"{found} of {len(bugs)} seeded bugs found", flush=True)
        return 0 if found == len(bugs) else 1


if __name__ == "__main__":
    sys.exit(main())
