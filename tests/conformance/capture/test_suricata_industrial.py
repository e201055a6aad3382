"""suricata-verify's checks on DNP3: what Suricata finds in a capture, we find too.

The list is every check that counts events of DNP3 and whose keys all have a field of ours or are left out by a rule
(`suricata_industrial`), on a capture that Suricata reads as usual; it was frozen before the first comparison.
"""

from pathlib import Path

import pytest

from tests.conformance.capture.suricata import events, found
from tests.conformance.capture.suricata_industrial import cases, halves, said

pytestmark = pytest.mark.conformance

FROZEN = Path(__file__).with_name("suricata_industrial_cases.txt")
LEAST = 0.9


def test_the_checks_are_those_that_were_frozen() -> None:
    assert sorted(case.name for case in cases()) == FROZEN.read_text(encoding="utf-8").splitlines()


def test_what_suricata_finds_we_find() -> None:
    about = list(cases())
    ours = {capture: events(capture) for capture in {case.capture for case in about}}
    differing = [
        (case.name, case.count, counted)
        for case in about
        if (counted := found(case, ours[case.capture], said, halves)) != case.count
    ]
    assert len(about) > 50
    assert len(differing) <= (1 - LEAST) * len(about), (len(differing), len(about), differing)
