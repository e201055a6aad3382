from pathlib import Path

from tests.cli.conftest import Run


def test_what_rules_cover_is_told_by_dataset_and_tactic(hanwatch: Run, portal_log: Path) -> None:
    hanwatch("ingest", portal_log)
    (found,) = hanwatch("rules", "coverage", "--days", "36500", "--json").lines
    assert found["datasets"]["web.access"] >= 1
    assert found["rules"]["sees"] >= 1
    assert found["rules"]["never"] >= 50
    assert found["waiting"]["network.flow"] >= 1
    assert found["tactics"]["initial-access"]["rules"] > found["tactics"]["initial-access"]["seeing"] >= 1
    assert found["techniques"]["T1190"]["seeing"] >= 1
    assert found["techniques"]["T0816"]["seeing"] == 0
    ran = hanwatch("rules", "coverage", "--days", "36500")
    assert ran.status == 0
    assert "initial-access" in ran.out
    assert "techniques" in ran.out
    assert "--blind" in ran.err


def test_blind_rules_are_listed_with_the_reason(hanwatch: Run, portal_log: Path) -> None:
    hanwatch("ingest", portal_log)
    ran = hanwatch("rules", "coverage", "--blind", "--days", "36500", "--json")
    assert ran.status == 1
    assert {line["sight"] for line in ran.lines} <= {"never", "fields"}
    assert "never came" in hanwatch("rules", "coverage", "--blind").out


def test_rules_may_be_named(hanwatch: Run, portal_log: Path, tmp_path: Path) -> None:
    hanwatch("ingest", portal_log)
    rule = tmp_path / "rule.yml"
    rule.write_text(
        "title: Any\nlogsource: {product: hanwatch, service: web.access}\n"
        "detection: {s: {source.ip: 192.0.2.1}, condition: s}\n"
    )
    ran = hanwatch("rules", "coverage", rule, "--blind", "--days", "36500")
    assert (ran.status, ran.out) == (0, "")


def test_without_data_there_is_nothing_to_see(hanwatch: Run) -> None:
    assert hanwatch("rules", "coverage").status == 2
