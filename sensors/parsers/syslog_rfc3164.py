"""BSD syslog as files and devices have it: with or without priority, with many forms of time (RFC 3164 section 4.1).

RFC 3164 describes what was seen, not what must be. Forms read here: its own, the year inside the time as Huawei
(`May 13 2026 07:04:08`) and H3C (`Nov 24 16:22:21 2016`) write it, ISO 8601 as rsyslog writes it. What has a priority
and no time is all message (section 4.3.3): many firewalls send so, and say the time in words of their own.
"""

import re
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from sensors.parser import Lines, Parsed
from sensors.parsers.assembly import Assembly, reject
from sensors.parsers.declared.inside import Inside
from sensors.parsers.encoding import decode_lines
from sensors.parsers.locality import locality
from sensors.parsers.syslog_messages import add_messages
from sensors.parsers.syslog_texts import DEVICES, HIGHEST_PRIORITY, PRIORITIES, PRIORITY_NAMES
from sensors.parsers.syslog_times import moment_of
from sensors.parsers.values import UNFIT, whole_number

_LINE = re.compile(
    r"""
    (?:<(\d{1,3})>\x20?)?                                                # priority
    ([*.]?[A-Z][a-z]{2}\x20{1,2}\d{1,2}\x20(?:\d{4}\x20)?\d\d:\d\d:\d\d  # time
       (?:[.,]\d{1,9})?(?:\x20(?:19|20)\d\d(?=\x20))?(?:\x20?(?:[+-]\d\d:\d\d|Z)(?=[\x20:]))?
      |\d{4}-\d\d-\d\d[T\x20]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)
    :?\x20+
    (?:(?!\S*:(?:\x20|$)|%%)([^\s\[]\S{0,255})\x20+)?                    # host, unless what stands here is the tag
    (?:([^\s:\[]{1,128}+                                                 # tag: a word, or some before a number
         (?:(?:\x20[^\s:\[]{1,64}+){1,3}(?=\[\d{1,10}\][:\x20]))?)
       (?:\[([^\]\s]{0,64}+)\])?                                          # process id
       (?::(?!:)\x20?|(?<=\])\x20(?=\())
      |(%%[^\s:]{1,200}+):?\x20?)?
    (.*)                                                                 # message
    """,
    re.VERBOSE | re.DOTALL,
)

_BARE = re.compile(r"<(\d{1,3})>\x20?(.+)", re.DOTALL)
_NONE = (None,) * 5

_NAMES = (
    *PRIORITY_NAMES, "log.syslog.hostname", "host.name", "process.name", "process.pid", "log.syslog.procid",
    "event.provider", "event.severity", "event.code",
)  # fmt: skip


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
        return sum((_LINE.fullmatch(text) or _BARE.fullmatch(text)) is not None for text in texts) * 2 > len(texts)

    def parse(self, lines: Lines, state: Any) -> Parsed:  # noqa: ARG002 - this format has no state
        """Every line that begins with a time or a priority is an event of `system.syslog` or of a format inside."""
        place = locality(lines.placed)
        zone = self._zone or place.zone
        texts, encodings = decode_lines(lines.texts, lines.said(place.encoding))
        match = _LINE.fullmatch
        rejects = []
        rows: list[int] = []
        parts: list[tuple[str | None, ...]] = []
        skipped = 0
        for index, text in enumerate(texts):
            found = match(text)
            if found is not None:
                if found[1] is None or int(found[1]) <= HIGHEST_PRIORITY:
                    rows.append(index)
                    parts.append(found.groups())
                else:
                    rejects.append(reject(lines, index, "syslog-odd-priority", found[1]))
            elif (bare := _BARE.fullmatch(text)) is not None and int(bare[1]) <= HIGHEST_PRIORITY:
                rows.append(index)
                parts.append((bare[1], *_NONE, bare[2]))
            elif text.strip():
                rejects.append(reject(lines, index, "syslog-no-time"))
            else:
                skipped += 1
        if not rows:
            return Parsed((), tuple(rejects), skipped)
        priorities, spoken, hosts, tags, pids, devices, messages = zip(*parts, strict=True)
        moments = {text: None if text is None else moment_of(text, lines.received, zone) for text in set(spoken)}
        columns = dict(zip(_NAMES, self._values(priorities, hosts, tags, pids, devices), strict=True))
        columns["message"] = messages
        columns["event.original"] = texts if len(rows) == len(texts) else [texts[row] for row in rows]
        assembly = Assembly.of(lines, encodings)
        add_messages(
            assembly,
            self._inside,
            rows=rows,
            programs=[tag or device for tag, device in zip(tags, devices, strict=True)],
            moments=[moments[text] for text in spoken],
            columns=columns,
            optional=_NAMES,
            spoken=spoken,
            received=lines.received,
            zone=zone,
        )
        return Parsed(tuple(assembly.batches), tuple(rejects), skipped)

    def _values(
        self,
        priorities: Sequence[str | None],
        hosts: Sequence[str | None],
        tags: Sequence[str | None],
        pids: Sequence[str | None],
        devices: Sequence[str | None],
    ) -> list[Sequence[Any]]:
        """The columns of `_NAMES`; a device's header is no program's name."""
        headers = [
            tag if tag is not None and tag.startswith("%%") else device
            for tag, device in zip(tags, devices, strict=True)
        ]
        told = list(map(DEVICES.__getitem__, headers))
        names = [
            None if device.code else tag or header for tag, header, device in zip(tags, headers, told, strict=True)
        ]
        return [
            *zip(*map(PRIORITIES.__getitem__, priorities), strict=True),
            hosts,
            [host and host.lower() for host in hosts],
            names,
            *process_ids(pids),
            *zip(*told, strict=True),
        ]


def process_ids(texts: Sequence[str | None]) -> tuple[Sequence[int | None], Sequence[str | None]]:
    """Process ids as numbers, and as text where they are none."""
    numbers: list[int | None] = []
    others: list[str | None] = []
    for text in texts:
        number: Any = UNFIT if text is None else whole_number(text)
        fits = number is not UNFIT
        numbers.append(number if fits else None)
        others.append(None if fits else text or None)
    return numbers, others
