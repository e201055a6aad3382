from pathlib import Path
from typing import Any

import pytest

from sensors.delivery.ledger import EVENTS, RECORDS
from sensors.delivery.ports import Delivery
from sensors.delivery.spool import EmbeddedSpool
from sensors.event.model import Source
from sensors.event.times import from_iso
from sensors.reading.model import Portion, Position, Reject
from sensors.settings import SpoolSettings
from tests.cli.conftest import Run

RECEIVED = from_iso("2024-10-11T23:00:00Z")
LINE = b"<34>Oct 11 22:14:15 gate su: opened by ops"


def refused(data: Path, name: str) -> None:
    """A record that came by a listener long ago and was refused then."""
    counts = {(RECORDS, "read"): 1, (RECORDS, "rejected"): 1, (EVENTS, "sensed"): 0}
    portion = Portion((), (Reject(1, 0, "syslog-no-time", "", LINE, len(LINE)),), counts, Position(offset=1, ordinal=2))
    with EmbeddedSpool(data / "spool", SpoolSettings(min_free_bytes=0), lambda: RECEIVED) as spool:
        source = Source("ab" * 16, "text", name)
        spool.append_many([Delivery(source, "syslog.rfc3164", portion, Position())])


def replayed(data: Path) -> dict[str, Any]:
    with EmbeddedSpool(data / "spool", SpoolSettings(min_free_bytes=0), lambda: RECEIVED) as spool:
        records = spool.read("test", 10)
        (row,) = [row for record in records for batch in record.batches for row in batch.rows()]
        return row


@pytest.mark.parametrize(
    ("place", "port", "expected"),
    [
        ("syslog.tcp://127.0.0.1:5514", 5514, "2024-10-11T22:14:15.000Z"),
        # Of another listener: the zone of all.
        ("syslog.tcp://127.0.0.1:5515", 5514, "2024-10-11T14:14:15.000Z"),
    ],
)
def test_the_listeners_zone_holds_and_the_year_is_that_of_receipt(
    hanwatch: Run, empty: Path, place: str, port: int, expected: str
) -> None:
    refused(empty, place)
    (empty / "hanwatch.yml").write_text(f"listeners:\n  - {{kind: syslog.tcp, port: {port}, zone: UTC}}\n")
    ran = hanwatch("quarantine", "replay", "--json")
    assert (ran.status, ran.lines) == (0, [{"tried": 1, "accepted": 1, "refused": 0}])
    row = replayed(empty)
    assert row["@timestamp"] == expected
    assert row["event.created"] == "2024-10-11T23:00:00.000Z"
