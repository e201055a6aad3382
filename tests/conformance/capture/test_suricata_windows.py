"""suricata-verify's checks on SSH, SMB and Kerberos: what Suricata finds in a capture, we find too.

The list holds every check about these protocols that can be asked of our fields (see `suricata_windows`); it was frozen
before there was a parser of SMB, Kerberos or RDP. There is no check on RDP. One check differs (smb2-07#1): EVE names
the file that a SET_INFO deletes, which takes what an earlier message said.
"""

from itertools import groupby
from pathlib import Path

import pytest

from tests.conformance.capture.suricata_windows import cases, events, found

pytestmark = pytest.mark.conformance

FROZEN = Path(__file__).with_name("suricata_windows_cases.txt")
LEAST = 0.96


def test_the_checks_are_those_that_were_frozen() -> None:
    assert sorted(case.name for case in cases()) == FROZEN.read_text(encoding="utf-8").splitlines()


def test_what_suricata_finds_we_find() -> None:
    asked, differing = 0, []
    for capture, about in groupby(sorted(cases(), key=lambda case: case.capture), key=lambda case: case.capture):
        ours = events(capture)
        for case in about:
            asked += 1
            counted = found(case, ours)
            if counted != case.count:
                differing.append((case.name, case.count, counted))
    assert len(differing) <= (1 - LEAST) * asked, (len(differing), asked, differing)
