"""Syslog as RFC 5424 has it: version, ISO time, host, program, process, message id, structured data, message."""

import re
from collections.abc import Sequence
from itertools import chain
from typing import Any

from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly
from sensors.parsers.blocks import Expression
from sensors.parsers.caches import Bounded
from sensors.parsers.declared.inside import Inside
from sensors.parsers.encoding import decode_lines
from sensors.parsers.instants import iso_moments
from sensors.parsers.layouts import grouped, pick
from sensors.parsers.locality import locality
from sensors.parsers.syslog_headers import headers_of
from sensors.parsers.syslog_messages import add_messages
from sensors.parsers.syslog_texts import HOST_NAMES, HOSTS, PRIORITIES, PRIORITY_NAMES, process_ids

_PARAM = r'\x20[^\s=\]"]{1,255}="[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
# RFC 5424 section 6: HEADER SP STRUCTURED-DATA [SP MSG].
# A header that is "-" is none; a message may begin with the mark of its encoding.
_LINE = Expression(
    r"<(\d{1,3})>[1-9]\d{0,2}\x20(\S{1,64})\x20(?:-|(\S{1,255}))\x20(?:-|(\S{1,128}))\x20(?:-|(\S{1,128}))"
    rf'\x20(?:-|(\S{{1,64}}))\x20(-|(?:\[[^\s=\]"]{{1,255}}(?:{_PARAM})*+\x20?\])+)(?:\x20\ufeff?(.*))?'
)
_ELEMENT = re.compile(rf'\[([^\s=\]"]+)((?:{_PARAM})*+)\x20?\]', re.DOTALL)
_PAIR = re.compile(r'\x20([^\s=\]"]+)="([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\\]])')

_NAMES = (
    PRIORITY_NAMES, HOST_NAMES, ("process.name",), ("process.pid",), ("log.syslog.procid",), ("log.syslog.msgid",),
    ("message",),
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
        headers = headers_of(_LINE, lines, texts, "syslog-odd-header")
        if not headers.rows:
            return Parsed((), tuple(headers.rejects), headers.skipped)
        assembly = Assembly.of(lines, encodings)
        rows = headers.rows
        priorities, spoken, hosts, programs, pids, kinds, data, messages = headers.columns
        values: list[Sequence[Any]] = [
            *zip(*map(PRIORITIES.__getitem__, priorities), strict=True),
            hosts,
            list(map(HOSTS.__getitem__, hosts)),
            programs,
            *process_ids(pids),
            kinds,
            messages,
        ]
        columns = dict(zip(chain.from_iterable(_NAMES), values, strict=True))
        columns["event.original"] = pick(texts, rows)
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
                programs=pick(programs, chosen),
                moments=pick(moments, chosen),
                columns=here,
                optional=_NAMES,
                spoken=pick(spoken, chosen),
                received=lines.received,
                zone=place.zone,
            )
        return Parsed(tuple(assembly.batches), tuple(headers.rejects), headers.skipped)


def structured_data(text: str) -> dict[str, Any]:
    """Parameters by element and name (RFC 5424 section 6.3); a list where one comes more than once.

    An element without parameters says something by being there: it is True.
    """
    if "\\" not in text:
        # Only the values stand in quotes, and what is between them comes again and again.
        pieces = text.split('"')
        names = _NAMED['""'.join(pieces[::2])]
        if names:
            return dict(zip(names, pieces[1::2], strict=True))
    return _scanned(text)


def _names(text: str) -> tuple[str, ...]:
    """The fields of structured data whose values are left out; none where fields and values are not the same number."""
    found = _scanned(text)
    return tuple(found) if all(value == "" for value in found.values()) else ()


_NAMED: Bounded[str, tuple[str, ...]] = Bounded(_names, 4_096)


def _scanned(text: str) -> dict[str, Any]:
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
