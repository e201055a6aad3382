"""suricata-verify's checks on DHCP, SNMP and NTP: what Suricata finds in a capture, we find too.

The list is every check that counts events of these kinds and whose keys all have a field of ours, on a capture that
Suricata reads as usual (`suricata.cases`); it was frozen before the parsers were written.
"""

from pathlib import Path

import pytest

from tests.conformance.capture.suricata import cases, events, found
from tests.conformance.capture.suricata_local import KINDS, halves, said

pytestmark = pytest.mark.conformance

FROZEN = Path(__file__).with_name("suricata_local_cases.txt")
LEAST = 0.9


def test_the_checks_are_those_that_were_frozen() -> None:
    assert sorted(case.name for case in cases(KINDS, said)) == FROZEN.read_text(encoding="utf-8").splitlines()


def test_what_suricata_finds_we_find() -> None:
    ours = {case.capture: events(case.capture) for case in cases(KINDS, said)}
    asked = list(cases(KINDS, said))
    differing = [
        (case.name, case.count, counted)
        for case in asked
        if (counted := found(case, ours[case.capture], said, halves)) != case.count
    ]
    assert len(asked) > 10
    assert len(differing) <= (1 - LEAST) * len(asked), (len(differing), len(asked), differing)
