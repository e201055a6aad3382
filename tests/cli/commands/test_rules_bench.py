from pathlib import Path

import pytest

from tests.cli.conftest import ATTACK, Run, access_line


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "access.log"
    file.write_text(access_line(1) + access_line(2, ATTACK) * 3)
    return file


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    for number, status in enumerate((200, 500)):
        (folder / f"{number}.yml").write_text(
            f"title: Status {status}\nid: 10000000-0000-4000-8000-00000000000{number}\n"
            f"logsource: {{category: webserver}}\ndetection: {{s: {{sc-status: {status}}}, condition: s}}\n"
        )
    return folder


def test_rules_are_measured_together_and_each_by_itself(hanwatch: Run, rules: Path, log: Path) -> None:
    ran = hanwatch("rules", "bench", rules, "--events", log, "--each", "--json")
    assert ran.status == 0
    together, *apart = ran.lines
    assert (together["rules"], together["events"], together["rule"]) == (2, 4, None)
    assert together["cold_per_second"] > 0 < together["warm_per_second"]
    assert {one["title"]: one["matches"] for one in apart} == {"Status 200": together["matches"], "Status 500": 0}
    assert [one["cold"] for one in apart] == sorted((one["cold"] for one in apart), reverse=True)
    said = hanwatch("rules", "bench", rules, "--events", log, "--each")
    assert "2 rules on 4 events" in said.out + said.err
    assert "Status 500" in said.out


def test_a_rule_that_cannot_be_loaded_is_told_and_the_others_measured(hanwatch: Run, rules: Path, log: Path) -> None:
    (rules / "broken.yml").write_text("title: broken\n")
    ran = hanwatch("rules", "bench", rules, "--events", log, "--json")
    assert ran.status == 3
    assert ran.lines[0]["rules"] == 2
    assert "broken.yml" in ran.err


def test_more_events_than_wanted_and_none_are_told(hanwatch: Run, rules: Path, log: Path, tmp_path: Path) -> None:
    log.write_text(access_line(1) * 2_500)
    assert "There are more" in hanwatch("rules", "bench", rules, "--events", log, "--limit", "10").err
    empty = tmp_path / "empty.jsonl"
    empty.write_text('{"no": "event"')
    assert hanwatch("rules", "bench", rules, "--events", empty).status != 0
