"""Breaks a good program in one place at a time.

    mutate.py PROGRAM CASES

CASES is a text of blocks, separated by empty lines; other lines of the file begin with `//`:

    CASE what is broken
    from: text of the program; its first occurrence (behind `after:`, where given) is replaced
    to:   what stands there instead (`to: -` drops the line)
    also from, also to: another text that is replaced
    at:   a text on the line where the error must be reported, in the broken program
    says: part of the message
    note at, note says: the same for a note, where there is one

Prints the broken programs with their expected diagnostics, for -split-input-file and
-verify-diagnostics.
"""

import sys
from pathlib import Path


def broken(program: str, case: dict[str, str]) -> str:
    """One broken program, with the diagnostic that it must get."""
    start = program.index(case["after"]) if "after" in case else 0
    at = program.index(case["from"], start)
    end = at + len(case["from"])
    if case["to"] == "-":
        at, end = program.rindex("\n", 0, at), program.index("\n", end)
        text = program[:at] + program[end:]
    else:
        text = program[:at] + case["to"] + program[end:]
    if "also from" in case:
        text = text.replace(case["also from"], case["also to"], 1)
    lines = text.splitlines()
    expect(lines, "error", case["at"], case["says"])
    if "note at" in case:
        expect(lines, "note", case["note at"], case["note says"])
    return f"// {case['CASE']}\n" + "\n".join(lines) + "\n"


def expect(lines: list[str], severity: str, where: str, message: str) -> None:
    """Adds the expected diagnostic in front of the first line that contains `where`."""
    index = next(i for i, line in enumerate(lines) if where in line)
    lines.insert(index, f"// expected-{severity} @+1 {{{{{message}}}}}")


def cases(text: str) -> list[dict[str, str]]:
    """The blocks of a file of cases."""
    lines = [line for line in text.splitlines() if not line.startswith("//")]
    blocks = [block for block in "\n".join(lines).split("\n\n") if block.strip()]
    found: list[dict[str, str]] = []
    for block in blocks:
        case: dict[str, str] = {}
        for line in block.strip().splitlines():
            key, _, value = line.partition(" " if line.startswith("CASE ") else ":")
            case[key] = value.strip()
        found.append(case)
    return found


def main() -> None:
    program = Path(sys.argv[1]).read_text(encoding="utf-8")
    found = cases(Path(sys.argv[2]).read_text(encoding="utf-8"))
    print("// -----\n".join(broken(program, case) for case in found))


main()
