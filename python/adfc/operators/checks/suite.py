"""All checks of a package, in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from adfc.operators.checks import declaration, kernels, programs
from adfc.operators.checks.finding import CheckError, Finding
from adfc.operators.checks.kernels import Subject, subject_of
from adfc.operators.operator import Operator
from adfc.operators.registry import Package, using
from adfc.operators.trust import untrusted_operators

CHECKS = (
    "documentation",
    "PyTorch operator",
    "declaration",
    "reference",
    "cost",
    "instruction sets",
    "edge data",
    "largest window",
    "tiling",
    "memory bounds",
    "determinism",
    "emulator",
)
"""The checks by name; after them one for each board."""

_COMPOSED = "composed: the kernels are adfc's own"

Progress = Callable[[str], None]


def check_package(
    package: Package,
    boards: Sequence[str],
    progress: Progress = lambda _: None,
    *,
    only: Collection[str] | None = None,
) -> list[Finding]:
    """Every check of every operator of a package, on these boards.

    With `only` these checks alone (and the declaration, which others need).
    """
    with using(package), untrusted_operators():
        findings: list[Finding] = []
        for operator in package.operators:
            for name, check in _checks(package, operator, boards):
                if only is not None and name not in {*only, "declaration"}:
                    continue
                progress(f"{operator.name}: {name}")
                findings.append(_finding(operator, name, check))
        if not findings:
            findings.append(Finding(package.name, "declaration", False, "it has no operators"))
        return findings


def _finding(operator: Operator, name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(operator.title, name, True, check())
    except CheckError as error:
        return Finding(operator.title, name, False, str(error))
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        return Finding(operator.title, name, False, text)


def _checks(
    package: Package, operator: Operator, boards: Sequence[str]
) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "documentation", lambda: declaration.check_documentation(package, operator)
    yield "PyTorch operator", lambda: declaration.check_torch(operator)
    if declaration.is_composed(operator):
        for name in CHECKS[2:-1]:
            yield name, lambda: _COMPOSED
    else:
        yield from _kernel_checks(operator)
    yield "emulator", lambda: programs.check_emulator(operator)
    for board in boards:
        yield f"board {board}", lambda board=board: programs.check_board(operator, board)


def _kernel_checks(operator: Operator) -> Iterator[tuple[str, Callable[[], str]]]:
    made: list[Subject] = []

    def declared() -> str:
        made.append(subject_of(operator))
        return f"{len(made[0].specimens)} quantized calls"

    yield "declaration", declared
    table: tuple[tuple[str, Callable[[Subject], str]], ...] = (
        ("reference", declaration.check_reference),
        ("cost", declaration.check_cost),
        ("instruction sets", kernels.check_instruction_sets),
        ("edge data", kernels.check_edge_data),
        ("largest window", kernels.check_largest_window),
        ("tiling", kernels.check_tiling),
        ("memory bounds", kernels.check_memory),
        ("determinism", kernels.check_determinism),
    )

    def with_subject(check: Callable[[Subject], str]) -> Callable[[], str]:
        def run() -> str:
            if not made:
                raise CheckError("not run: the declaration is wrong")
            return check(made[0])

        return run

    for name, check in table:
        yield name, with_subject(check)
