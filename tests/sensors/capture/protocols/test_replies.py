import pytest

from sensors.capture.protocols.model import Context, NotThis
from sensors.capture.protocols.replies import LINES, SMTP_PORTS, greets, line, reply


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"220 ready\r\n", (220, ["ready"])),
        (b"250-a\r\n250-b c\r\n250 d\r\n", (250, ["a", "b c", "d"])),
        # Lines between the first and the last may bear no code (RFC 959 section 4.2).
        (b"211-a\r\n 1 of 2\r\n211 end\r\n", (211, ["a", "1 of 2", "end"])),
        (b"250\r\n", (250, [])),
        (b"2500 a\r\n", None),
        (b"099 a\r\n", None),
        (b"hello\r\n", None),
        (b"22", None),
    ],
)
def test_codes_and_lines(octets: bytes, expected: tuple[int, list[str]] | None) -> None:
    assert reply(octets) == expected


def test_a_greeting_tells_whose_it_is() -> None:
    def mine(port: int, text: str, code: int = 220) -> bool:
        return greets(code, [text], Context(LINES, answering=True, sender_port=port), SMTP_PORTS, ("SMTP",))

    assert mine(25, "ready")
    assert mine(4_000, "an ESMTP server")
    assert not mine(4_000, "ready")
    assert not mine(21, "ESMTP")
    assert mine(4_000, "anything", 250)


@pytest.mark.parametrize("octets", [b"", b"AB\r\n", b"ABCDEFGHI\r\n", b"A-B c\r\n", b"USER a\0b\r\n"])
def test_what_is_no_command(octets: bytes) -> None:
    with pytest.raises(NotThis):
        line(octets)
