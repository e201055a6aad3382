from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.inventory.indicators.cities import City, empty_city


@pytest.fixture
def cities(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[[], City]]:
    """Cities in databases of their own, as many as a property has examples."""
    numbers, made = count(), list[City]()

    def make() -> City:
        while made:
            made.pop().engine.dispose()
        made.append(empty_city(sqlite_template, tmp_path, f"city-{next(numbers)}"))
        return made[-1]

    yield make
    for one in made:
        one.engine.dispose()


@pytest.fixture
def city(cities: Callable[[], City]) -> City:
    """A city with districts and units and nothing else."""
    made = cities()
    made.units()
    return made
