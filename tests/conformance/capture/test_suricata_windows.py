"""suricata-verify's checks on SSH, SMB and Kerberos: what Suricata finds in a capture, we find too.

The list holds every check about these protocols that can be asked of our fields (see `suricata_windows`); it was frozen
before there was a parser of SMB, Kerberos or RDP. There is no check on RDP.
"""

from collections import defaultdict
from pathlib import Path

import pytest

from tests.conformance.capture.suricata import Case
from tests.conformance.capture.suricata_windows import cases, events, found

pytestmark = pytest.mark.conformance

FROZEN = Path(__file__).with_name("suricata_windows_cases.txt")
LEAST = 0.9


def test_the_checks_are_those_that_were_frozen() -> None:
    assert sorted(case.name for case in cases()) == FROZEN.read_text(encoding="utf-8").splitlines()


def test_what_suricata_finds_we_find() -> None:
    by_capture: defaultdict[Path, list[Case]] = defaultdict(list)
    for case in cases():
        by_capture[case.capture].append(case)
    asked, differing = 0, []
    for capture, about in by_capture.items():
        ours = events(capture)
        asked += len(about)
        differing += [
            (case.name, case.count, counted) for case in about if (counted := found(case, ours)) != case.count
        ]
    assert len(differing) <= (1 - LEAST) * asked, (len(differing), asked, differing)
