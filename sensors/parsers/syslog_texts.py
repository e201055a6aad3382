"""What both syslogs share: priorities by name, and the header that Huawei and H3C devices put into the message."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sensors.parsers.caches import Bounded
from sensors.parsers.values import UNFIT, convert

# RFC 5424 section 6.2.1; the keywords are those of RFC 5427.
FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
HIGHEST_PRIORITY = 191

CONSTANTS = {
    "event.module": "system",
    "event.kind": "event",
    "event.category": ["host"],
    "event.type": ["info"],
}
PRIORITY_NAMES = (
    "log.syslog.priority", "log.syslog.facility.code", "log.syslog.facility.name", "log.syslog.severity.code",
    "log.syslog.severity.name",
)  # fmt: skip
HOST_NAMES = ("log.syslog.hostname", "host.name")

# %%ddMODULE/severity/BRIEF[(type)[serial]]: text. Huawei, "Log Reference"; H3C Comware 7, "System Log Messages".
_DEVICE = re.compile(r"%%(\d{2})([\w.-]{1,64})/(\d)/([\w.-]{1,128})(?:\(\w{1,8}\))?(?:\[\w+\])?")


class Priority(NamedTuple):
    """A priority with its facility and severity; all None where the line had none."""

    value: int | None
    facility: int | None
    facility_name: str | None
    severity: int | None
    severity_name: str | None


class Device(NamedTuple):
    """What a device's header says: the module that speaks, the severity, the kind of event."""

    provider: str | None
    severity: int | None
    code: str | None


def priority_of(text: str | None) -> Priority:
    """The parts of a priority's digits."""
    if text is None:
        return Priority(None, None, None, None, None)
    value = int(text)
    facility, severity = value >> 3, value & 7
    return Priority(value, facility, FACILITIES[facility], severity, SEVERITIES[severity])


def device_of(tag: str | None) -> Device:
    """The device's header that stands in a tag, all None where there is none."""
    match = _DEVICE.fullmatch(tag) if tag is not None and tag.startswith("%%") else None
    if match is None:
        return Device(None, None, None)
    return Device(match.group(2), int(match.group(3)), match.group(4))


def process_ids(texts: Sequence[str | None]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Process ids as numbers, and as text where they are none."""
    numbers, fit = convert(texts, "long")
    if fit:
        return numbers, [None] * len(texts)
    return (
        [None if number is UNFIT else number for number in numbers],
        [text or None if number is UNFIT else None for text, number in zip(texts, numbers, strict=True)],
    )


def _lowered(host: str | None) -> str | None:
    return host and host.lower()


PRIORITIES: Bounded[str | None, Priority] = Bounded(priority_of)
HOSTS: Bounded[str | None, str | None] = Bounded(_lowered)
"""Names of hosts as ECS has them, in lower case."""
