"""SigmaHQ's regression cases: recorded attacks on which its rules must fire, through our sensors and our names."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from correlation.matcher.engine import Matcher
from sensors.event.model import Source
from sensors.reading.evtx import EvtxReader
from sensors.reading.model import Position
from tests.conformance.places import SIGMAHQ
from tests.conformance.sigma.shared import REGRESSION, product_rules

pytestmark = pytest.mark.conformance

CASES = 202
COUNTED_OTHERWISE = {
    "0b9ad457-2554-44c1-82c2-d56a99c42377": 3,  # the log names user.conf three times, the case says once
    "8fbf3271-1ef6-4e94-8210-03c2317947f6": 3,  # procdump.exe, procdump64.exe and procdump64a.exe
    "45e112d0-7759-4c2a-aa36-9f8fb79d3393": 3,  # three values, all set to 2, which the filter does not name
    "c7dcacd0-cc59-4004-b0a4-1d6cdebe6f3e": 2,  # AutoShareServer and AutoShareWks
}
"""Cases whose `match_count` contradicts the rule's own text, with what the log holds, counted by hand."""


def test_rules_fire() -> None:
    matcher = Matcher(product_rules())
    silent, miscounted, cases = set(), [], 0
    for info in sorted(REGRESSION.rglob("info.yml")):
        case = yaml.safe_load(info.read_text(encoding="utf-8"))
        for test in case.get("regression_tests_info", ()):
            cases += 1
            counts = _counts(matcher, _file(test["path"], info))
            for entry in case["rule_metadata"]:
                found = counts[entry["id"]]
                wanted = COUNTED_OTHERWISE.get(entry["id"], test.get("match_count", found))
                if not found:
                    silent.add(entry["id"])
                elif found != wanted:
                    miscounted.append((entry["id"], found, wanted))
    assert cases == CASES
    assert silent == set()
    assert not miscounted


def _counts(matcher: Matcher, path: Path) -> Counter[str]:
    source = Source("00" * 16, "records", "made")
    return Counter(
        rule.id
        for portion in EvtxReader().portions(path, source, Position(), 0)
        for batch in portion.batches
        for match in matcher.match(batch)
        for rule in match.rules
    )


def _file(path: str, info: Path) -> Path:
    found = SIGMAHQ / path
    return found if found.exists() else info.parent / Path(path).name
