"""Incidents from logs to the screen, as a person works with them."""

from pathlib import Path

import pytest

from cli.demo import write_samples
from sensors.event.times import from_iso
from tests.cli.conftest import Run


@pytest.fixture
def attacked(hanwatch: Run, portal_log: Path) -> str:
    """The id of the incident of a log with one attack."""
    assert hanwatch("ingest", portal_log).status == 0
    (found,) = hanwatch("incidents", "list", "--json").lines
    return str(found["id"])


def test_the_samples_lead_to_incidents_that_say_why(hanwatch: Run, tmp_path: Path) -> None:
    write_samples(tmp_path / "samples", from_iso("2026-11-22T12:00:00Z"))
    assert hanwatch("ingest", *sorted((tmp_path / "samples").glob("*.log"))).status == 0
    found = hanwatch("incidents", "list", "--json").lines
    assert sum(one["alerts"] for one in found) == len(hanwatch("alerts", "list", "--limit", 1000, "--json").lines)
    (guessed,) = [one for one in found if "host:synthetic-cloud-host-03" in one["victims"]]
    (whole,) = hanwatch("incidents", "show", guessed["id"][:8], "--json").lines
    assert [[reason["link"] for reason in one["reasons"]][:1] for one in whole["timeline"]] == [
        [], ["same-source"], ["same-source"], ["same-victim"],
    ]  # fmt: skip
    shown = hanwatch("incidents", "show", guessed["id"]).out
    assert "same source 198.51.100.23 within 72 s" in shown
    assert "+50" in shown


def test_reading_the_same_again_changes_no_incident(hanwatch: Run, attacked: str, portal_log: Path) -> None:
    before = hanwatch("incidents", "show", attacked, "--json").lines
    assert hanwatch("ingest", portal_log).status == 0
    assert hanwatch("incidents", "show", attacked, "--json").lines == before


def test_an_incident_is_worked_on_and_a_mistake_is_taken_back(hanwatch: Run, attacked: str) -> None:
    name = attacked[:8]
    assert hanwatch("incidents", "assign", name, "李伟", "--by", "wang").status == 0
    assert hanwatch("incidents", "state", name, "closed").status == 2
    assert hanwatch("incidents", "state", name, "closed", "--outcome", "false-positive", "--by", "wang").status == 0
    assert hanwatch("incidents", "undo", name, "--by", "wang").status == 0
    assert hanwatch("incidents", "note", name, "called\x1b[2J", "--by", "wang").status == 0
    stale = hanwatch("incidents", "note", name, "too late", "--expect", 1)
    assert stale.status == 3
    assert "is at version 4" in stale.err
    (found,) = hanwatch("incidents", "list", "--state", "new", "--assignee", "李伟", "--json").lines
    assert found["version"] == 4
    shown = hanwatch("incidents", "show", name).out
    assert "taken back" in shown
    assert "\x1b[2J" not in shown
    assert hanwatch("incidents", "show", "zzz").status == 3


def test_a_grade_is_proposed_and_says_what_is_to_be_verified(hanwatch: Run, attacked: str) -> None:
    asked = hanwatch("incidents", "grade", attacked)
    assert "people-affected" in asked.out
    told = hanwatch("incidents", "grade", attacked, "--measure", "people-affected=120000", "--by", "wang")
    assert "large" in told.out
    assert "to verify" in told.out
    assert "100,000 persons" in told.out
    (more,) = hanwatch("incidents", "grade", attacked, "--measure", "personal-data=1e7", "--json").lines
    assert more["grade"]["name"] == "grave"
    assert more["grade"]["verified"] is True
    assert len(more["findings"]) == 2
    assert hanwatch("incidents", "grade", attacked, "--measure", "people").status == 2


def test_a_drill_suppresses_visibly(hanwatch: Run, attacked: str) -> None:
    times = ("--from", "2026-11-22T00:00:00Z", "--to", "2026-11-22T01:00:00Z")
    said = ("--network", "203.0.113.0/24", "--reason", "city drill", "--json")
    made = hanwatch("incidents", "windows", "add", "drill", *times, *said)
    assert made.lines[0]["suppressed"] == 1
    (found,) = hanwatch("incidents", "list", "--json").lines
    assert (found["severity"], found["suppressed"], found["alerts"]) == ("suppressed", 1, 1)
    assert hanwatch("incidents", "list", "--severity", "medium", "--json").lines == []
    assert len(hanwatch("incidents", "list", "--severity", "suppressed", "--json").lines) == 1
    shown = hanwatch("incidents", "windows", "list").out
    assert "city drill" in shown
    assert "announced late" in shown
    assert hanwatch("incidents", "windows", "end", made.lines[0]["id"]).status == 2, "it is over"
    assert hanwatch("incidents", "windows", "add", "drill", *times, "--reason", "x").status == 2


def test_rules_of_a_site_that_cannot_be_used_are_told_at_the_start(hanwatch: Run, data: Path, portal_log: Path) -> None:
    data.mkdir()
    (data / "linking.yml").write_text("quiet: 2 weeks\n")
    (data / "hanwatch.yml").write_text(f"incidents: {{linking: {data / 'linking.yml'}}}\n")
    refused = hanwatch("ingest", portal_log)
    assert refused.status == 2
    assert "quiet" in refused.err
