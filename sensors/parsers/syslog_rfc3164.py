"""BSD syslog as files and devices have it: with or without priority, with many forms of time (RFC 3164 section 4.1).

RFC 3164 describes what was seen, not what must be. Forms read here: its own, the year inside the time as Huawei
(`May 13 2026 07:04:08`) and H3C (`Nov 24 16:22:21 2016`) write it, ISO 8601 as rsyslog writes it. What has a priority
and no time is all message (section 4.3.3): many firewalls send so, and say the time in words of their own.
"""

import re
from collections.abc import Sequence
from datetime import tzinfo
from itertools import chain
from typing import Any, NamedTuple

from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly
from sensors.parsers.blocks import Expression
from sensors.parsers.caches import Bounded
from sensors.parsers.declared.inside import Inside
from sensors.parsers.encoding import decode_lines
from sensors.parsers.layouts import pick
from sensors.parsers.locality import locality
from sensors.parsers.syslog_headers import headers_of
from sensors.parsers.syslog_messages import add_messages
from sensors.parsers.syslog_texts import HOST_NAMES, HOSTS, PRIORITIES, PRIORITY_NAMES, device_of, process_ids
from sensors.parsers.syslog_times import moments_of

_LINE = Expression(
    r"""
    (?:<(\d{1,3})>\x20?)?                                                  # priority
    (?:([*.]?[A-Z][a-z]{2}\x20{1,2}\d{1,2}\x20(?:\d{4}\x20)?\d\d:\d\d:\d\d  # time
         (?:[.,]\d{1,9})?(?:\x20(?:19|20)\d\d(?=\x20))?(?:\x20?(?:[+-]\d\d:\d\d|Z)(?=[\x20:]))?
        |\d{4}-\d\d-\d\d[T\x20]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)
      :?\x20+
      (?:(?!\S*:(?:\x20|$)|%%)([^\s\[]\S{0,255})\x20+)?                    # host, unless what stands here is the tag
      (?:([^\s:\[]{1,128}+                                                 # tag: a word, or some before a number
           (?:(?:\x20[^\s:\[]{1,64}+){1,3}(?=\[\d{1,10}\][:\x20]))?)
         (?:\[([^\]\s]{0,64}+)\])?                                          # process id
         (?::(?!:)\x20?|(?<=\])\x20(?=\())
        |(%%[^\s:]{1,200}+):?\x20?)?
     |(?(1)(?=.)|(?!)))                                                    # or a priority and something else
    (.*)                                                                   # message
    """,
    re.VERBOSE,
)

_NAMES = (
    PRIORITY_NAMES, HOST_NAMES, ("process.name",), ("process.pid",), ("log.syslog.procid",),
    ("event.provider", "event.severity", "event.code"),
)  # fmt: skip
"""The header's fields; a line lacks those together that stand together."""


class SyslogRfc3164:
    """BSD syslog, RFC 3164."""

    name = "syslog.rfc3164"

    def __init__(self, zone: tzinfo | None = None, inside: Inside | None = None) -> None:
        self._zone = zone
        self._inside = inside or Inside(())

    def recognises(self, head: Sequence[bytes]) -> bool:
        """Whether most of these lines begin with a syslog time, with or without a priority before it."""
        # Lines that begin with a blank continue the message of the line before: they have no vote.
        texts, _ = decode_lines([line for line in head if not line[:1].isspace()])
        return sum(_LINE.fullmatch(text) is not None for text in texts) * 2 > len(texts)

    def parse(self, lines: Lines, state: Any) -> Parsed:  # noqa: ARG002 - this format has no state
        """Every line that begins with a time or a priority is an event of `system.syslog` or of a format inside."""
        place = locality(lines.placed)
        zone = self._zone or place.zone
        texts, encodings = decode_lines(lines.texts, lines.said(place.encoding))
        headers = headers_of(_LINE, lines, texts, "syslog-no-time")
        if not headers.rows:
            return Parsed((), tuple(headers.rejects), headers.skipped)
        priorities, spoken, hosts, tags, pids, devices, messages = headers.columns
        moments = moments_of(set(spoken), lines.received, zone)
        if devices.count(None) < len(devices):
            tags = [tag or device for tag, device in zip(tags, devices, strict=True)]
        names, *told = zip(*map(_SPEAKERS.__getitem__, tags), strict=True)
        values: list[Sequence[Any]] = [
            *zip(*map(PRIORITIES.__getitem__, priorities), strict=True),
            hosts,
            list(map(HOSTS.__getitem__, hosts)),
            names,
            *process_ids(pids),
            *told,
        ]
        columns = dict(zip(chain.from_iterable(_NAMES), values, strict=True))
        columns["message"] = messages
        columns["event.original"] = pick(texts, headers.rows)
        assembly = Assembly.of(lines, encodings)
        add_messages(
            assembly,
            self._inside,
            rows=headers.rows,
            programs=tags,
            moments=list(map(moments.__getitem__, spoken)),
            columns=columns,
            optional=_NAMES,
            spoken=spoken,
            received=lines.received,
            zone=zone,
        )
        return Parsed(tuple(assembly.batches), tuple(headers.rejects), headers.skipped)


class Speaker(NamedTuple):
    """Who speaks: a program, or a device with a header of its own, which is no program's name."""

    name: str | None
    provider: str | None
    severity: int | None
    code: str | None


def _speaker(tag: str | None) -> Speaker:
    """The speaker that a tag or a device's header says."""
    told = device_of(tag)
    return Speaker(None if told.code else tag, *told)


_SPEAKERS: Bounded[str | None, Speaker] = Bounded(_speaker)
