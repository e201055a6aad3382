from pathlib import Path

import pytest

from tests.cli.conftest import ATTACK, Run, access_line

RULE = """title: An error of the server
id: 10000000-0000-4000-8000-000000000000
logsource: {category: webserver}
detection: {s: {sc-status|gte: 500}, f: {c-ip: 192.0.2.10}, condition: s and not f}
"""


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    file = tmp_path / "rule.yml"
    file.write_text(RULE)
    return file


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "access.log"
    failed = access_line(2, client="203.0.113.1").replace('" 200', '" 500')
    file.write_text(access_line(1) + failed + access_line(3, ATTACK))
    return file


def test_events_are_read_as_in_a_run_and_each_part_is_told(hanwatch: Run, rule: Path, log: Path) -> None:
    ran = hanwatch("rules", "explain", rule, "--events", log, "--json")
    assert ran.status == 0
    assert [(line["ordinal"], line["matches"], line["routed"]) for line in ran.lines] == [
        (1, False, True), (2, True, True), (3, False, True),
    ]  # fmt: skip
    status, no_client = ran.lines[0]["reason"]["all"]
    assert (status["holds"], no_client["holds"]) == (False, False)
    assert status["values"] == {"http.response.status_code": 200}
    assert no_client["not"]["values"] == {"source.ip": "192.0.2.10"}
    said = hanwatch("rules", "explain", rule, "--events", log).out
    assert "√ event 2" in said
    assert "http.response.status_code ≥ 500    http.response.status_code = 500" in said


def test_a_rule_that_never_sees_such_events_says_so(hanwatch: Run, log: Path) -> None:
    ran = hanwatch("rules", "explain", "ssh_login_refused", "--events", log)
    assert "the rule is for hanwatch/*/system.syslog and never sees it" in ran.out


def test_raw_events_are_taken_as_they_are(hanwatch: Run, rule: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text('{"sc-status":500,"c-ip":"192.0.2.10"}\nnonsense\n{"sc-status":500}\n')
    ran = hanwatch("rules", "explain", rule, "--events", events, "--raw", "--json")
    assert ran.status == 3
    assert [(line["ordinal"], line["matches"]) for line in ran.lines] == [(1, False), (3, True)]
    assert "events.jsonl:2" in ran.err


def test_more_events_than_wanted_are_told(hanwatch: Run, rule: Path, log: Path) -> None:
    ran = hanwatch("rules", "explain", rule, "--events", log, "--limit", "2", "--json")
    assert len(ran.lines) == 2
    assert "--limit" in ran.err


def test_a_correlation_looks_at_no_event(hanwatch: Run, log: Path) -> None:
    ran = hanwatch("rules", "explain", "ssh_password_guessing", "--events", log)
    assert (ran.status, "correlation" in ran.err) == (2, True)
