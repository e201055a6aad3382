"""Syslog as RFC 5424 has it: version, ISO time, host, program, process, message id, structured data, message."""

import re
from collections.abc import Sequence
from typing import Any

from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly, reject
from sensors.parsers.caches import Bounded
from sensors.parsers.declared.inside import Inside
from sensors.parsers.encoding import decode_lines
from sensors.parsers.instants import iso_moments
from sensors.parsers.layouts import grouped, pick
from sensors.parsers.locality import locality
from sensors.parsers.syslog_messages import add_messages
from sensors.parsers.syslog_rfc3164 import process_ids
from sensors.parsers.syslog_texts import HIGHEST_PRIORITY, PRIORITIES, PRIORITY_NAMES

_PARAM = r'\x20[^\s=\]"]{1,255}="[^"\\]*+(?:\\.[^"\\]*+)*+"'
# RFC 5424 section 6: HEADER SP STRUCTURED-DATA [SP MSG].
_LINE = re.compile(
    r"<(\d{1,3})>[1-9]\d{0,2}\x20(\S{1,64})\x20(\S{1,255})\x20(\S{1,128})\x20(\S{1,128})\x20(\S{1,64})"
    rf'\x20(-|(?:\[[^\s=\]"]{{1,255}}(?:{_PARAM})*+\x20?\])+)(?:\x20(.*))?',
    re.DOTALL,
)
_ELEMENT = re.compile(rf'\[([^\s=\]"]+)((?:{_PARAM})*+)\x20?\]', re.DOTALL)
_PAIR = re.compile(r'\x20([^\s=\]"]+)="([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\\]])')
_BOM = "\ufeff"

_NAMES = (
    *PRIORITY_NAMES, "log.syslog.hostname", "host.name", "process.name", "process.pid", "log.syslog.procid",
    "log.syslog.msgid", "message",
)  # fmt: skip
PREFIX = "log.syslog.structured_data."


class SyslogRfc5424:
    """Syslog, RFC 5424."""

    name = "syslog.rfc5424"

    def __init__(self, inside: Inside | None = None) -> None:
        self._inside = inside or Inside(())
        self._data: Bounded[str, dict[str, Any]] = Bounded(structured_data)

    def recognises(self, head: Sequence[bytes]) -> bool:
        """Whether most of these lines have the header of RFC 5424."""
        # Lines that begin with a blank continue the message of the line before: they have no vote.
        texts, _ = decode_lines([line for line in head if not line[:1].isspace()])
        return sum(_LINE.fullmatch(text) is not None for text in texts) * 2 > len(texts)

    def parse(self, lines: Lines, state: Any) -> Parsed:  # noqa: ARG002 - this format has no state
        """Every line with the whole header is an event of `system.syslog` or of a format inside."""
        place = locality(lines.placed)
        texts, encodings = decode_lines(lines.texts, lines.said(place.encoding))
        match = _LINE.fullmatch
        rejects = []
        rows: list[int] = []
        parts: list[tuple[str, ...]] = []
        skipped = 0
        for index, text in enumerate(texts):
            found = match(text)
            if found is not None:
                if int(found[1]) <= HIGHEST_PRIORITY:
                    rows.append(index)
                    parts.append(found.groups())
                else:
                    rejects.append(reject(lines, index, "syslog-odd-priority", found[1]))
            elif text.strip():
                rejects.append(reject(lines, index, "syslog-odd-header"))
            else:
                skipped += 1
        if not rows:
            return Parsed((), tuple(rejects), skipped)
        assembly = Assembly.of(lines, encodings)
        priorities, spoken, hosts, programs, pids, kinds, data, messages = zip(*parts, strict=True)
        named = [_said(host) for host in hosts]
        values: list[Sequence[Any]] = [
            *zip(*map(PRIORITIES.__getitem__, priorities), strict=True),
            named,
            [host and host.lower() for host in named],
            said := list(map(_said, programs)),
            *process_ids(list(map(_said, pids))),
            list(map(_said, kinds)),
            [message and message.removeprefix(_BOM) for message in messages],
        ]
        columns = dict(zip(_NAMES, values, strict=True))
        columns["event.original"] = texts if len(rows) == len(texts) else [texts[row] for row in rows]
        moments = iso_moments(spoken)
        elements = list(map(self._data.__getitem__, data))
        groups = grouped(list(map(tuple, elements)))
        for names, chosen in groups.items():
            here = {name: pick(column, chosen) for name, column in columns.items()}
            here |= {name: [elements[row][name] for row in chosen] for name in names}
            add_messages(
                assembly,
                self._inside,
                rows=pick(rows, chosen),
                programs=pick(said, chosen),
                moments=pick(moments, chosen),
                columns=here,
                optional=_NAMES,
                spoken=pick(spoken, chosen),
                received=lines.received,
                zone=place.zone,
            )
        return Parsed(tuple(assembly.batches), tuple(rejects), skipped)


def _said(text: str) -> str | None:
    return None if text == "-" else text


def structured_data(text: str) -> dict[str, Any]:
    """Parameters by element and name (RFC 5424 section 6.3); a list where one comes more than once.

    An element without parameters says something by being there: it is True.
    """
    found: dict[str, Any] = {}
    for element in _ELEMENT.finditer(text):
        pairs = _PAIR.findall(element.group(2))
        if not pairs:
            found.setdefault(f"{PREFIX}{element.group(1)}", True)
        for name, value in pairs:
            key = f"{PREFIX}{element.group(1)}.{name}"
            plain = _ESCAPE.sub(r"\1", value)
            if key not in found:
                found[key] = plain
            elif found[key].__class__ is list:
                found[key].append(plain)
            else:
                found[key] = [found[key], plain]
    return found
