"""Every line is in one record, records begin where they say so, and none becomes too long."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.event.model import Source
from sensors.event.times import SECOND
from sensors.parser import Lines, Parsed
from sensors.reading.joining import Joining, beginnings, records
from sensors.reading.lines import SETTLED, LineReader
from sensors.reading.model import Position

BEGINS = re.compile(rb"^\d")
JOINING = Joining(BEGINS)
SOURCE = Source("00" * 16, "text", "x")


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([b"1 a", b"2", b"\tat x", b"", b"  y" * 9]), max_size=30),
    st.booleans(), st.integers(1, 5), st.integers(1, 60),
)
def test_every_line_is_in_one_record(texts: list[bytes], closed: bool, most_lines: int, most_bytes: int) -> None:
    joining = Joining(BEGINS, most_lines, most_bytes)
    begins, whole = beginnings(texts, joining, closed=closed)
    assert whole == len(texts) if closed else whole <= len(texts)
    lines = Lines(SOURCE, 0, texts[:whole], list(range(whole)), 10)
    made = records(lines, begins)
    assert b"\n".join(made.texts).split(b"\n") == (texts[:whole] or [b""])
    assert made.numbers == [10 + begin for begin in begins]
    assert list(made.offsets) == begins
    for text in made.texts:
        inside = text.split(b"\n")
        assert len(inside) <= most_lines
        assert len(inside) == 1 or len(text) < most_bytes
        assert not any(BEGINS.search(line) for line in inside[1:])


class Recorder:
    """A parser that remembers what it was given and skips all of it."""

    name = "recorder"
    joining = JOINING

    def __init__(self) -> None:
        self.seen: list[tuple[int, int, bytes]] = []

    def recognises(self, head: Any) -> bool:
        return bool(head)

    def parse(self, lines: Lines, _state: Any) -> Parsed:
        places = range(len(lines.texts))
        self.seen += [(lines.number(place), lines.offsets[place], lines.texts[place]) for place in places]
        return Parsed((), (), len(lines.texts))


def read(path: Path, start: Position, received: int, *, follow: bool) -> tuple[Recorder, Position, int]:
    recorder, count, at = Recorder(), 0, start
    for portion in LineReader(recorder, follow=follow).portions(path, SOURCE, start, received):
        at = portion.position
        count += portion.counts["records", "read"]
    return recorder, at, count


def test_records_of_a_file_have_the_numbers_and_offsets_of_their_first_lines(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"odd\n1 one\r\n\tat a\r\n\tat b\n2 two\n3 three\n end")
    recorder, at, count = read(path, Position(), 0, follow=False)
    assert recorder.seen == [
        (1, 0, b"odd"), (2, 4, b"1 one\n\tat a\n\tat b"), (5, 24, b"2 two"), (6, 30, b"3 three\n end"),
    ]
    assert (at.offset, at.ordinal, count) == (path.stat().st_size, 8, 4)


@pytest.mark.parametrize("late", [False, True])
def test_the_last_record_of_a_followed_file_waits_while_the_file_changes(tmp_path: Path, late: bool) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"1 one\n a\n2 two\n b\n")
    received = path.stat().st_mtime_ns + (SETTLED + SECOND if late else SECOND)
    recorder, at, _ = read(path, Position(), received, follow=True)
    first = [(1, 0, b"1 one\n a")]
    assert recorder.seen == (first if not late else [*first, (3, 9, b"2 two\n b")])
    with path.open("ab") as file:
        file.write(b" c\n3 three\n")
    recorder, at, _ = read(path, at, path.stat().st_mtime_ns, follow=True)
    assert recorder.seen[0][2] == (b" c" if late else b"2 two\n b\n c")
    recorder, at, _ = read(path, at, 0, follow=False)
    assert recorder.seen == [(6, 21, b"3 three")]


def test_a_file_of_nothing_but_continuations_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b" at x\n" * 200_000)
    recorder, _, count = read(path, Position(), 0, follow=True)
    assert count == 200
    assert {len(text.split(b"\n")) for _, _, text in recorder.seen} == {1_000}
