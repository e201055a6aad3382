"""What commands that read feeds share: a server that publishes them, and settings that name them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.correlation.intelligence.serving import Publisher


@pytest.fixture
def server() -> Iterator[Publisher]:
    with Publisher() as started:
        yield started


def write(data: Path, *feeds: dict[str, Any], **more: Any) -> None:
    """Settings in a data folder, with these feeds and what else there is to intelligence."""
    data.mkdir(mode=0o700, exist_ok=True)
    (data / "hanwatch.yml").write_bytes(orjson.dumps({"intelligence": {"feeds": feeds, **more}}))
