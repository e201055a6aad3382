"""What a site does not want to be told: listed, counted, checked."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

GOOD = """
exceptions:
- id: scanner
  rules: [{rule}]
  fields: {{source.ip: {address}}}
  owner: Li Wei
  reason: the site's own scanner
  end: {end}
"""


@pytest.fixture
def rule(hanwatch: Run, portal_log: Path, data: Path) -> str:
    """The id of a rule of the pack that finds the attack in the portal's log."""
    hanwatch("ingest", portal_log)
    found = str(hanwatch("alerts", "list", "--json").lines[0]["rule"]["id"])
    for path in sorted(data.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    return found


def settle(data: Path, text: str) -> Path:
    file = data.parent / "exceptions.yml"
    file.write_text(text, encoding="utf-8")
    data.mkdir(exist_ok=True)
    (data / "hanwatch.yml").write_text(f"rules: {{exceptions: [{file}]}}\n", encoding="utf-8")
    return file


def test_what_is_excepted_is_no_alert_and_counted_for_its_exception(
    hanwatch: Run, rule: str, portal_log: Path, data: Path
) -> None:
    settle(data, GOOD.format(rule=rule, address="203.0.113.199", end="2999-12-31"))
    assert [line["excepted"] for line in hanwatch("rules", "exceptions", "list", "--json").lines] == [0]
    hanwatch("ingest", portal_log)
    assert rule not in {found["rule"]["id"] for found in hanwatch("alerts", "list", "--json").lines}
    (one,) = hanwatch("rules", "exceptions", "list", "--json").lines
    assert (one["id"], one["excepted"], one["works"], one["rules"]) == ("scanner", 1, True, [rule])
    ledger = hanwatch("ledger", "--json").lines[0]
    assert (ledger["excepted"], ledger["complete"]) == (1, True)
    assert "1" in hanwatch("ledger").out.split("excepted")[0].splitlines()[-1]
    assert "Li Wei" in hanwatch("rules", "exceptions", "list").out


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (GOOD.replace("{end}", "2001-12-31"), "exception-ended"),
        (GOOD.replace("  owner: Li Wei\n", "").replace("{end}", "2999-12-31"), "exception-incomplete"),
        ("exceptions: [\n", "exceptions-invalid"),
    ],
)
def test_one_that_does_nothing_is_told_by_all_and_suppresses_nothing(
    hanwatch: Run, rule: str, portal_log: Path, *, text: str, code: str, data: Path
) -> None:
    settle(data, text if code == "exceptions-invalid" else text.format(rule=rule, address="203.0.113.199"))
    checked = hanwatch("rules", "exceptions", "check", "--json")
    assert checked.status == 1
    assert [line["code"] for line in checked.lines[:-1]] == [code]
    assert [line["code"] for line in hanwatch("rules", "check", "--json").lines[:-1]] == [code]
    ran = hanwatch("ingest", portal_log)
    assert "suppresse" in ran.err
    assert ran.status == (0 if code == "exception-ended" else 3)
    assert rule in {found["rule"]["id"] for found in hanwatch("alerts", "list", "--json").lines}
    states = [line["state"] for line in hanwatch("doctor", "--json").lines if line["check"] == "rules"]
    assert states == (["ok", "ok", "hint"] if code == "exception-ended" else ["ok", "fault"])


def test_files_can_be_tried_before_they_are_used(hanwatch: Run, rule: str, tmp_path: Path) -> None:
    file = tmp_path / "new.yml"
    file.write_text(GOOD.format(rule=rule, address="192.0.2.1", end="2999-12-31"))
    assert hanwatch("rules", "exceptions", "check", file).status == 0
    file.write_text(GOOD.format(rule="nobody", address="192.0.2.1", end="2999-12-31"))
    ran = hanwatch("rules", "exceptions", "check", file)
    assert ran.status == 1
    assert "new.yml:3" in ran.err


def test_without_any_it_is_said(hanwatch: Run) -> None:
    ran = hanwatch("rules", "exceptions", "list")
    assert ran.status == 0
    assert "rules.exceptions" in ran.err


GUESSING = """
exceptions:
- id: jump-host
  rules: [many_failures]
  fields: {{{field}: 203.0.113.199}}
  owner: Li Wei
  reason: the site's own scanner
  end: 2999-12-31
"""
CORRELATED = """
title: Any request
name: any_request
id: 30000000-0000-4000-8000-000000000000
logsource: {product: hanwatch, service: web.access}
detection: {s: {source.ip: '*'}, condition: s}
---
title: Requests
name: many_failures
id: 30000000-0000-4000-8000-000000000001
correlation: {type: event_count, rules: [any_request], group-by: [source.ip], timespan: 1h, condition: {gte: 1}}
"""


def test_one_for_a_correlation_hides_its_alerts_and_is_counted(hanwatch: Run, portal_log: Path, data: Path) -> None:
    file = settle(data, GUESSING.format(field="source.ip"))
    (data.parent / "own").mkdir()
    (data.parent / "own" / "rules.yml").write_text(CORRELATED, encoding="utf-8")
    settings = f"rules: {{exceptions: [{file}], own_pack: false, folders: [{data.parent / 'own'}]}}\n"
    (data / "hanwatch.yml").write_text(settings, encoding="utf-8")
    assert hanwatch("ingest", portal_log).status == 0
    told = hanwatch("alerts", "list", "--json").lines
    assert told
    shown = [hanwatch("alerts", "show", one["id"], "--json").lines[0] for one in told]
    assert "203.0.113.199" not in {proof["summary"]["source.ip"] for one in shown for proof in one["evidence"]}
    (one,) = hanwatch("rules", "exceptions", "list", "--json").lines
    assert (one["excepted"], one["rules"]) == (1, ["30000000-0000-4000-8000-000000000001"])
    assert hanwatch("ledger", "--json").lines[0]["excepted"] == 1
    assert "jump-host" in hanwatch("rules", "show", "many_failures").out
    file.write_text(GUESSING.format(field="user.name"), encoding="utf-8")
    refused = hanwatch("rules", "exceptions", "check")
    assert refused.status == 1
    assert "user.name" in refused.err
    assert "(source.ip)" in refused.err
