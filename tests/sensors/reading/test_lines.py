"""Lines by portions: every byte of the file is in one line, whatever the lines are like."""

import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.errors import UnreadableInput
from sensors.event.model import Source
from sensors.parser import Lines, Parsed
from sensors.reading.files import check
from sensors.reading.lines import TOO_LONG, LineReader
from sensors.reading.model import MAX_REJECT_BYTES, PORTION_EVENTS, Portion, Position

SOURCE = Source("00" * 16, "text", "x")
BEGINNING = Position()


class Recorder:
    """A parser that remembers what it was given and skips all of it; its state counts its lines."""

    name = "recorder"

    def __init__(self) -> None:
        self.lines: list[tuple[int, int, bytes]] = []

    def recognises(self, head: Any) -> bool:
        return bool(head)

    def parse(self, lines: Lines, state: Any) -> Parsed:
        numbered = enumerate(zip(lines.offsets, lines.texts, strict=True), start=lines.first)
        self.lines += [(number, offset, text) for number, (offset, text) in numbered]
        return Parsed((), (), len(lines.texts), (state or 0) + len(lines.texts))


def read(
    path: Path, start: Position = BEGINNING, *, follow: bool = False, max_line: int = 1 << 20
) -> tuple[list[Portion], list[tuple[int, int, bytes]]]:
    recorder = Recorder()
    portions = list(LineReader(recorder, follow=follow, max_line=max_line).portions(path, SOURCE, start, 1))
    for portion in portions:
        counts = Counter(portion.counts)
        assert counts["records", "read"] == counts["records", "rejected"] + counts["records", "skipped"]
    return portions, recorder.lines


def test_lines_have_their_numbers_and_offsets(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\ntwo\r\n\nfour\0five\nsix")
    portions, lines = read(path)
    assert lines == [(1, 0, b"one"), (2, 4, b"two"), (3, 9, b""), (4, 10, b"four\0five"), (5, 20, b"six")]
    assert portions[-1].position == Position(23, 6, 5, check(path, 23))
    assert portions[-1].done


def test_a_followed_file_keeps_its_unfinished_line_for_later(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\ntw")
    portions, lines = read(path, follow=True)
    assert lines == [(1, 0, b"one")]
    assert portions[-1].done
    with path.open("ab") as file:
        file.write(b"o\nthree\n")
    later, lines = read(path, portions[-1].position, follow=True)
    assert lines == [(2, 4, b"two"), (3, 8, b"three")]
    assert later[-1].position.state == 3
    assert read(path, later[-1].position, follow=True) == ([], [])


def test_portions_are_bounded_and_reading_goes_on_after_each_of_them(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"".join(b"%d\n" % number for number in range(PORTION_EVENTS * 2 + 5)))
    portions, lines = read(path)
    assert [portion.counts["records", "read"] for portion in portions] == [PORTION_EVENTS, PORTION_EVENTS, 5]
    assert [portion.done for portion in portions] == [False, False, True]
    again, rest = read(path, portions[0].position)
    assert rest == lines[PORTION_EVENTS:]
    assert [portion.position for portion in again] == [portion.position for portion in portions[1:]]


def test_a_window_of_bytes_bounds_a_portion_too(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes((b"x" * 999_999 + b"\n") * 9)
    portions, lines = read(path)
    assert len(lines) == 9
    assert len(portions) == 3
    assert portions[-1].done


@pytest.mark.parametrize("size", [1_000_001, 4 << 20, (4 << 20) + 1, 9_000_000])
def test_a_line_beyond_the_limit_is_one_reject_and_the_next_goes_on(tmp_path: Path, size: int) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\n" + b"y" * size + b"\nthree\n")
    portions, lines = read(path, max_line=1_000_000)
    assert lines == [(1, 0, b"one"), (3, size + 5, b"three")]
    (reject,) = [reject for portion in portions for reject in portion.rejects]
    assert (reject.ordinal, reject.offset, reject.reason, reject.size) == (2, 4, TOO_LONG, size)
    assert reject.raw == b"y" * MAX_REJECT_BYTES


def test_an_unfinished_line_beyond_the_limit_waits_where_it_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"y" * 6_000_000)
    assert read(path, follow=True, max_line=1_000) == ([], [])
    portions, _ = read(path, max_line=1_000)
    assert portions[0].rejects[0].size == 6_000_000
    assert portions[0].position.offset == 6_000_000
    assert portions[0].done


def test_a_line_of_100_megabytes_costs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.truncate(100_000_000)
        file.seek(100_000_000)
        file.write(b"\nnext\n")
    tracemalloc.start()
    try:
        portions, lines = read(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert lines == [(2, 100_000_001, b"next")]
    assert portions[0].rejects[0].size == 100_000_000
    assert peak < 20 << 20


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"\xef\xbb\xbfone\n\xef\xbb\xbftwo\n")
    assert [text for _, _, text in read(path)[1]] == [b"one", b"\xef\xbb\xbftwo"]


def test_nothing_new_is_no_portion(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"")
    assert read(path) == ([], [])


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput):
        read(tmp_path / "missing")
    with pytest.raises(UnreadableInput):
        read(tmp_path)


@settings(max_examples=150)
@given(data=st.binary(max_size=300), max_line=st.integers(1, 40), follow=st.booleans())
def test_every_byte_is_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, max_line: int, follow: bool
) -> None:
    path = tmp_path_factory.mktemp("lines") / "log"
    path.write_bytes(data.replace(b"\r", b"").replace(b"\xef", b""))
    portions, lines = read(path, follow=follow, max_line=max_line)
    pieces = {offset: text for _, offset, text in lines}
    pieces |= {reject.offset: reject.raw for portion in portions for reject in portion.rejects}
    whole = b"\n".join(pieces[offset] for offset in sorted(pieces))
    content = path.read_bytes()
    end = portions[-1].position.offset if portions else 0
    assert whole == content[:end].removesuffix(b"\n") if pieces else end == 0
    assert end == (content.rfind(b"\n") + 1 if follow else len(content))
    assert not any(len(text) > max_line for _, _, text in lines)
