"""suricata-verify's checks on flows, DNS, TLS and HTTP: what Suricata finds in a capture, we find too."""

from collections import defaultdict
from pathlib import Path

import pytest

from tests.conformance.capture.suricata import Case, cases, events, found

pytestmark = pytest.mark.conformance

FROZEN = Path(__file__).with_name("suricata_cases.txt")
"""The checks that are held against us, named before the first figure was given: all that can be asked of our fields."""
LEAST = 0.94


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
    assert asked > 300
    assert len(differing) <= (1 - LEAST) * asked, (len(differing), asked, differing)
