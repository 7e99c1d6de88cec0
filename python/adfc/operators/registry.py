"""The operators of installed packages, found by their entry points."""

from __future__ import annotations

import hashlib
import importlib
import sys
import tomllib
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import adfc
from adfc.errors import AdfcError, InputError
from adfc.operators import admission, builtin
from adfc.operators.operator import Operator
from adfc.operators.trust import are_untrusted_operators_allowed

GROUP = "adfc.operators"
"""The group of entry points; each names an Operator, or a sequence of them."""


@dataclass(frozen=True)
class Package:
    """A package of operators. `files` are all that it is made of, under `root`; sorted."""

    name: str
    version: str
    operators: tuple[Operator, ...]
    root: Path
    files: tuple[Path, ...]
    documentation: str

    @property
    def digest(self) -> str:
        """SHA-256 of the files' names and contents: another one after any change."""
        digest = hashlib.sha256()
        for file in self.files:
            content = file.read_bytes()
            name = file.relative_to(self.root).as_posix()
            digest.update(f"{name} {len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()


class OperatorError(AdfcError):
    """A package of operators cannot be loaded, or has not passed its admission test."""


@cache
def installed() -> tuple[Package, ...]:
    """All installed packages, sorted by name. Raises OperatorError for one that does not load."""
    found: dict[str, list[metadata.EntryPoint]] = {}
    versions: dict[str, str] = {}
    for point in metadata.entry_points(group=GROUP):
        name = point.dist.name if point.dist is not None else point.module
        versions[name] = point.dist.version if point.dist is not None else ""
        found.setdefault(name, []).append(point)
    packages = tuple(
        _load(name, versions[name], [(point.name, point.value) for point in points])
        for name, points in sorted(found.items())
    )
    _check_names(packages)
    return packages


def from_folder(folder: Path) -> Package:
    """The package in a source folder, which need not be installed.

    Raises InputError where the folder has no pyproject.toml with entry points for it,
    OperatorError where it does not load.
    """
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{folder} is no package: {error}") from error
    about = project.get("project", {})
    points = about.get("entry-points", {}).get(GROUP, {})
    if not points:
        raise InputError(
            f"{folder / 'pyproject.toml'} has no entry points of {GROUP}",
            hint=f'add [project.entry-points."{GROUP}"] with NAME = "MODULE:OBJECT"',
        )
    source = folder / "src" if (folder / "src").is_dir() else folder
    if str(source.resolve()) not in sys.path:
        sys.path.insert(0, str(source.resolve()))
    name, version = about.get("name", folder.name), about.get("version", "")
    return _load(name, version, sorted(points.items()))


BUILT_IN = "builtin:"
"""What names of adfc's own families of operators begin with."""


def built_in(name: str) -> Package:
    """The family "builtin:NAME" of adfc's own operators as a package. Raises InputError."""
    family = builtin.family(name.removeprefix(BUILT_IN))
    files = tuple(sorted(path for path in family.folder.rglob("*") if _counts(path)))
    text = family.documentation
    return Package(
        f"{BUILT_IN}{family.name}", adfc.__version__, family.operators, family.folder, files, text
    )


def find(name: str) -> Package:
    """The package that NAME is: a source folder, the name of an installed distribution, or
    "builtin:NAME" for a family of adfc's own operators."""
    if name.startswith(BUILT_IN):
        return built_in(name)
    if Path(name).is_dir():
        return from_folder(Path(name))
    packages = installed()
    for package in packages:
        if package.name.replace("_", "-") == name.replace("_", "-"):
            return package
    known = ", ".join(package.name for package in packages) or "none"
    raise InputError(
        f"there is no folder {name}, and no installed package of operators of that name",
        hint=f"installed: {known}",
    )


def operator_of(target: str) -> tuple[Package, Operator] | None:
    """The operator behind a PyTorch operator ("namespace.name.default"), with its package."""
    for package in _known():
        for operator in package.operators:
            if target in operator.targets:
                return package, operator
    return None


def named(name: str) -> Operator:
    """The operator "namespace::name". Raises OperatorError where none is installed."""
    found = operator_of(name.replace("::", ".") + ".default")
    if found is None:
        raise OperatorError(
            f"the operator '{name}' belongs to no installed package",
            hint="install the package that has it",
        )
    return found[1]


def require_admitted(package: Package) -> None:
    """Raise OperatorError for a package that has not passed its admission test as it is now."""
    reason = refusal(package)
    if reason is not None:
        raise OperatorError(reason, hint=_way_out(package))


def refusal(package: Package) -> str | None:
    """Why a package's operators may not be used; None where they may."""
    if are_untrusted_operators_allowed() or admission.is_admitted(package.digest):
        return None
    return f"the operators of '{package.name}' have not passed their admission test"


def _way_out(package: Package) -> str:
    return f"run `adfc op check {package.name}`, or use --untrusted-operators"


_AT_HAND: ContextVar[tuple[Package, ...]] = ContextVar("adfc_operator_packages", default=())


@contextmanager
def using(package: Package) -> Generator[None]:
    """In its body, the package's operators are known, whether it is installed or not."""
    token = _AT_HAND.set((package, *_AT_HAND.get()))
    try:
        yield
    finally:
        _AT_HAND.reset(token)


def _known() -> Iterator[Package]:
    yield from _AT_HAND.get()
    yield from installed()


def _load(name: str, version: str, points: Sequence[tuple[str, str]]) -> Package:
    operators: list[Operator] = []
    modules: list[ModuleType] = []
    for point, value in points:
        module_name, _, attribute = value.partition(":")
        try:
            module = importlib.import_module(module_name)
            loaded: Any = getattr(module, attribute)
        except Exception as error:
            raise OperatorError(
                f"the package '{name}' does not load: {type(error).__name__}: {error}",
                hint="mend it, or uninstall it",
            ) from error
        operators += _operators(name, point, loaded)
        modules.append(module)
    root, files = _files(modules)
    text = "\n".join(module.__doc__ or "" for module in modules).strip()
    return Package(name, version, tuple(operators), root, files, text)


def _operators(package: str, point: str, loaded: Any) -> list[Operator]:
    values: list[Any] = list(loaded) if isinstance(loaded, Iterable) else [loaded]
    for value in values:
        if not isinstance(value, Operator):
            raise OperatorError(
                f"the entry point '{point}' of '{package}' is a {type(value).__name__}",
                hint="let it name an adfc.operators.Operator, or a tuple of them",
            )
    return values


def _files(modules: Sequence[ModuleType]) -> tuple[Path, tuple[Path, ...]]:
    """All files of the modules' packages; of a module that is in none, the one file."""
    found: set[Path] = set()
    roots: list[Path] = []
    for module in modules:
        top = sys.modules[module.__name__.partition(".")[0]]
        file = Path(str(top.__file__)).resolve()
        folder = file.parent
        if hasattr(top, "__path__"):
            found |= {path for path in folder.rglob("*") if _counts(path)}
            folder = folder.parent
        else:
            found.add(file)
        roots.append(folder)
    root = min(roots, key=lambda path: len(path.parts))
    return root, tuple(sorted(path for path in found if path.is_relative_to(root)))


def _counts(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"


def _check_names(packages: Sequence[Package]) -> None:
    owners: dict[str, str] = {}
    for package in packages:
        for operator in package.operators:
            other = owners.setdefault(operator.name, package.name)
            if other != package.name:
                raise OperatorError(
                    f"'{operator.name}' is an operator of two packages, '{other}' and "
                    f"'{package.name}'",
                    hint="uninstall one of them",
                )
