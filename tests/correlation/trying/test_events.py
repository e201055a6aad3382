"""Events of a file as they are matched."""

from dataclasses import replace
from pathlib import Path

import pytest

from correlation.trying.events import events_of
from sensors.errors import UnreadableInput
from sensors.event.model import Batch

LINE = '198.51.100.7 - - [22/Nov/2026:08:00:00 +0800] "GET / HTTP/1.1" 200 5 "-" "x"\n'


class Naming:
    """Adds a name to every event."""

    def enrich(self, batch: Batch) -> Batch:
        return replace(batch, constants={**batch.constants, "named": True})


def test_a_file_is_read_by_its_format_and_enriched(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_text(LINE * 3)
    (batch,) = events_of(file, [Naming()])
    assert (len(batch), batch.constants["named"]) == (3, True)
    assert batch.dataset.startswith("web.access")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput):
        list(events_of(tmp_path / "absent"))
