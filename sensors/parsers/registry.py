"""The line formats, in the order in which an input is offered to them.

The product's own declared formats are there from the start; an administrator's come with the settings (`declare`).
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sensors.parser import LineParser
from sensors.parsers.access_log import AccessLog
from sensors.parsers.auditd import Auditd
from sensors.parsers.declared.errors import DeclarationUnusable
from sensors.parsers.declared.format import Format
from sensors.parsers.declared.inside import Inside
from sensors.parsers.declared.lines import DeclaredLines
from sensors.parsers.declared.loading import load, shipped
from sensors.parsers.declared.model import Declaration
from sensors.parsers.ecs_json import EcsJson
from sensors.parsers.suricata_eve import SuricataEve
from sensors.parsers.syslog_rfc3164 import SyslogRfc3164
from sensors.parsers.syslog_rfc5424 import SyslogRfc5424
from sensors.parsers.unknown import UnknownLines
from sensors.parsers.windows_xml import WindowsXml
from sensors.parsers.zeek_json import ZeekJson
from sensors.parsers.zeek_tsv import ZeekTsv


def parsers_of(declarations: Sequence[Declaration]) -> tuple[LineParser, ...]:
    """All line parsers with these declared formats; they keep nothing of an input, so that one of each serves all."""
    formats = [Format(declaration) for declaration in declarations]
    inside = Inside(formats)
    return (
        # JSON first: its lines are unmistakable. Among them those that name their kind in every line come before
        # ECS, which asks only for a time.
        SuricataEve(),
        ZeekJson(),
        # Declared formats say which texts or keys they have; those of an administrator come before our own, since
        # they were written for what is really there.
        *(DeclaredLines(one) for one in formats if one.declaration.inside != "syslog"),
        EcsJson(),
        # A whole element of XML in every line, perhaps behind a syslog header.
        WindowsXml(),
        # Each line names its type and its event.
        Auditd(),
        # Zeek's header is a line of its own that nobody else writes.
        ZeekTsv(),
        # A bracketed time and a quoted request: not to be confused with syslog, whose messages may hold access logs
        # but begin otherwise.
        AccessLog(),
        # RFC 5424 has a version behind its priority; what has none is left to RFC 3164, which takes nearly any line
        # with a time.
        SyslogRfc5424(inside),
        SyslogRfc3164(inside=inside),
        # Recognises nothing: whoever names an input gets its lines even where no format fits.
        UnknownLines(),
    )


_DECLARED: list[Declaration] = []


def declare(paths: Sequence[Path]) -> list[DeclarationUnusable]:
    """Let the formats that these files and folders declare be known from now on; returns what is wrong with the rest.

    Called once, when the settings are read; a format of the same name as one of ours takes its place.
    """
    loaded = load(paths)
    _DECLARED[:] = loaded.declarations
    line_parsers.cache_clear()
    return loaded.problems


def declarations() -> list[Declaration]:
    """All declared formats: an administrator's, then ours."""
    named = {one.name for one in _DECLARED}
    return [*_DECLARED, *(one for one in shipped() if one.name not in named)]


@cache
def line_parsers() -> tuple[LineParser, ...]:
    """All line parsers with the declared formats that are known now."""
    return parsers_of(declarations())
