"""EVTX files: every record is an event or a reject, broken chunks cost only themselves, reading goes on anywhere."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.errors import UnreadableInput
from sensors.event.codec import decode, encode
from sensors.event.model import Source
from sensors.event.times import SECOND, from_iso
from sensors.parsers.evtx_writing import WindowsEvent, evtx_file
from sensors.reading.evtx import EvtxReader
from sensors.reading.model import Portion, Position

SOURCE = Source("00" * 16, "records", "x.evtx")
START = from_iso("2026-05-13T07:04:08.123456700+08:00")
BEGINNING = Position()
SYSMON = "Microsoft-Windows-Sysmon/Operational"


def events(count: int) -> list[WindowsEvent]:
    return [
        WindowsEvent(
            SYSMON, "Microsoft-Windows-Sysmon", 1, START + number * SECOND, "WS01.Wuhan.Example",
            {
                "Image": f"C:\\Windows\\System32\\tool{number % 7}.exe", "ProcessId": str(number),
                "CommandLine": "工具 /q", "User": "CORP\\张三", "ParentImage": "-", "Hashes": "MD5=AB,SHA256=CD",
            },
        )
        for number in range(count)
    ]  # fmt: skip


def read(path: Path, start: Position = BEGINNING) -> list[Portion]:
    portions = list(EvtxReader().portions(path, SOURCE, start, 1))
    for portion in portions:
        counts = Counter(portion.counts)
        assert counts["records", "read"] == counts["records", "event"] + counts["records", "rejected"]
        assert counts["records", "event"] == sum(map(len, portion.batches)) == counts["events", "sensed"]
        assert counts["records", "rejected"] == len(portion.rejects)
        assert len(list(decode(encode(portion.batches)))) == len(portion.batches)
    return portions


def rows(portions: Sequence[Portion]) -> list[dict[str, Any]]:
    found = [row for portion in portions for batch in portion.batches for row in batch.rows()]
    return sorted(found, key=lambda row: row["event.sequence"])


def test_an_event_has_its_system_part_its_data_and_ecs_beside(tmp_path: Path) -> None:
    path = tmp_path / "a.evtx"
    path.write_bytes(evtx_file(events(1)))
    (row,) = rows(read(path))
    expected = {
        "@timestamp": "2026-05-12T23:04:08.123456700Z",
        "event.dataset": "windows.sysmon",
        "event.code": "1",
        "event.provider": "Microsoft-Windows-Sysmon",
        "event.category": ["process"],
        "winlog.channel": SYSMON,
        "winlog.computer_name": "WS01.Wuhan.Example",
        "winlog.record_id": "1",
        "winlog.process.pid": 1234,
        "winlog.user.identifier": "S-1-5-18",
        "winlog.event_data.Image": "C:\\Windows\\System32\\tool0.exe",
        "winlog.event_data.ProcessId": "0",
        "winlog.event_data.ParentImage": "-",
        "host.name": "ws01.wuhan.example",
        "process.executable": "C:\\Windows\\System32\\tool0.exe",
        "process.name": "tool0.exe",
        "process.pid": 0,
        "process.command_line": "工具 /q",
        "user.name": "张三",
        "user.domain": "CORP",
        "process.hash.md5": "ab",
        "process.hash.sha256": "cd",
    }
    assert {name: row.get(name) for name in expected} == expected
    assert "process.parent.executable" not in row
    assert "process.hash.sha1" not in row


def test_reading_goes_on_after_any_record_with_the_same_ids(tmp_path: Path) -> None:
    short, long = tmp_path / "short.evtx", tmp_path / "long.evtx"
    long.write_bytes(evtx_file(events(150)))
    whole = rows(read(long))
    assert [row["event.sequence"] for row in whole] == list(range(1, 151))
    for count in (1, 30, 149):
        short.write_bytes(evtx_file(events(count)))
        begun = read(short)
        later = read(long, begun[-1].position)
        assert rows(begun) + rows(later) == whole
    assert read(long, read(long)[-1].position) == []


def test_a_broken_chunk_costs_its_own_records_only(tmp_path: Path) -> None:
    path = tmp_path / "a.evtx"
    data = bytearray(evtx_file(events(150)))
    data[4_096 + 65_536 : 4_096 + 65_536 + 8] = b"brokenCh"
    path.write_bytes(data)
    portions = read(path)
    (reject,) = [reject for portion in portions for reject in portion.rejects]
    assert (reject.reason, reject.offset, reject.size) == ("evtx-chunk-broken", 4_096 + 65_536, 65_536)
    assert len(rows(portions)) > 40


def test_a_broken_record_is_one_reject_with_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.evtx"
    data = bytearray(evtx_file(events(20)))
    second = 4_608 + int.from_bytes(data[4_612:4_616], "little")
    data[second + 24 : second + 34] = b"\xee" * 10
    path.write_bytes(data)
    portions = read(path)
    (reject,) = [reject for portion in portions for reject in portion.rejects]
    assert (reject.ordinal, reject.offset, reject.reason) == (2, second, "evtx-record-broken")
    assert [row["event.sequence"] for row in rows(portions)] == [1, *range(3, 21)]


def test_a_file_that_is_cut_off_gives_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.evtx"
    path.write_bytes(evtx_file(events(20))[:20_000])
    portions = read(path)
    assert rows(portions)
    assert [reject.reason for reject in portions[-1].rejects] == ["evtx-truncated"]


def test_what_is_no_evtx_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.evtx"
    path.write_bytes(b"text")
    with pytest.raises(UnreadableInput):
        read(path)


@settings(max_examples=60)
@given(changes=st.lists(st.tuples(st.integers(4_096, 30_000), st.binary(min_size=1, max_size=8)), max_size=12))
def test_changed_bytes_never_lose_the_balance(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("evtx") / "a.evtx"
    data = bytearray(evtx_file(events(12)))
    for place, content in changes:
        data[place : place + len(content)] = content
    path.write_bytes(data)
    read(path)
