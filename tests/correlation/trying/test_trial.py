"""Rules and correlations on their samples."""

from pathlib import Path

import pytest

from correlation.rules.loading import Loaded, load_rules
from correlation.trying.samples import Sample
from correlation.trying.trial import Trial, try_out

RULES = """
title: A missing page
name: missing
id: 10000000-0000-4000-8000-000000000001
logsource: {product: hanwatch, service: web.access}
detection: {s: {http.response.status_code: 404}, condition: s}
---
title: Many missing pages
name: many
id: 10000000-0000-4000-8000-000000000002
correlation: {type: event_count, rules: [missing], group-by: [source.ip], timespan: 1m, condition: {gte: 3}}
---
title: Many of many
id: 10000000-0000-4000-8000-000000000003
correlation: {type: event_count, rules: [many], group-by: [source.ip], timespan: 1h, condition: {gte: 2}}
"""
RULE, MANY, AGAIN = (f"10000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    (tmp_path / "rules.yml").write_text(RULES)
    found = load_rules([tmp_path / "rules.yml"])
    assert not found.problems
    return found


def log(folder: Path, *statuses: int, minute: int = 0) -> Path:
    file = folder / "sample.log"
    with file.open("a") as out:
        for second, status in enumerate(statuses):
            out.write(f'198.51.100.7 - - [22/Nov/2026:08:{minute:02}:{second:02} +0800] "GET / HTTP/1.1" {status} 5\n')
    return file


def tried(loaded: Loaded, sample: Sample) -> Trial:
    (trial,) = try_out(loaded, [sample])
    return trial


@pytest.mark.parametrize(
    ("statuses", "fires", "count", "passed"),
    [
        ((200, 404), True, None, True),
        ((200, 200), True, None, False),
        ((200, 200), False, None, True),
        ((200, 404), False, None, False),
        ((404, 404), True, 2, True),
        ((404, 404), True, 1, False),
    ],
)
def test_a_rule_does_as_it_must_or_not(
    loaded: Loaded, tmp_path: Path, statuses: tuple[int, ...], *, fires: bool, count: int | None, passed: bool
) -> None:
    trial = tried(loaded, Sample(RULE, log(tmp_path, *statuses), fires, count))
    assert trial.passed is passed
    assert (trial.events, trial.found) == (len(statuses), statuses.count(404))


def test_a_correlation_sees_what_its_rules_find(loaded: Loaded, tmp_path: Path) -> None:
    file = log(tmp_path, 404, 404, 200)
    assert tried(loaded, Sample(MANY, file, fires=False)).passed
    log(tmp_path, 404, 404, 404, minute=20)
    assert tried(loaded, Sample(MANY, file, fires=True)).found == 1
    assert not tried(loaded, Sample(AGAIN, file, fires=True)).passed
    log(tmp_path, 404, 404, 404, minute=40)
    assert tried(loaded, Sample(AGAIN, file, fires=True)).passed


def test_a_sample_without_events_or_that_cannot_be_read_proves_nothing(loaded: Loaded, tmp_path: Path) -> None:
    trial = tried(loaded, Sample(RULE, tmp_path / "absent.log", fires=False))
    assert (trial.passed, trial.problem and trial.problem.code) == (False, "input-unreadable")
    (tmp_path / "empty.log").write_text("")
    assert not tried(loaded, Sample(RULE, tmp_path / "empty.log", fires=False)).passed
