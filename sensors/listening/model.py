"""What receivers hand over: messages of one sender, what could not be one, and who waits for the disk."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sensors.reading.model import MAX_REJECT_BYTES

SEQUENCE_BITS = 32
"""A connection's messages are placed at session << 32 | sequence, so that each has a place of its own for ever."""
MAX_SESSION = (1 << 30) - 1
MAX_SEQUENCE = (1 << SEQUENCE_BITS) - 1

LINE_FEED = b"#012"
"""A newline within a message, spelled as rsyslog spells it: parsers take messages as lines."""

TOO_LONG = "message-too-long"
CUT = "syslog-frame-cut"
STALLED = "syslog-frame-stalled"
BROKEN = "syslog-frame-broken"
CROWDED = "listener-crowded"


@dataclass(frozen=True, slots=True)
class Refused:
    """Bytes that are no message: why (a message code), the first of them, and how many there were."""

    reason: str
    raw: bytes
    size: int
    detail: str = ""


def refused(reason: str, raw: bytes, size: int | None = None, detail: str = "") -> Refused:
    """What is refused, its bytes cut to what the quarantine keeps."""
    return Refused(reason, bytes(raw[:MAX_REJECT_BYTES]), len(raw) if size is None else size, detail)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of messages whose sender waits: the error that kept them from the disk, or those that no parser took.

    `refused` has the reasons by the message's index. What is neither an error nor refused is on disk.
    """

    error: Exception | None = None
    refused: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Messages that came together from one sender.

    Attributes:
        sender: its address.
        texts: the messages, none of them with a newline inside.
        size: about how many bytes they hold in memory.
        places: session << 32 | sequence of each message of a connection; None for datagrams, whose place is their
            arrival number.
        refused: bytes that are no messages.
        lost: what is known to be lost, by bucket of the ledger's stage `lost`.
        persisted: is called once everything is on disk, or never will be; with it the messages wait for nothing else,
            and are given up where the spool refuses them.
        stream: what tells several streams of one sender apart, each of which may have a format of its own.
        keys: the sender's own identity of each message, None where it gave none; empty where nobody gives any.
        documents: whether each has to be a JSON object, so that any other text is refused.
    """

    sender: str
    texts: Sequence[bytes]
    size: int
    places: Sequence[int] | None = None
    refused: Sequence[Refused] = ()
    lost: Mapping[str, int] = field(default_factory=dict)
    persisted: Callable[[Answer], None] | None = None
    stream: str = ""
    keys: Sequence[str | None] = ()
    documents: bool = False


def lines_of(texts: list[bytes]) -> list[bytes]:
    """Messages without line ends behind and newlines within, blank ones too.

    RFC 5424 ends a message where its frame ends; what senders add there (LF, CR LF, NUL) is no part of it.
    """
    stripped = [text.rstrip(b"\r\n\0") for text in texts]
    if b"\n" in b"".join(stripped):
        return [text.replace(b"\n", LINE_FEED) for text in stripped]
    return stripped
