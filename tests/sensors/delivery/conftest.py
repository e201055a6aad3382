"""A spool in a folder of its own, on a clock that ticks by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensors.delivery.spool import EmbeddedSpool
from sensors.settings import SpoolSettings
from tests.sensors.delivery.making import ticking


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def settings() -> SpoolSettings:
    """Without watermarks, which depend on the machine's disk."""
    return SpoolSettings(min_free_bytes=0)


@pytest.fixture
def spool(folder: Path, settings: SpoolSettings) -> Iterator[EmbeddedSpool]:
    with EmbeddedSpool(folder, settings, ticking()) as opened:
        yield opened
