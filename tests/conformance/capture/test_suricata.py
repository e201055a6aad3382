"""suricata-verify's checks: what Suricata finds in a capture, we find too.

Each list holds every check about its kinds that can be asked of our fields, on a capture that Suricata reads as usual;
how a check becomes a question is in `suricata` and, for a group of protocols, in its sibling. The lists were frozen
before the first figure was given, those of SSH to NTP before there was a parser. No check is about RDP or Modbus. What
differs, and why, stands in docs/conformance.md.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests.conformance.capture import (
    suricata,
    suricata_industrial,
    suricata_internet,
    suricata_local,
    suricata_windows,
)
from tests.conformance.capture.suricata import Case

pytestmark = pytest.mark.conformance


class Group(NamedTuple):
    """Checks of one list.

    Attributes:
        frozen: the list's file.
        least: the share of the checks that has to agree.
        more_than: how many checks there are at least, but for one.
        cases: the checks as questions.
        events: our events of a capture.
        found: how many of them a check would count.
    """

    frozen: str
    least: float
    more_than: int
    cases: Callable[[], Iterable[Case]]
    events: Callable[[Path], Sequence[Any]]
    found: Callable[[Case, Sequence[Any]], int]


GROUPS: Final = {
    "flow, dns, tls, http": Group(
        "suricata_cases.txt", 0.94, 300, suricata.cases, suricata.events, suricata.found,
    ),
    "quic, smtp, ftp, mqtt": Group(
        "suricata_internet_cases.txt", 0.9, 150, suricata_internet.cases, suricata.events, suricata_internet.found,
    ),
    "dnp3": Group(
        "suricata_industrial_cases.txt", 0.9, 50, suricata_industrial.cases, suricata.events,
        partial(suricata.found, says=suricata_industrial.said, halves=suricata_industrial.halves),
    ),
    "ssh, smb, krb5": Group(
        "suricata_windows_cases.txt", 1.0, 30, suricata_windows.cases, suricata_windows.events, suricata_windows.found,
    ),
    "dhcp, snmp, ntp": Group(
        "suricata_local_cases.txt", 0.9, 10, partial(suricata.cases, suricata_local.KINDS, suricata_local.said),
        suricata.events, partial(suricata.found, says=suricata_local.said, halves=suricata_local.halves),
    ),
}
ALL = pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS.keys())


@ALL
def test_the_checks_are_those_that_were_frozen(group: Group) -> None:
    frozen = Path(__file__).with_name(group.frozen).read_text(encoding="utf-8").splitlines()
    assert sorted(case.name for case in group.cases()) == frozen


@ALL
def test_what_suricata_finds_we_find(group: Group) -> None:
    asked, differing = 0, []
    by_capture = attrgetter("capture")
    for capture, about in groupby(sorted(group.cases(), key=by_capture), key=by_capture):
        ours = group.events(capture)
        for case in about:
            asked += 1
            counted = group.found(case, ours)
            if counted != case.count:
                differing.append((case.name, case.count, counted))
    assert asked > group.more_than
    assert len(differing) <= (1 - group.least) * asked, (len(differing), asked, differing)
