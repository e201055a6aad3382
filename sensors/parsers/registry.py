"""The line formats, in the order in which an input is offered to them."""

from functools import cache

from sensors.parser import LineParser
from sensors.parsers.access_log import AccessLog
from sensors.parsers.ecs_json import EcsJson
from sensors.parsers.suricata_eve import SuricataEve
from sensors.parsers.syslog_rfc3164 import SyslogRfc3164
from sensors.parsers.syslog_rfc5424 import SyslogRfc5424
from sensors.parsers.zeek_json import ZeekJson
from sensors.parsers.zeek_tsv import ZeekTsv


@cache
def line_parsers() -> tuple[LineParser, ...]:
    """All line parsers; they keep nothing of an input, so that one of each serves every input."""
    return (
        # JSON first: its lines are unmistakable. Among them those that name their kind in every line come before
        # ECS, which asks only for a time.
        SuricataEve(),
        ZeekJson(),
        EcsJson(),
        # Zeek's header is a line of its own that nobody else writes.
        ZeekTsv(),
        # A bracketed time and a quoted request: not to be confused with syslog, whose messages may hold access logs
        # but begin otherwise.
        AccessLog(),
        # RFC 5424 has a version behind its priority; what has none is left to RFC 3164, which takes nearly any line
        # with a time.
        SyslogRfc5424(),
        SyslogRfc3164(),
    )
