"""BSD syslog as files and devices have it: with or without priority, with many forms of time (RFC 3164 section 4.1).

RFC 3164 describes what was seen, not what must be. Forms read here: its own, the year inside the time as Huawei
(`May 13 2026 07:04:08`) and H3C (`Nov 24 16:22:21 2016`) write it, ISO 8601 as rsyslog writes it. What has a priority
and no time is all message (section 4.3.3): many firewalls send so, and say the time in words of their own.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from itertools import chain
from typing import Any, NamedTuple

from sensors.event.block import Block
from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly
from sensors.parsers.blocks import Expression
from sensors.parsers.caches import Bounded
from sensors.parsers.compiling import block_of
from sensors.parsers.declared.inside import Inside
from sensors.parsers.encoding import decode_lines
from sensors.parsers.layouts import pick
from sensors.parsers.locality import locality
from sensors.parsers.syslog_headers import Headers, headers_of
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
        assembly = Assembly.of(lines, encodings)
        # Where a text is not UTF-8, places in octets are none in characters.
        block = None if encodings else block_of(lines)
        left = self._usual(block, texts, lines, zone, assembly) if block is not None else None
        if left is not None and not left:
            return Parsed(tuple(assembly.batches), (), 0)
        headers = headers_of(_LINE, lines, texts, "syslog-no-time", left)
        if headers.rows:
            self._others(headers, texts, lines, zone, assembly)
        return Parsed(tuple(assembly.batches), tuple(headers.rejects), headers.skipped)

    def _usual(
        self, block: Block, texts: Sequence[str], lines: Lines, zone: tzinfo, assembly: Assembly
    ) -> Sequence[int]:
        """Add the lines whose header has the usual form; returns the others."""
        from sensors.parsers.syslog_heads import heads_of  # noqa: PLC0415 - loads for a second

        heads = heads_of(block)
        if not heads.rows:
            return heads.left
        moments = moments_of(set(heads.times.texts), lines.received, zone)
        here, tags = pick(texts, heads.rows), heads.tags.column()
        name, *told = heads.tags.columns(_SPEAKERS.__getitem__)
        values: list[Sequence[Any]] = [
            *heads.priorities.columns(lambda digits: PRIORITIES[digits or None]),
            *heads.hosts.columns(lambda host: (host, HOSTS[host])),
            name,
            heads.numbers,
            [None] * len(here),
            *told,
        ]
        columns = dict(zip(chain.from_iterable(_NAMES), values, strict=True))
        columns["message"] = [text[begin:] for text, begin in zip(here, heads.messages, strict=True)]
        columns["event.original"] = here
        times = heads.times.column(moments.__getitem__), heads.times.column()
        self._add(assembly, heads.rows, tags, times, columns, lines, zone)
        return heads.left

    def _others(
        self, headers: Headers, texts: Sequence[str], lines: Lines, zone: tzinfo, assembly: Assembly
    ) -> None:
        """Add lines whose headers an expression took apart."""
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
        times = list(map(moments.__getitem__, spoken)), spoken
        self._add(assembly, headers.rows, tags, times, columns, lines, zone)

    def _add(  # noqa: PLR0913, PLR0917 - the parts of a syslog line
        self, assembly: Assembly, rows: Sequence[int], programs: Sequence[str | None],
        times: tuple[Sequence[int | None], Sequence[str | None]], columns: Mapping[str, Sequence[Any]],
        lines: Lines, zone: tzinfo,
    ) -> None:  # fmt: skip
        """Add lines; `times` are moments and what they were made of."""
        add_messages(
            assembly,
            self._inside,
            rows=rows,
            programs=programs,
            moments=times[0],
            columns=columns,
            optional=_NAMES,
            spoken=times[1],
            received=lines.received,
            zone=zone,
        )


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
