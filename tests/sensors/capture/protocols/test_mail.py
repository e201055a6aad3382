import pytest

from sensors.capture.protocols.mail import address, decoded, describe, fields_of, mailboxes
from sensors.capture.protocols.model import NotThis


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?Q?a=5Fb_c?=", "a_b c"),
        (b"=?UTF-8?B?5Y+M?= =?utf-8?b?5pa5?= end", "双方 end"),
        # A character that begins in one word and ends in the next.
        (b"=?utf-8?B?5Y8=?=\t=?utf-8?B?jA==?=", "双"),
        (b"=?gb2312?B?sru2rw==?=", "不动"),
        (b"=?unknown-8bit?B?sru2rw==?=", "=?unknown-8bit?B?sru2rw==?="),
        (b"=?rot13?Q?uryyb?=", "=?rot13?Q?uryyb?="),
        (b"=?utf-8?B?A?=", "=?utf-8?B?A?="),
        (b"\xff raw", "\\xff raw"),
    ],
)
def test_words_in_other_character_sets(value: bytes, expected: str) -> None:
    assert decoded(value) == expected


def test_address_lists_are_parted_where_an_address_ends() -> None:
    told = '"a, b" <a@x.example>, c@y.example (who, why), team: d@z.example; <@relay:e@w.example>, nobody'
    assert [address(box) for box in mailboxes(told)] == [
        "a@x.example", "c@y.example", "d@z.example", "e@w.example", "",
    ]


def test_parentheses_without_end_are_read() -> None:
    assert [address(box) for box in mailboxes("(" * 50_000 + "a@b.example, c@d.example")] == [""]


def test_values_are_unfolded_and_end_with_the_header() -> None:
    assert fields_of(b"A: 1\r\n\t2\r\nB:3\r\nA: 4\r\n\r\nC: 5\r\n") == {"a": [b"1 2", b"4"], "b": [b"3"]}


@pytest.mark.parametrize(
    "octets", [b"", b"\r\n", b"Note: this\r\nHint: that\r\n", b"Content-Type: a/b\r\nTo: c\r\n\r\n"]
)
def test_other_lines_with_colons_are_no_mail(octets: bytes) -> None:
    with pytest.raises(NotThis):
        describe(octets)
