from pathlib import Path

import pytest

from tests.cli.conftest import Run

RULE = """title: Whoami
id: 11111111-2222-4333-8444-555555555555
logsource:
  product: windows
  category: process_creation
detection:
  s:
    Image|endswith: \\whoami.exe
  condition: s
level: medium
"""


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    file = tmp_path / "whoami.yml"
    file.write_text(RULE)
    return file


def test_match_takes_events_as_they_are_and_prints_one_line_for_each_match(
    hanwatch: Run, rule: Path, tmp_path: Path
) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text('{"Image":"C:\\\\Windows\\\\whoami.exe"}\n\n{"Image":"x"}\n{"Image":"\\\\WHOAMI.EXE"}\n')
    ran = hanwatch("rules", "match", rule, "--events", events, "--json")
    assert ran.status == 0
    assert [(found["rule"], found["line"]) for found in ran.lines] == [
        ("11111111-2222-4333-8444-555555555555", 1),
        ("11111111-2222-4333-8444-555555555555", 4),
    ]


def test_match_reports_lines_that_are_no_events_and_goes_on(hanwatch: Run, rule: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text('nonsense\n[1]\n{"Image":"\\\\whoami.exe"}\n')
    ran = hanwatch("rules", "match", rule, "--events", events, "--json")
    assert ran.status == 3
    assert [found["line"] for found in ran.lines] == [3]
    assert "events.jsonl:1" in ran.err
    assert "events.jsonl:2" in ran.err


def test_check_finds_the_line_of_the_fault_and_loads_the_rest(hanwatch: Run, rule: Path) -> None:
    broken = rule.with_name("broken.yml")
    broken.write_text(RULE.replace("1111", "2222", 1).replace("Image|endswith", "Image|endwith"))
    ran = hanwatch("rules", "check", rule.parent, "--json")
    assert ran.status == 1
    *faults, summary = ran.lines
    assert [(Path(fault["file"]).name, fault["line"]) for fault in faults] == [("broken.yml", 8)]
    assert summary == {"rules": 1, "correlations": 0, "broken": 1, "without_dataset": 0}


def test_placeholders_come_from_the_settings_and_the_command_line(
    hanwatch: Run, rule: Path, tmp_path: Path, empty: Path
) -> None:
    rule.write_text(RULE.replace("Image|endswith: \\whoami.exe", "Image|endswith|expand: '%tools%'"))
    refused = hanwatch("rules", "check", rule)
    assert refused.status == 1
    assert "%tools%" in refused.err
    assert "rules.placeholders" in refused.err
    values = tmp_path / "values.yml"
    values.write_text("tools: ['\\whoami.exe']\n")
    assert hanwatch("rules", "check", rule, "--placeholders", values).status == 0
    (empty / "hanwatch.yml").write_text(f"rules: {{placeholders: [{values}]}}\n")
    assert hanwatch("rules", "check", rule).status == 0
    values.write_text("tools: []\n")
    ran = hanwatch("rules", "check", rule, "--json")
    assert [fault["code"] for fault in ran.lines[:-1]] == ["placeholders-invalid", "rule-placeholder"]


def test_pipelines_change_what_rules_ask_for(hanwatch: Run, rule: Path, tmp_path: Path) -> None:
    steps = tmp_path / "steps.yaml"
    steps.write_text("transformations:\n- {type: field_name_mapping, mapping: {Image: process.executable}}\n")
    events = tmp_path / "events.jsonl"
    events.write_text('{"process.executable":"C:\\\\whoami.exe"}\n')
    match = ("rules", "match", rule, "--events", events, "--json")
    assert hanwatch(*match).lines == []
    assert [found["line"] for found in hanwatch(*match, "--pipeline", steps).lines] == [1]
    steps.write_text("transformations:\n- {type: rename}\n")
    ran = hanwatch("rules", "check", rule, "--pipeline", steps)
    assert ran.status == 1
    assert "steps.yaml:2 (transformations.0)" in ran.err
    assert "rename" in ran.err


def test_the_own_pack_is_listed_and_whole(hanwatch: Run) -> None:
    assert hanwatch("rules", "check").status == 0
    listed = hanwatch("rules", "list", "--json").lines
    assert len(listed) >= 40
    assert all(rule["routable"] for rule in listed if "correlation" not in rule)
    assert sum("correlation" in rule for rule in listed) >= 9


def test_a_place_without_rules_is_told(hanwatch: Run, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text('{"Image":"x"}\n')
    ran = hanwatch("rules", "match", tmp_path, "--events", events)
    assert ran.status == 2
    assert "no rule in" in ran.err
