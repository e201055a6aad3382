"""When compiled code is used, and that what it reads is what is read without it, for all formats."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sensors.event.model import Batch, Source
from sensors.parser import LineParser, Lines
from sensors.parsers import compiling
from sensors.parsers.evtx_writing import evtx_file
from sensors.parsers.unknown import DATASET as UNKNOWN
from sensors.reading.evtx import EvtxReader
from sensors.reading.model import Position, Reject
from tests.sensors.parsers.test_fuzz import PARSERS, RECEIVED, SAMPLES
from tests.sensors.reading.test_evtx import events

SOURCE = Source("00" * 16, "text", "sample")
LEARNING_NOTHING = [one for one in PARSERS if one.id != UNKNOWN]
"""Who reads lines of no known format groups them by what came before."""


@contextmanager
def using(*, compiled: bool) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "WORTHWHILE", 0 if compiled else 1 << 60)
        patch.setattr(compiling, "FEWEST", 0)
        yield


def told(batches: tuple[Batch, ...], rejects: tuple[Reject, ...]) -> tuple[dict[int, Any], list[str]]:
    return {row["event.sequence"]: row for batch in batches for row in batch.rows()}, sorted(map(repr, rejects))


@pytest.mark.parametrize("parser", LEARNING_NOTHING)
def test_samples_are_the_same_either_way(parser: LineParser) -> None:
    texts = SAMPLES[parser.name]
    lines = Lines(SOURCE, RECEIVED, texts, range(0, 100 * len(texts), 100), 1)
    with using(compiled=False):
        plain = parser.parse(lines, None)
    with using(compiled=True):
        compiled = parser.parse(lines, None)
    assert told(compiled.batches, compiled.rejects) == told(plain.batches, plain.rejects)
    assert compiled.skipped == plain.skipped


def test_records_of_windows_are_the_same_either_way(tmp_path: Path) -> None:
    path = tmp_path / "a.evtx"
    path.write_bytes(evtx_file(events(300)))
    found = []
    for compiled in (False, True):
        with using(compiled=compiled):
            (portion,) = EvtxReader().portions(path, SOURCE, Position(), RECEIVED)
            found.append(told(portion.batches, portion.rejects))
    assert len(found[0][0]) == 300
    assert found[0] == found[1]


@pytest.mark.parametrize("inner", [
    "<System.Channel>Security</System.Channel><System.EventID>4624</System.EventID>",
    "<System>x</System><System.Channel>Security</System.Channel>",
    "<System><Channel.x>Security</Channel.x><EventID>1</EventID></System>",
    "<System><Channel>Security</Channel><EventID>1</EventID></System>",
])
def test_elements_with_points_in_their_names_pass_for_nothing_else_either_way(inner: str) -> None:
    lines = Lines(SOURCE, RECEIVED, [f'<Event xmlns="x">{inner}</Event>'.encode()] * 3, range(3), 1)
    parser = next(one.values[0] for one in PARSERS if one.id == "windows.xml")
    found = []
    for compiled in (False, True):
        with using(compiled=compiled):
            parsed = parser.parse(lines, None)
            found.append(told(parsed.batches, parsed.rejects))
    assert found[0] == found[1]


def test_the_fast_way_opens_after_enough_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "WORTHWHILE", 100)
    monkeypatch.setattr(compiling.Meter, "met", 0)
    lines = Lines(SOURCE, 0, [b'{"a":1}'] * 60, range(60), 1)
    assert [compiling.block_of(lines) is None for _ in range(3)] == [True, True, False]
    assert compiling.block_of(Lines(SOURCE, 0, [b"{}"], [0], 1)) is None


def test_who_cannot_wait_later_opens_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling.Meter, "met", 0)
    compiling.prepare()
    assert compiling.worthwhile(compiling.FEWEST)
    assert not compiling.worthwhile(compiling.FEWEST - 1)
