"""What SMTP and FTP have in common: lines of commands, and replies of three digits and text.

RFC 5321 section 4.2 and RFC 959 section 4.2. A reply of either looks the same, so where nothing was said before, the
server's greeting and the ports tell which of the two it is.
"""

from typing import Final

from sensors.capture.protocols.cursor import text
from sensors.capture.protocols.model import Context, Framing, NotThis, Shape, Sign, Stands, Transport

LINES: Final = Framing("lines", Transport.TCP, Shape.LINES, least=4)
SMTP_PORTS: Final = (25, 465, 587, 2_525)
FTP_PORTS: Final = (21, 990)
GREETINGS: Final = (Sign(LINES, "32 32 30 20", stands=Stands.FIRST), Sign(LINES, "32 32 30 2d", stands=Stands.FIRST))
"""Of a server of either kind, on any port."""

def later(*lines: bytes) -> tuple[Sign, ...]:
    """Signs of lines, up to eight octets of each, that no other protocol has, for dialogues without their beginning."""
    return tuple(Sign(LINES, line[:8].hex(" "), stands=Stands.LATER) for line in lines)


LONGEST: Final = 512
"""How many octets of a reply's text or of an argument are kept."""


def reply(octets: bytes) -> tuple[int, list[str]] | None:
    """Code and lines of a reply; None where the octets are none."""
    if not octets[:3].isdigit() or octets[3:4] not in {b" ", b"-", b"\r", b"\n"}:
        return None
    code = int(octets[:3])
    if not 100 <= code < 600:
        return None
    lines = []
    for line in octets[: 8 * LONGEST].split(b"\n"):
        told = line.rstrip(b"\r")
        behind = told[4:] if told[:3] == octets[:3] and told[3:4] in {b" ", b"-"} else told
        if behind.strip() and told != octets[:3]:
            lines.append(text(behind.strip(), LONGEST))
    return code, lines


def greets(code: int, lines: list[str], context: Context, mine: tuple[int, ...], words: tuple[str, ...]) -> bool:
    """Whether a greeting is of a protocol: by its ports, or by a word that its servers write; other codes are."""
    ports = {context.sender_port, context.receiver_port}
    if ports.intersection(mine):
        return True
    if ports.intersection((*SMTP_PORTS, *FTP_PORTS)):
        return False
    told = " ".join(lines).upper()
    return code != 220 or any(word in told for word in words)


def line(octets: bytes) -> tuple[str, bytes]:
    """The command of a line in capitals and its argument.

    Raises:
        NotThis: it is no line of text.
    """
    command, _, argument = octets.rstrip(b"\r\n").partition(b" ")
    if not 3 <= len(command) <= 8 or not command.isalpha() or not command.isascii() or b"\0" in argument:
        raise NotThis("no command")
    return command.upper().decode("ascii"), argument.strip()
