"""What we write as EVTX is what the library reads from it."""

from io import BytesIO
from typing import Any

import orjson
from evtx import PyEvtxParser

from sensors.event.times import SECOND
from sensors.parsers.evtx_writing import WindowsEvent, evtx_file


def test_every_event_comes_back() -> None:
    events = [
        WindowsEvent("Security", "test", 1, 1_778_627_048 * SECOND, "WS01", {"n": "字" * (number % 900), "m": "<&>"})
        for number in range(500)
    ]
    entries: list[Any] = list(PyEvtxParser(BytesIO(evtx_file(events))).records_json())
    found = [orjson.loads(entry["data"])["Event"] for entry in entries]
    assert [event["EventData"] for event in found] == [dict(event.data) for event in events]
    assert [event["System"]["EventRecordID"] for event in found] == [str(number) for number in range(1, 501)]
    assert found[0]["System"]["TimeCreated"]["#attributes"]["SystemTime"] == "2026-05-12T23:04:08.000Z"
