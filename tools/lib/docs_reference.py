"""Reference pages made from sources: dialects and passes from TableGen, the RHAL from C."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_LLVM = Path("/usr/lib/llvm-22")
_TBLGEN = _LLVM / "bin/mlir-tblgen"

DIALECTS = {"adf": "ADF/ADFOps.td", "rcb": "RCB/RCB.td"}
"""Dialect -> the file that includes all of it, in dialects/."""


def _tblgen(file: Path, *options: str, include: Path) -> str:
    paths = [ROOT / "dialects", file.parent, include, _LLVM / "include"]
    words = [str(_TBLGEN), *options, str(file), *(f"-I{path}" for path in paths)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{file}: mlir-tblgen: {done.stderr.strip()}")
    return done.stdout


def dialect(name: str, include: Path) -> str:
    """The reference of a dialect. `include`: what spec/ generates lies there."""
    text = _tblgen(
        ROOT / "dialects" / DIALECTS[name], "-gen-dialect-doc", f"-dialect={name}", include=include
    )
    # Links of the generated text are to pages of another kind of site.
    text = text.replace("[TOC]\n", "").replace("`docs/Dialects/", "`Dialects/")
    return re.sub(
        r"^# '(\w+)' Dialect", r"# Dialect \1: reference", text, count=1, flags=re.MULTILINE
    )


def passes(include: Path) -> str:
    """The reference of all passes."""
    parts = ["# Passes: reference\n"]
    for file in sorted((ROOT / "lib").rglob("*Passes.td")):
        text = _tblgen(file, "-gen-pass-doc", include=include)
        parts.append(re.sub(r"^### ", "## ", text, flags=re.MULTILINE))
    return "\n".join(parts)


_DECLARED = re.compile(
    r"/\* (?P<doc>(?:(?!\*/).)*?) \*/[\s\\]*RHAL_API (?P<type>[^;]*?)prefix##(?P<rest>[^;]*?);",
    re.DOTALL,
)


def rhal() -> str:
    """The page of the run-time hardware abstraction layer, from its header."""
    header = (ROOT / "runtime/include/adfc/rhal.h").read_text(encoding="utf-8")
    introduction = header[2 : header.index("*/")]
    lines = [line.strip().removeprefix("*").removeprefix(" ") for line in introduction.splitlines()]
    parts = [
        "# The hardware abstraction layer (RHAL)\n",
        "\n".join(lines).strip(),
        "\n## Functions\n",
    ]
    found = _DECLARED.findall(header)
    if len(found) != header.count("prefix##"):
        raise RuntimeError("rhal.h: a function has no comment in front of it")
    for doc, kind, rest in found:
        signature = " ".join(f"{kind}{rest}".replace("\\", " ").split())
        text = " ".join(doc.replace("\\", " ").replace("*", " ").split())
        parts.append(f"```c\n{signature};\n```\n\n{text}\n")
    statuses = re.search(r"enum rhal_status \{(.*?)\};", header, re.DOTALL)
    assert statuses is not None
    parts.append("## Statuses\n\n| status | |\n|---|---|")
    for name, doc in re.findall(r"(RHAL_\w+)[^,]*,(?:\s*/\* (.*?) \*/)?", statuses[1]):
        parts.append(f"| `{name}` | {doc} |")
    return "\n".join(parts) + "\n"
