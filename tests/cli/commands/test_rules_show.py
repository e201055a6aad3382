from pathlib import Path

from tests.cli.conftest import Run


def test_a_rule_is_shown_with_what_stands_around_it(hanwatch: Run, empty: Path) -> None:
    exceptions = empty / "exceptions.yml"
    exceptions.write_text(
        "exceptions: [{id: bastion, rules: [ssh_login_refused], fields: {source.ip: 10.1.0.9}, owner: Li Wei,"
        " reason: known, end: 2999-12-31}]"
    )
    (empty / "hanwatch.yml").write_text(f"rules: {{exceptions: [{exceptions}]}}\n")
    (shown,) = hanwatch("rules", "show", "ssh_login_refused", "--json").lines
    assert shown["silent"] is True
    assert len(shown["correlations"]) >= 2
    assert shown["exceptions"] == ["bastion"]
    assert shown["fields"] == {"event.action": ["event.action"], "event.outcome": ["event.outcome"]}
    assert [one["dataset"] for one in shown["datasets"]] == ["system.syslog", "system.syslog.*"]
    assert len(shown["condition"]["all"]) == 2
    ran = hanwatch("rules", "show", shown["id"][:8])
    for text in ("ssh_password_guessing", "Li Wei", "everyday.yml:2", "event.outcome is failure", "by itself"):
        assert text in ran.out


def test_fields_are_shown_under_the_names_that_they_have_here(hanwatch: Run, tmp_path: Path, empty: Path) -> None:
    (tmp_path / "rule.yml").write_text(
        "title: A shell\nid: 10000000-0000-4000-8000-000000000000\n"
        "logsource: {product: windows, category: process_creation}\n"
        "detection: {s: {Image: x}, condition: s}\n"
    )
    (empty / "hanwatch.yml").write_text(f"rules: {{folders: [{tmp_path / 'rule.yml'}]}}\n")
    (shown,) = hanwatch("rules", "show", "A shell", "--json").lines
    assert "winlog.event_data.NewProcessName" in shown["fields"]["Image"]
    assert shown["datasets"][0]["where"]["event.code"]


def test_a_correlation_is_shown(hanwatch: Run) -> None:
    (shown,) = hanwatch("rules", "show", "ssh_password_guessing", "--json").lines
    assert shown["correlation"]["type"] == "event_count"
    assert "ssh_login_refused" in hanwatch("rules", "show", "ssh_password_guessing").out


def test_what_is_called_so_by_none_or_several_is_wrong_use(hanwatch: Run) -> None:
    ran = hanwatch("rules", "show", "nobody")
    assert (ran.status, "rules list" in ran.err) == (2, True)
    ids = [rule["id"][:1] for rule in hanwatch("rules", "list", "--json").lines]
    first = max(set(ids), key=ids.count)
    assert hanwatch("rules", "show", first).status == 2
