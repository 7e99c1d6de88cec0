"""Where the spec files are."""

from pathlib import Path

from adfc.errors import AdfcError


def spec_folder() -> Path:
    """The folder of registers/, devices/, rcb.toml: beside this file in a wheel, else spec/."""
    here = Path(__file__).resolve()
    checkout = here.parents[3] / "spec"
    for folder in (here.parent, checkout):
        if (folder / "devices").is_dir():
            return folder
    raise AdfcError(
        f"the spec files are missing: no devices/ in {here.parent} nor in {checkout}",
        hint="install adfc again, or run it from a whole checkout",
    )
