"""Settings and fixtures of all Python tests."""

from pathlib import Path

import hypothesis
import pytest

# The same examples in every run: a failure in CI is one here too. No deadline: machines differ.
hypothesis.settings.register_profile(
    "adfc", derandomize=True, deadline=None, database=None, print_blob=True
)
hypothesis.settings.load_profile("adfc")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout's top folder."""
    return Path(__file__).resolve().parents[2]
