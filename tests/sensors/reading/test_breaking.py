"""Lines of UTF-16 break at code units: no character that holds a byte 0A is torn."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.event.model import Source
from sensors.parsers.encoding import Said
from sensors.parsers.locality import Localities, Rule, put_in_force
from sensors.parsers.registry import line_parsers
from sensors.parsers.unknown import UnknownLines
from sensors.reading.breaking import Breaks, breaks_of, first_lines, resumed
from sensors.reading.detection import detect
from sensors.reading.lines import TOO_LONG, LineReader
from sensors.reading.model import Portion, Position

ORDERS = ("utf-16-le", "utf-16-be")
TEXT = "user 上海 logged in\r\nਊ and ऊ hold it too\n\nlast 上"
"""U+4E0A has its byte 0A first in the one order, U+0A0A in both, U+0A?? in the other."""
LINES = ["user 上海 logged in", "ਊ and ऊ hold it too", "last 上"]
SOURCE = Source("00" * 16, "text", "wide.log")


def read(path: Path, start: Position, *, follow: bool = False) -> tuple[list[Portion], list[str]]:
    portions = list(LineReader(UnknownLines(), follow=follow).portions(path, SOURCE, start, 1))
    rows = [row for portion in portions for batch in portion.batches for row in batch.rows()]
    assert {row["hanwatch.encoding"] for row in rows} <= set(ORDERS)
    return portions, [row["message"] for row in sorted(rows, key=lambda row: row["event.sequence"])]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_a_file_of_utf_16_is_read_by_code_units_with_and_without_its_mark(
    tmp_path: Path, order: str, mark: str
) -> None:
    path = tmp_path / "wide.log"
    path.write_bytes((mark + TEXT).encode(order))
    portions, texts = read(path, Position())
    assert texts == LINES
    assert portions[-1].position.offset == path.stat().st_size
    assert portions[-1].done
    assert portions[-1].counts["records", "skipped"] == 1
    assert detect(path, named=True).format == "log.unknown"


@pytest.mark.parametrize("order", ORDERS)
def test_a_followed_file_is_read_on_wherever_it_was_cut(tmp_path: Path, order: str) -> None:
    whole = ("\ufeff" + TEXT + "\n").encode(order)
    path = tmp_path / "wide.log"
    for cut in range(2, len(whole)):
        path.write_bytes(whole[:cut])
        portions, first = read(path, Position(), follow=True)
        start = portions[-1].position if portions else Position()
        path.write_bytes(whole)
        again, rest = read(path, start, follow=True)
        assert first + rest == LINES, cut
        assert again[-1].position.offset == len(whole)


def test_half_a_code_unit_at_the_end_waits_for_its_other_half(tmp_path: Path) -> None:
    path = tmp_path / "wide.log"
    whole = "one 上\ntwo 上".encode("utf-16")
    path.write_bytes(whole[:-1])
    portions, texts = read(path, Position())
    assert texts == ["one 上", "two "]
    assert portions[-1].done
    assert read(path, portions[-1].position) == ([], [])
    path.write_bytes(whole)
    assert read(path, portions[-1].position)[1] == ["上"]


@pytest.mark.parametrize("order", ORDERS)
def test_what_lies_behind_a_window_is_read_by_code_units_too(tmp_path: Path, order: str) -> None:
    path = tmp_path / "wide.log"
    line = "上" * 300_001
    path.write_bytes(("\ufeff" + f"{line}\n" * 20).encode(order))
    portions, texts = read(path, Position())
    assert texts == [line] * 20
    assert len(portions) > 1
    rests = [read(path, portion.position)[1] for portion in portions]
    assert [len(rest) for rest in rests] == sorted((len(rest) for rest in rests), reverse=True)
    assert rests[-1] == []


def test_a_line_beyond_the_limit_is_one_reject_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "wide.log"
    path.write_bytes(("\ufeffone\n" + "上" * 3_000_000 + "\nthree 上\n").encode("utf-16-le"))
    portions, texts = read(path, Position())
    assert texts == ["one", "three 上"]
    (reject,) = (reject for portion in portions for reject in portion.rejects)
    assert (reject.reason, reject.ordinal, reject.offset, reject.size) == (TOO_LONG, 2, 10, 6_000_000)


@pytest.mark.parametrize("said", ["utf-16-be", "utf-16-le"])
def test_an_order_that_was_said_holds_where_nothing_else_tells_it(tmp_path: Path, said: Said) -> None:
    path = tmp_path / "wide.log"
    path.write_bytes("上海上\n中文\n".encode(said))
    put_in_force(Localities(rules=[Rule("*wide.log", encoding=said)]))
    try:
        assert read(path, Position())[1] == ["上海上", "中文"]
        assert detect(path, named=True).format == "log.unknown"
    finally:
        put_in_force(Localities())


def test_bytes_that_are_no_utf_16_are_spelled_out_and_the_next_line_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "wide.log"
    path.write_bytes(b"\xff\xfe" + b"\x00\xd8a\0" + "\n上\n".encode("utf-16-le"))
    assert read(path, Position())[1] == ["\\x00\\xd8a", "上"]


@pytest.mark.parametrize("order", ORDERS)
def test_every_format_reads_its_lines_from_utf_16_as_from_utf_8(tmp_path: Path, order: str) -> None:
    lines = {
        "syslog.rfc3164": "<34>Oct 11 22:14:15 host su: 上海",
        "syslog.rfc5424": "<34>1 2026-10-11T22:14:15Z host su - - - 上海",
        "ecs.json": '{"@timestamp":"2026-10-11T22:14:15Z","message":"上海"}',
        "web.access": '192.0.2.1 - - [11/Oct/2026:22:14:15 +0000] "GET /上 HTTP/1.1" 200 5 "-" "-"',
    }
    parsers = {parser.name: parser for parser in line_parsers()}
    for name, line in lines.items():
        path = tmp_path / name
        path.write_bytes(("\ufeff" + f"{line}\n" * 3).encode(order))
        assert detect(path).format == name
        found = [
            [row for portion in LineReader(parsers[name]).portions(here, SOURCE, Position(), 1)
             for batch in portion.batches for row in batch.rows()]
            for here in (path, _plain(tmp_path, line))
        ]  # fmt: skip
        assert [row.pop("hanwatch.encoding") for row in found[0]] == [order] * 3
        for row in (*found[0], *found[1]):
            del row["event.id"]
        assert found[0] == found[1]


def _plain(folder: Path, line: str) -> Path:
    path = folder / "plain"
    path.write_text(f"{line}\n" * 3)
    return path


@given(st.text(), st.sampled_from(ORDERS), st.integers(1, 5))
def test_no_byte_is_lost_whatever_the_text(text: str, order: str, most: int) -> None:
    data = text.encode(order, "surrogatepass")
    breaks = Breaks(order)  # type: ignore[arg-type]  # one of the two
    pieces = breaks.split(data, most)
    assert b"\n".join(breaks.narrow(pieces)) == data.decode(order, "backslashreplace").encode()
    assert len(pieces) - 1 == min(most, text.count("\n"))
    assert breaks.find(data) == (len(pieces[0]) if len(pieces) > 1 else -1)


@given(st.binary(max_size=200))
def test_first_lines_of_anything_are_told(data: bytes) -> None:
    assert all(line.strip() for line in first_lines(data, None, 5, cut=False))


def test_files_that_only_hold_zeros_here_and_there_are_not_utf_16() -> None:
    assert breaks_of(bytes.fromhex("7f454c4602010100") + bytes(8) + b"\x03\0\x3e\0\1\0\0\0", None) == Breaks()
    assert breaks_of(b"plain text\n", None) == Breaks()
    assert breaks_of("text\n".encode("utf-16-be"), None) == Breaks("utf-16-be")
    assert breaks_of(b"", None) == Breaks()
    assert breaks_of("text".encode("utf-16-le"), "gb18030") == Breaks()


def test_the_parsers_state_stands_beside_the_order() -> None:
    for one in (Breaks(), Breaks("utf-16-le")):
        assert resumed(one.state({"a": 1})) == (one, {"a": 1})
