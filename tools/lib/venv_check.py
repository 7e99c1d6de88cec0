"""Print the requirements of a lock file that this Python lacks, one a line.

Usage: venv_check.py LOCK. A package counts as lacking when it is absent, has another version, or
when a file that it installed is gone (an installation that was cut short).
"""

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path


def is_installed(name: str, version: str) -> bool:
    """Tell whether `name` is here, whole, at `version` (a local part such as "+cpu" is ignored)."""
    try:
        package = distribution(name)
    except PackageNotFoundError:
        return False
    if package.version.partition("+")[0] != version or package.files is None:
        return False
    return all(Path(str(file.locate())).exists() for file in package.files if file.suffix != ".pyc")


def lacking(lock: Path) -> list[str]:
    """Return the lines "name==version" of `lock` that are not installed."""
    lines = (line.partition("#")[0].strip() for line in lock.read_text().splitlines())
    return [line for line in lines if line and not is_installed(*line.split("=="))]


if __name__ == "__main__":
    print("\n".join(lacking(Path(sys.argv[1]))))
