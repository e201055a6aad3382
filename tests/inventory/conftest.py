"""An inventory of each kind of database in turn."""

import pytest
from sqlalchemy import Engine

from tests.inventory.filling import Filled


@pytest.fixture
def filled(engine: Engine) -> Filled:
    """An empty inventory that a test fills."""
    return Filled(engine)
