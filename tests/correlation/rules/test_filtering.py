"""Filters: whom they apply to, and what they change."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from correlation.errors import RuleInvalid, RulePlaceholder, RuleReferenceUnknown
from correlation.matcher.engine import Matcher
from correlation.rules.documents import parse
from correlation.rules.loading import load_rules

RULES = """
title: A shell
name: shell
id: 10000000-0000-4000-8000-000000000000
logsource: {product: windows, category: process_creation}
detection: {s: {Image|endswith: '\\\\cmd.exe'}, condition: s}
---
title: Any process of a user
name: user
id: 20000000-0000-4000-8000-000000000000
logsource: {product: windows, category: process_creation}
detection: {s: {User: '*'}, condition: s}
---
title: Another source
name: other
id: 30000000-0000-4000-8000-000000000000
logsource: {product: linux, category: process_creation}
detection: {s: {Image: x}, condition: s}
"""
FILTER: dict[str, Any] = {
    "title": "Administrators",
    "logsource": {"product": "windows", "category": "process_creation"},
    "filter": {"rules": ["shell"], "administrators": {"User|startswith": "adm_"}, "condition": "not administrators"},
}


def write(folder: Path, *filters: dict[str, Any]) -> None:
    text = "---".join([RULES, *("\n" + yaml.safe_dump(one, sort_keys=False) for one in filters)])
    (folder / "rules.yml").write_text(text, encoding="utf-8")


def found(folder: Path, **event: str) -> list[str]:
    loaded = load_rules([folder])
    assert not loaded.problems
    return [rule.name for rule in Matcher(loaded.rules, mapping=False).match_document(event)]


def test_a_filter_leaves_out_what_a_site_knows(tmp_path: Path) -> None:
    write(tmp_path, FILTER)
    assert found(tmp_path, Image="c:\\cmd.exe", User="li") == ["shell", "user"]
    assert found(tmp_path, Image="c:\\cmd.exe", User="ADM_li") == ["user"]


@pytest.mark.parametrize("rules", ["any", []])
def test_a_filter_for_any_rule_applies_to_those_of_its_source(tmp_path: Path, rules: Any) -> None:
    write(tmp_path, {**FILTER, "filter": {**FILTER["filter"], "rules": rules}})
    assert found(tmp_path, Image="c:\\cmd.exe", User="adm_li") == []
    assert found(tmp_path, Image="x", User="adm_li") == ["other"]


def test_a_filter_of_another_source_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, {**FILTER, "logsource": {"product": "linux"}})
    assert found(tmp_path, Image="c:\\cmd.exe", User="adm_li") == ["shell", "user"]


def test_a_name_that_no_rule_has_is_told(tmp_path: Path) -> None:
    write(tmp_path, {**FILTER, "filter": {**FILTER["filter"], "rules": ["shell", "nobody"]}})
    loaded = load_rules([tmp_path])
    (problem,) = loaded.problems
    assert isinstance(problem, RuleReferenceUnknown)
    assert problem.parameters["name"] == "nobody"
    assert len(loaded.rules) == 3


@pytest.mark.parametrize(
    ("changed", "field", "line"),
    [
        ({"condition": "not nobody"}, "filter.condition", 10),
        ({"condition": ["a", "b"]}, "filter.condition", 10),
        ({"rules": 3}, "filter.rules", 6),
        ({"administrators": {"User|startwith": "x"}}, "filter.administrators.User|startwith", 9),
    ],
)
def test_what_is_refused_is_told_with_its_place(changed: dict[str, Any], field: str, line: int) -> None:
    text = yaml.safe_dump({**FILTER, "filter": {**FILTER["filter"], **changed}}, sort_keys=False)
    loaded, (problem,) = parse(text, "made.yml")
    assert not loaded
    assert isinstance(problem, RuleInvalid)
    assert problem.place is not None
    assert (problem.place.field, problem.place.line) == (field, line)


def test_a_placeholder_is_told_as_in_rules() -> None:
    said = {**FILTER["filter"], "administrators": {"User|expand": "%administrators%"}}
    _, (problem,) = parse(yaml.safe_dump({**FILTER, "filter": said}), "made.yml")
    assert isinstance(problem, RulePlaceholder)
    assert problem.place is not None
    assert problem.place.field == "filter.administrators.User|expand"


def test_a_filter_has_no_detection() -> None:
    _, (problem,) = parse(yaml.safe_dump({**FILTER, "detection": {"s": {"a": "b"}, "condition": "s"}}), "made.yml")
    assert isinstance(problem, RuleInvalid)
    assert problem.place is not None
    assert problem.place.field == "detection"
