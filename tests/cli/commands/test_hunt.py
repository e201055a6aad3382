"""`hanwatch hunt` asks rules of what is stored."""

from pathlib import Path

import pytest

from tests.cli.conftest import ATTACK, Run, access_line

RULE = """title: An error of the server
id: 10000000-0000-4000-8000-000000000000
name: server_error
logsource: {category: webserver}
detection: {s: {sc-status|gte: 500}, condition: s}
"""


@pytest.fixture
def rule(hanwatch: Run, tmp_path: Path) -> Path:
    log, file = tmp_path / "access.log", tmp_path / "rule.yml"
    failed = access_line(2, client="203.0.113.1").replace('" 200', '" 500')
    log.write_text(access_line(1) + failed + access_line(3, ATTACK))
    file.write_text(RULE)
    assert hanwatch("ingest", log).status == 0
    return file


def test_a_rule_that_came_later_finds_what_was_stored_and_tells_it_once(hanwatch: Run, rule: Path) -> None:
    before = len(hanwatch("alerts", "list", "--json").lines)
    for fresh in (1, 0):
        ran = hanwatch("hunt", rule, "--record", "--json")
        assert ran.status == 1
        (found,) = ran.lines
        assert found["rule"]["title"] == "An error of the server"
        assert found["evidence"][0]["position"] == {"unit": "line", "number": 2}
        assert f"{fresh} new alerts" in ran.err
    assert len(hanwatch("alerts", "list", "--json").lines) == before + 1


def test_what_was_told_when_it_came_is_known(hanwatch: Run, rule: Path) -> None:
    assert rule.exists()
    ran = hanwatch("hunt", "--record")
    assert ran.status == 1
    assert "0 new alerts" in ran.err


def test_nothing_found_is_no_finding(hanwatch: Run, rule: Path) -> None:
    ran = hanwatch("hunt", rule, "--where", "source.ip:192.0.2.77")
    assert (ran.status, "0 found" in ran.err) == (0, True)
    assert hanwatch("hunt", "no_such_rule").status == 2


def test_a_broken_rule_is_told_and_the_rest_is_asked(hanwatch: Run, rule: Path) -> None:
    (rule.parent / "broken.yml").write_text("title: x\nlogsource: {category: webserver}\ndetection: {condition: s}\n")
    ran = hanwatch("hunt", rule.parent / "broken.yml", rule, "--json")
    assert ran.status == 3
    assert len(ran.lines) == 1
    assert "broken.yml" in ran.err


def test_several_processes_find_what_one_finds(hanwatch: Run, rule: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = rule.parent / "more.log"
    log.write_text("".join(access_line(number).replace('" 200', '" 500') for number in range(4, 40)))
    assert hanwatch("ingest", log).status == 0
    monkeypatch.setattr("cli.parts.hunting.LEAST", 5)
    alone, together = (hanwatch("hunt", rule, "--json", "--processes", str(number)) for number in (1, 3))
    assert len(alone.lines) == 37
    assert (alone.status, together.status) == (1, 1)
    assert sorted(one["id"] for one in together.lines) == sorted(one["id"] for one in alone.lines)
    shown = hanwatch("hunt", rule, "--processes", "3")
    assert "37 found" in shown.err


def test_an_indicator_that_came_later_is_found_in_what_was_stored_before(
    hanwatch: Run, data: Path, tmp_path: Path
) -> None:
    log, feed = tmp_path / "access.log", tmp_path / "feed.txt"
    log.write_text(access_line(1, client="45.155.205.7"), encoding="utf-8")
    feed.write_text("45.155.205.7\n")
    assert hanwatch("ingest", log).status == 0
    hanwatch("intelligence", "import", feed, "--confidence", "90")
    (found,) = hanwatch("hunt", "known_indicator_high", "--json").lines
    assert found["rule"]["title"] == "Event Shows an Indicator of High Confidence"
