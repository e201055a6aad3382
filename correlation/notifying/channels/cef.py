r"""A topic as one line of CEF, for those who collect that.

Evidence: ArcSight Common Event Format (CEF) Implementation Standard, version 26:
`CEF:0|vendor|product|version|signature|name|severity|extension`; `\` and `|` are escaped in the header, `\` and `=` in
the extension; `src` and `dst` are IPv4, `c6a2` and `c6a3` IPv6 with their labels; severity is 0 to 10.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from correlation.alerts.model import Level
from correlation.notifying.escaping import cef_header, cef_value
from correlation.notifying.model import Notice, Topic

SEVERITIES: Final[Mapping[Level, int]] = {"informational": 1, "low": 3, "medium": 5, "high": 8, "critical": 10}
MILLISECOND: Final = 1_000_000
_KEYS: Final = (
    # In the order of what one would miss most: where a line must be shortened, the last goes first.
    ("source.port", "spt"),
    ("destination.port", "dpt"),
    ("host.name", "dhost"),
    ("user.name", "duser"),
    ("network.transport", "proto"),
    ("http.request.method", "requestMethod"),
    ("url.original", "request"),
    ("file.path", "filePath"),
    ("process.executable", "sproc"),
    ("event.action", "act"),
    ("user_agent.original", "requestClientApplication"),
    ("message", "msg"),
)
_ADDRESSES: Final = (
    ("source.ip", "src", "c6a2", "Source IPv6 Address"),
    ("destination.ip", "dst", "c6a3", "Destination IPv6 Address"),
)


def cef(notice: Notice, topic: Topic, title: str, version: str, most: int) -> str:
    """A topic of a notice in CEF, at most so many bytes of UTF-8; what is longer loses keys from its end."""
    fields = ("hanwatch", "hanwatch", version, topic.rule_id or notice.kind, title)
    line = "CEF:0|" + "|".join(map(cef_header, fields)) + f"|{SEVERITIES[topic.level]}|"
    size = len(line.encode())
    parts: list[str] = []
    for key, value in _extension(notice, topic):
        part = f"{key}={value}"
        if size + len(part.encode()) + 1 > most:
            break
        parts.append(part)
        size += len(part.encode()) + 1
    return line + " ".join(parts)


def _extension(notice: Notice, topic: Topic) -> Iterator[tuple[str, str]]:
    yield "rt", str(notice.created // MILLISECOND)
    # The key by which a repetition is known, then what tells topics of one digest apart.
    yield "externalId", topic.alerts[0] if topic.alerts else notice.id
    yield "cnt", str(topic.count)
    yield "start", str(topic.first // MILLISECOND)
    yield "end", str(topic.last // MILLISECOND)
    known: dict[str, Any] = dict(topic.entities)
    if topic.evidence:
        known |= topic.evidence[0].summary
    for name, old, new, label in _ADDRESSES:
        if value := known.get(name):
            if ":" in str(value):
                yield f"{new}Label", label
                yield new, cef_value(value)
            else:
                yield old, cef_value(value)
    if topic.attack:
        yield "cs1Label", "ATT&CK"
        yield "cs1", cef_value(", ".join(topic.attack))
    if topic.evidence:
        shown = topic.evidence[0]
        yield "cat", cef_value(shown.dataset)
        yield "cs2Label", "evidence"
        yield "cs2", cef_value(f"{shown.source} {shown.unit} {shown.ordinal}")
    yield "cs3Label", "notice"
    yield "cs3", f"{notice.kind} {notice.id}"
    for name, key in _KEYS:
        if (value := known.get(name)) not in (None, ""):
            yield key, cef_value(value)
