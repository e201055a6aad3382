"""Conformance fails clearly where the shared data is missing; it never passes for want of it."""

import pytest

from tests.conformance.places import DATA


@pytest.fixture(autouse=True, scope="session")
def _shared_data() -> None:
    if not DATA.is_dir():
        pytest.fail(f"the shared data is not at {DATA}: set CONFORMANCE_SHARED to the folder that holds data/")
