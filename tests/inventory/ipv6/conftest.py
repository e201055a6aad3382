"""A synthetic city for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.inventory.ipv6.synthetic import City, synthetic_city


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with synthetic_city(tmp_path) as made:
        yield made
