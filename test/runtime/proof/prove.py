"""Proves with Frama-C's WP that what checks programs is safe for any bytes.

WP and the runtime-error checks (RTE) turn each access, shift and index of the functions below, and
each contract, into goals for CVC4; all must be proved. Then each of a list of bugs is put
into a copy, and some goal must fail: a proof that cannot fail proves nothing.

A prover's limit is a number of its own steps, so that results do not depend on how busy the machine
is. Results are kept in build/proof by what was asked: what has not changed is not proved again
(--fresh forgets them).

Prints each function's goals, each bug, and a table; exit status 1 where something is not as it
should be.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
RUNTIME = REPOSITORY / "runtime"
sys.path.insert(0, str(REPOSITORY / "python"))

from headers import annotate  # noqa: E402 - beside this file

from adfc.spec.generate import generate, write  # noqa: E402 - found through the path above
from adfc.spec.paths import spec_folder  # noqa: E402

SECONDS = 7200  # for all functions of an entry
PROVER_SECONDS = 3600  # for a goal, by the clock: only against a prover that hangs
STEPS = 400_000  # of the prover, for a goal: nearly all need below 100,000
CACHE = REPOSITORY / "build/proof"


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

    `model` is WP's view of memory. `tables`: goals hold the contents of constant tables, which
    makes all others slow.
    """

    source: str
    functions: tuple[str, ...]
    goals: int
    model: str = "Typed"
    tables: bool = False


@dataclass(frozen=True)
class Bug:
    """A bug to seed: `new` in place of `old`, in a function whose proof must then fail; in a
    generated header, where one is named."""

    source: str
    function: str
    old: str
    new: str
    header: str = ""


_CORE = "engine/core_verify.c"
_RIMFS = "rimfs/rimfs.c"
_ADDRESS = "engine/address.c"
_ENGINE = "engine/engine.c"
_VERIFY = "engine/verify.c"
_DESCRIPTOR = "engine/descriptor.c"
_IMAGE = "engine/image.c"
_IO = "rimfs/io.c"
_CRC = "rimfs/crc32_small.c"

CAST = "Typed+Cast"  # images come as void pointers

PROOFS = (
    Proof(
        _CORE,
        (
            *("is_reached", "check_lock", "is_declared", "check_extent", "declare_window"),
            *(
                "check_buffer",
                "check_call",
                "open_loop",
                "check_instruction",
                "with_lists",
                "core_verify",
            ),
        ),
        247,
    ),
    Proof(_CORE, ("measure",), 27, tables=True),
    Proof(
        _RIMFS,
        (
            *("entry", "align", "all_zero", "same_name", "good_name", "check_header"),
            *("check_section", "rimfs_mount", "rimfs_section", "rimfs_find"),
        ),
        278,
        CAST,
    ),
    Proof(_CRC, ("adfc_crc32",), 14, CAST),
    Proof(_IO, ("load32", "load64", "good_tensor", "rimfs_tensor", "rimfs_io"), 124, CAST),
    Proof(_IMAGE, ("needed_section",), 3, tables=True),
    Proof(_IMAGE, ("find_all", "fill", "engine_open"), 111, CAST),
    Proof(
        _ADDRESS,
        ("engine_locate", "find", "engine_check_range", "engine_extent", "engine_tile"),
        90,
    ),
    Proof(_ADDRESS, ("aieml_find_register",), 89, tables=True),
    Proof(_ADDRESS, ("adfc_device_tile_kind", "adfc_device_has_noc"), 13),
    Proof(
        _ENGINE,
        (
            *("bind_buffer", "perform", "play_one", "begin", "play_all", "play"),
            *("engine_load", "engine_run"),
        ),
        186,
    ),
    Proof(_VERIFY, ("shape_of",), 16, tables=True),
    Proof(
        _VERIFY,
        (
            *("refuse", "check_wait", "check_buffer", "check_channel", "check_bind", "modules_of"),
            *("check_load", "check_operands", "check_instruction", "check_shape", "check_header"),
            *("check_one", "check_body", "check_program", "begin", "verify", "engine_verify"),
        ),
        496,
    ),
    Proof(
        _DESCRIPTOR,
        (
            *(
                "step",
                "reach",
                "takes",
                "link",
                "see_write",
                "bind",
                "see",
                "follow_words",
                "follow",
            ),
            *("follow_all", "engine_verify_ddr"),
        ),
        302,
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
    Bug(
        _CORE,
        "check_extent",
        "bytes <= CORE_PROGRAM_DATA_MEMORY_BYTES - address % CORE_PROGRAM_DATA_MEMORY_BYTES",
        "1",
    ),
    Bug(_CORE, "is_reached", "module < CORE_MODULES &&", "module <= CORE_MODULES &&"),
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
    Bug(
        _RIMFS,
        "rimfs_find",
        "i < fs->sections; ++i) {\n    if (same_name",
        "i <= fs->sections; ++i) {\n    if (same_name",
    ),
    Bug(
        _RIMFS,
        "rimfs_section",
        "out->bytes = load32(e + BYTES)",
        "out->bytes = load32(e + BYTES) + 1",
    ),
    Bug(_CRC, "adfc_crc32", "table[crc & 15]", "table[crc & 31]"),
    Bug(_CRC, "adfc_crc32", "bytes; --bytes) {\n    crc ^=", "bytes + 1; --bytes) {\n    crc ^="),
    Bug(_IO, "rimfs_io", "if (status)\n    return status;", ""),
    Bug(_IO, "rimfs_io", "if (s.bytes < RIMFS_IO_HEADER_BYTES)", "if (!s.bytes)"),
    Bug(_IO, "rimfs_io", "count * RIMFS_TENSOR_BYTES != s.bytes - RIMFS_IO_HEADER_BYTES", "!count"),
    Bug(_IO, "good_tensor", "t->rank < 1 ||", ""),
    Bug(_IO, "good_tensor", "t->rank > RIMFS_TENSOR_DIMS ||", ""),
    Bug(_IMAGE, "find_all", "&& i != LOAD_PROGRAM", "&& i < KERNELS"),
    Bug(_IMAGE, "fill", "found[PROGRAM].bytes / 4", "found[PROGRAM].bytes / 4 + 1"),
    Bug(_IMAGE, "needed_section", "&needed[index]", "&needed[index + 1]"),
    Bug(_DESCRIPTOR, "reach", "if (wrap) {", "if (steps) {"),
    Bug(_DESCRIPTOR, "takes", "d->next[first] / 2", "d->next[first]"),
    Bug(
        _DESCRIPTOR,
        "see_write",
        "if (word < AIEML_SHIM_DMA_BD_WORDS)",
        "if (word <= AIEML_SHIM_DMA_BD_WORDS)",
    ),
    Bug(_DESCRIPTOR, "see_write", "if (in_dma < BDS_END)", "if (in_dma < CHANNELS_END)"),
    Bug(
        _DESCRIPTOR,
        "bind",
        "d->buffer = w[RCB_BIND_BUFFER_BUFFER]",
        "d->buffer = w[RCB_BIND_BUFFER_OFFSET]",
    ),
    Bug(_DESCRIPTOR, "see", "RCB_BLOCK_WRITE_WORDS + i", "RCB_BLOCK_WRITE_WORDS + 1 + i"),
    Bug(_DESCRIPTOR, "follow_words", "pc < words;", "pc <= words;"),
    Bug(
        _DESCRIPTOR,
        "follow",
        "load ? image->load_words : image->program_words",
        "image->load_words",
    ),
    Bug(_ADDRESS, "find", "if (!c ||", "if ("),
    Bug(_ADDRESS, "find", "= c->words - word;", "= c->words - 1 - word;"),
    Bug(_ADDRESS, "engine_check_range", "words -= run", "words -= run - 1"),
    Bug(
        _ADDRESS,
        "aieml_find_register",
        "i < aieml_register_table_sizes[kind]; ++i",
        "i <= aieml_register_table_sizes[kind]; ++i",
        header="aieml_regs.h",
    ),
    Bug(_VERIFY, "check_one", "int status = check_instruction(s, w);", "int status = ENGINE_OK;"),
    Bug(_VERIFY, "check_one", "TRY(check_shape(s, w, s->words - pc));", ""),
    Bug(
        _VERIFY,
        "engine_verify",
        "image->load, image->load_words",
        "image->load, image->program_words",
    ),
    Bug(
        _VERIFY,
        "engine_verify",
        "  if (!status)\n    status = verify",
        "  if (status)\n    status = verify",
    ),
)


@dataclass(frozen=True)
class Setup:
    """Folders of the generated headers, without and with what tables hold, and how many provers
    run at once."""

    headers: Path
    with_tables: Path
    jobs: int


SOURCES = tuple(dict.fromkeys(proof.source for proof in PROOFS))


def wp_command(source: Path, proof: Proof, setup: Setup) -> list[str]:
    """Frama-C's command line, but for the report."""
    headers = setup.with_tables if proof.tables else setup.headers
    proof_headers = REPOSITORY / "test/runtime/proof/include"
    folders = (
        proof_headers,
        RUNTIME / "include",
        headers,
        RUNTIME / "engine",
        RUNTIME / "rimfs",
    )
    includes = " ".join(f"-I{folder}" for folder in folders)
    command = ["frama-c", "-c11", "-machdep", "gcc_x86_64", f"-cpp-extra-args={includes}"]
    command += [
        "-wp",
        "-wp-rte",
        "-wp-literals",
        "-wp-model",
        proof.model,
        "-wp-par",
        str(setup.jobs),
    ]
    command += ["-wp-init-const" if proof.tables else "-wp-no-init-const"]
    command += ["-wp-prover", "cvc4", "-wp-steps", str(STEPS)]
    command += ["-wp-timeout", str(PROVER_SECONDS)]
    command += ["-wp-cache", "update", "-wp-cache-dir", str(CACHE)]
    return [*command, "-wp-fct", ",".join(proof.functions), str(source)]


def run_wp(source: Path, proof: Proof, setup: Setup) -> Table:
    """Each function's goals. Raises RuntimeError where Frama-C cannot read the file, or leaves an
    annotation away."""
    with tempfile.TemporaryDirectory(prefix="adfc-") as folder:
        report = Path(folder) / "report.json"
        result = subprocess.run(
            [*wp_command(source, proof, setup), "-wp-report-json", str(report)],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        left_away = "annot-error" in result.stdout
        if result.returncode or left_away or not report.exists():
            raise RuntimeError(result.stdout[-2000:] + result.stderr[-2000:])
        return read_report(json.loads(report.read_text()), proof)


def first_open_goal(source: Path, proof: Proof, setup: Setup) -> str:
    """The first goal that is not proved, or "" where all are. What comes after it is not tried.
    Raises RuntimeError where there are no goals."""
    process = subprocess.Popen(
        wp_command(source, proof, setup),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            found = re.search(r"Goal (\w+) : (?:Timeout|Step limit|Unknown)", line)
            if found:
                return found[1]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # the prover too
        process.wait()
    if not re.search(r"Proved goals: +([1-9]\d*) / \1\n", said) or "annot-error" in said:
        raise RuntimeError(said[-2000:])
    return ""


def read_report(report: dict[str, Any], proof: Proof) -> Table:
    """The goals of each function, from WP's report. One that it does not name has none."""
    functions = report.get("wp:functions", {})
    table: Table = {}
    for name in proof.functions:
        total = functions.get(name, {}).get("wp:section", {}).get("wp:main", {})
        table[name] = Goals(total.get("valid", 0), total.get("total", 0))
    return table


def prove(proof: Proof, setup: Setup) -> Table:
    """Prove the functions of an entry, and print how many goals of each were proved."""
    table = run_wp(RUNTIME / proof.source, proof, setup)
    print(proof.source)
    for name, goals in table.items():
        print(f"  {name:<24}{goals}{'' if goals.proved_all else '  NOT PROVED'}", flush=True)
    total = sum(goals.proved for goals in table.values())
    if total < proof.goals:
        print(f"  {total} goals, and there have to be {proof.goals}: some are gone")
    return table


def seed(bug: Bug, setup: Setup) -> bool:
    """Whether the seeded bug makes a goal of its function fail."""
    proof = next(p for p in PROOFS if p.source == bug.source and bug.function in p.functions)
    with tempfile.TemporaryDirectory(prefix="adfc-") as folder:
        source = RUNTIME / bug.source
        place = source
        if bug.header:
            headers = setup.with_tables if proof.tables else setup.headers
            copy = shutil.copytree(headers, Path(folder) / "include")
            setup = replace(setup, headers=copy, with_tables=copy)
            place = copy / "adfc/spec" / bug.header
        text = place.read_text()
        if bug.old not in text:
            raise RuntimeError(f"{place.name} has no '{bug.old}'")
        changed = place if bug.header else Path(folder) / source.name
        changed.write_text(text.replace(bug.old, bug.new, 1))
        proof = replace(proof, functions=(bug.function,))
        goal = first_open_goal(source if bug.header else changed, proof, setup)
    print(
        f"{bug.source} {bug.function}: '{bug.old}' -> '{bug.new}': "
        f"{f'found, {goal} is open' if goal else 'NOT FOUND'}",
        flush=True,
    )
    return bool(goal)


@dataclass(frozen=True)
class Row:
    """What came out for a file; seconds are by the clock."""

    source: str
    functions: int
    goals: Goals
    expected: int
    bugs: Goals
    seconds: float

    @property
    def good(self) -> bool:
        """Whether every goal is proved, there are as many as there have to be, and each bug is
        found."""
        enough = self.goals.proved_all and self.goals.proved >= self.expected
        return enough and self.bugs.proved == self.bugs.total


def check_file(source: str, proofs: Sequence[Proof], bugs: Sequence[Bug], setup: Setup) -> Row:
    """Prove the file's entries, then seed its bugs."""
    start = time.monotonic()
    tables = [prove(proof, setup) for proof in proofs]
    goals = [goals for table in tables for goals in table.values()]
    whole = {name for table in tables for name, g in table.items() if g.proved_all}
    # Where a function is not proved, a bug in it shows nothing.
    found = sum([bug.function in whole and seed(bug, setup) for bug in bugs])
    total = Goals(sum(g.proved for g in goals), sum(g.total for g in goals))
    expected = sum(proof.goals for proof in proofs)
    seconds = time.monotonic() - start
    return Row(source, len(goals), total, expected, Goals(found, len(bugs)), seconds)


def print_table(rows: Sequence[Row]) -> None:
    print(f"\n{'file':<24}{'functions':>10}{'goals proved':>16}{'bugs found':>12}{'seconds':>9}")
    for row in rows:
        mark = "" if row.good else "  FAILED"
        print(
            f"{row.source:<24}{row.functions:>10}{row.goals!s:>16}{row.bugs!s:>12}"
            f"{row.seconds:>9.0f}{mark}"
        )


def arguments_of() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--no-seeded", action="store_true", help="without the seeded bugs")
    parser.add_argument("--only", metavar="SOURCE", help="only this file's, as engine/address.c")
    parser.add_argument("--jobs", type=int, default=2, help="provers at once (default 2)")
    parser.add_argument("--fresh", action="store_true", help="keep no results of earlier runs")
    arguments = parser.parse_args()
    if shutil.which("frama-c") is None:
        parser.error("frama-c is not installed: tools/proof installs it")
    if arguments.only not in (None, *(proof.source for proof in PROOFS)):
        parser.error(f"no proof of {arguments.only}; there are {', '.join(SOURCES)}")
    return arguments


def main() -> int:
    arguments = arguments_of()
    if arguments.fresh:
        shutil.rmtree(CACHE, ignore_errors=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="adfc-") as folder:
        headers = {tables: Path(folder) / str(tables) / "include" for tables in (False, True)}
        for tables, include in headers.items():
            write(generate(spec_folder()), include.parent)
            annotate(include, tables)
        setup = Setup(headers[False], headers[True], arguments.jobs)
        for source in [arguments.only] if arguments.only else SOURCES:
            proofs = [proof for proof in PROOFS if proof.source == source]
            bugs = [] if arguments.no_seeded else [bug for bug in BUGS if bug.source == source]
            rows.append(check_file(source, proofs, bugs, setup))
    print_table(rows)
    return 0 if all(row.good for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
