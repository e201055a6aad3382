from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.listening.framing import Framing
from sensors.listening.model import BROKEN, CUT, TOO_LONG, Refused

LONGEST = 100


def _fed(framing: Framing, pieces: list[bytes]) -> tuple[list[bytes], list[Refused]]:
    texts: list[bytes] = []
    odd: list[Refused] = []
    for piece in pieces:
        more, wrong = framing.feed(piece)
        texts += more
        odd += wrong
    more, wrong = framing.close()
    return texts + more, odd + wrong


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[begin:end] for begin, end in pairwise(ends)]


CUTS = st.lists(st.integers(0, 10_000), max_size=12)


def test_lines_end_at_newlines_and_the_last_at_the_end() -> None:
    assert _fed(Framing(LONGEST), [b"<34>one\n<34>t", b"wo\n<34>three"]) == ([b"<34>one", b"<34>two", b"<34>three"], [])


def test_counted_messages_may_hold_newlines() -> None:
    framing = Framing(LONGEST)
    assert _fed(framing, [b"9 <34>a\nb c", b"7 <34>", b"xyz"]) == ([b"<34>a\nb c", b"<34>xyz"], [])
    assert framing.method == "counted"


@pytest.mark.parametrize(
    "first", [b"2026-05-13T07:04:08Z host su: x", b"10.0.0.1 - - [x]", b"12 monkeys", b"{}", b"0 <34>"]
)
def test_a_line_that_begins_with_digits_is_no_length(first: bytes) -> None:
    framing = Framing(LONGEST)
    assert _fed(framing, [bytes([octet]) for octet in first + b"\n"]) == ([first], [])
    assert framing.method == "lines"


def test_the_method_is_decided_once() -> None:
    texts, odd = _fed(Framing(LONGEST), [b"<34>a\n7 <34>xyz\n"])
    assert (texts, odd) == ([b"<34>a", b"7 <34>xyz"], [])
    texts, odd = _fed(Framing(LONGEST), [b"5 <34>a<34>b\n5 <34>c"])
    assert texts == [b"<34>a"]
    assert [(one.reason, one.raw) for one in odd] == [(BROKEN, b"<34>b\n5 <34>c")]


def test_a_newline_that_a_counted_message_does_not_count_is_passed_over() -> None:
    assert _fed(Framing(LONGEST), [b"5 <34>a\n5 <34>b\r\n"]) == ([b"<34>a", b"<34>b"], [])


def test_a_frame_cut_short_is_refused() -> None:
    texts, odd = _fed(Framing(LONGEST), [b"5 <34>a50 <34>b"])
    assert texts == [b"<34>a"]
    assert [(one.reason, one.size) for one in odd] == [(CUT, len(b"50 <34>b"))]


@pytest.mark.parametrize("piece", [1, 7, 64, 100_000])
def test_an_endless_line_is_measured_and_never_held(piece: int) -> None:
    framing = Framing(LONGEST)
    data = b"<34>" + b"x" * 100_000 + b"\n<34>after\n"
    texts: list[bytes] = []
    odd: list[Refused] = []
    held = 0
    for begin in range(0, len(data), piece):
        more, wrong = framing.feed(data[begin : begin + piece])
        texts += more
        odd += wrong
        held = max(held, framing.held)
    assert texts == [b"<34>after"]
    assert [(one.reason, one.size) for one in odd] == [(TOO_LONG, 100_004)]
    assert held <= LONGEST + piece


def test_a_frame_that_is_too_long_is_skipped_and_the_next_one_read() -> None:
    data = b"5 <34>a" + b"100000 <34>" + b"y" * 99_996 + b"5 <34>b"
    for piece in (1, 100, 200_000):
        texts, odd = _fed(Framing(LONGEST), [data[begin : begin + piece] for begin in range(0, len(data), piece)])
        assert texts == [b"<34>a", b"<34>b"]
        assert [(one.reason, one.size) for one in odd] == [(TOO_LONG, 100_000)]


@given(st.lists(st.binary(min_size=1, max_size=60).map(lambda data: b"<1>" + data)), CUTS)
def test_counted_messages_come_out_as_they_went_in_however_they_are_cut(messages: list[bytes], cuts: list[int]) -> None:
    data = b"".join(b"%d %s" % (len(message), message) for message in messages)
    assert _fed(Framing(LONGEST), _cut(data, cuts)) == (messages, [])


@given(st.lists(st.binary(max_size=60).map(lambda data: b"<1>" + data.replace(b"\n", b"")), min_size=1), CUTS)
def test_lines_come_out_as_they_went_in_however_they_are_cut(lines: list[bytes], cuts: list[int]) -> None:
    assert _fed(Framing(LONGEST), _cut(b"\n".join(lines) + b"\n", cuts)) == (lines, [])


@given(st.one_of(st.binary(max_size=600), st.from_regex(rb"([1-9]\d{0,3} <\d>.{0,40}\n?)*", fullmatch=True)), CUTS)
def test_anything_gives_the_same_however_it_is_cut_and_nothing_vanishes(data: bytes, cuts: list[int]) -> None:
    whole = _fed(Framing(LONGEST), [data])
    assert _fed(Framing(LONGEST), _cut(data, cuts))[0] == whole[0]
    texts, odd = whole
    accounted = sum(map(len, texts)) + sum(one.size for one in odd)
    assert accounted <= len(data)
    assert all(len(text) <= LONGEST for text in texts)
    if data and not data.isspace():
        assert texts or odd
