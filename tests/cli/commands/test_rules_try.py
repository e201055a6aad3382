from pathlib import Path

import pytest

from cli.demo_plan import write_plan
from tests.cli.conftest import Run, access_line

RULE = """title: A missing page
id: 10000000-0000-4000-8000-000000000000
logsource: {product: hanwatch, service: web.access}
detection: {s: {http.response.status_code: 404}, condition: s}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules" / "missing").mkdir(parents=True)
    (tmp_path / "rules" / "missing.yml").write_text(RULE)
    (tmp_path / "rules" / "missing" / "fires.log").write_text(access_line(1).replace('" 200', '" 404'))
    (tmp_path / "rules" / "missing" / "silent.log").write_text(access_line(1))
    return tmp_path / "rules"


def test_rules_do_as_they_must(hanwatch: Run, folder: Path) -> None:
    ran = hanwatch("rules", "test", folder, "--json")
    assert ran.status == 0
    assert [(line["expected"], line["found"], line["passed"]) for line in ran.lines[:-1]] == [
        ("fires", 1, True), ("silent", 0, True),
    ]  # fmt: skip
    assert ran.lines[-1] == {"rules": 1, "samples": 2, "failed": 0}


def test_one_that_does_not_is_told_with_its_sample(hanwatch: Run, folder: Path) -> None:
    (folder / "missing.yml").write_text(RULE.replace("404", "200"))
    ran = hanwatch("rules", "test", folder)
    assert ran.status == 1
    assert "fires.log" in ran.out
    assert "must be silent, and finds 1 in 1 events" in ran.out


def test_a_broken_rule_is_a_finding_too(hanwatch: Run, folder: Path) -> None:
    (folder / "broken.yml").write_text("title: [")
    ran = hanwatch("rules", "test", folder)
    assert ran.status == 1
    assert "broken.yml" in ran.err


def test_regression_data_are_tried(hanwatch: Run, folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "regression_data"
    data.mkdir()
    (data / "info.yml").write_text(
        "rule_metadata: [{id: 10000000-0000-4000-8000-000000000000}]\n"
        "regression_tests_info: [{path: regression_data/some.log, match_count: 2}]\n"
    )
    (data / "some.log").write_text(access_line(1).replace('" 200', '" 404'))
    ran = hanwatch("rules", "test", folder, "--regression", data)
    assert ran.status == 1
    assert "must find 2, and finds 1 in 1 events" in ran.out


def test_the_pack_does_as_it_must_whatever_a_site_knows(hanwatch: Run, tmp_path: Path) -> None:
    plan = write_plan(tmp_path)
    assert plan is not None
    for more in ((), ("--context", plan)):
        ran = hanwatch("rules", "test", *more)
        assert (ran.status, "--context" in ran.err) == (0, False), ran.out


def test_a_rule_on_context_needs_some_beside_its_samples_or_by_name(hanwatch: Run, folder: Path) -> None:
    (folder / "missing.yml").write_text(RULE.replace("404", "404, hanwatch.source.domain: iot"))
    ran = hanwatch("rules", "test", folder)
    assert (ran.status, "--context" in ran.err) == (0, True)
    known = "network,domain\n0.0.0.0/0,iot\n"
    (folder.parent / "site.csv").write_text(known)
    ran = hanwatch("rules", "test", folder, "--context", folder.parent / "site.csv")
    assert (ran.status, "--context" in ran.err) == (0, False)
    (folder / "missing" / "context.csv").write_text(known.replace("iot", "ot"))
    ran = hanwatch("rules", "test", folder, "--context", folder.parent / "site.csv")
    assert ran.status == 1
    assert "must fire, and is silent" in ran.out
    (folder / "missing" / "context.csv").write_text("network\nnowhere\n")
    ran = hanwatch("rules", "test", folder)
    assert ran.status == 1
    assert "context.csv" in ran.out


def test_rules_without_samples_are_wrong_use(hanwatch: Run, folder: Path) -> None:
    for file in (folder / "missing").iterdir():
        file.unlink()
    ran = hanwatch("rules", "test", folder)
    assert (ran.status, "fires.*" in ran.err) == (2, True)
