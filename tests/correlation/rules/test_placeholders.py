"""Values for placeholders: read from files, and what rules become with them."""

from pathlib import Path

import pytest

from correlation.errors import PlaceholderDuplicate, PlaceholdersInvalid, RulePlaceholder
from correlation.matcher.engine import Matcher
from correlation.rules.documents import parse
from correlation.rules.placeholders import load_placeholders
from correlation.rules.processing import Processing

RULE = """
title: Not from an administrator's desk
id: 10000000-0000-4000-8000-000000000000
logsource: {product: windows, service: security}
detection:
  s: {EventID: 5145}
  desks: {WorkstationName|expand: '%desks%'}
  condition: s and not desks
"""


def written(folder: Path, text: str, name: str = "values.yml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def fires(rule: str, values: dict[str, tuple[str, ...]], event: dict[str, object]) -> bool:
    rules, problems = parse(rule, "made.yml", Processing(placeholders=values))
    assert not problems, problems
    (made,) = rules
    return bool(Matcher([made], mapping=False).match_document(event))  # type: ignore[list-item]  # it is a rule


def test_lists_and_single_values_are_read(tmp_path: Path) -> None:
    values, problems = load_placeholders([written(tmp_path, "desks: [WS-1, 'WS-2*']\nport: 8080\n")])
    assert not problems
    assert values == {"desks": ("WS-1", "WS-2*"), "port": ("8080",)}


def test_a_rule_looks_for_all_values_and_wildcards_are_alive() -> None:
    values = {"desks": ("WS-1", "WS-2*")}
    found = [fires(RULE, values, {"EventID": 5145, "WorkstationName": name}) for name in ("ws-1", "WS-22", "WS-3")]
    assert found == [False, False, True]


@pytest.mark.parametrize(
    ("asked", "text", "right"),
    [
        ("A|contains|expand: '%names%'", "the li of wuhan", True),
        ("A|contains|expand: '%names%'", "none", False),
        ("A|expand: 'wh\\%names%\\x'", "WH\\wang\\x", True),
        ("A|expand: 'wh\\%names%\\x'", "wang", False),
        ("A|re|expand: '^%names%[0-9]$'", "li7", True),
        ("A|re|expand: '^%names%[0-9]$'", "li", False),
        ("A|contains|all|expand: ['%names%', 'x']", "x wang li", True),
        ("A|contains|all|expand: ['%names%', 'x']", "x wang", False),
        ("A|expand: '%port%'", 8080, True),
    ],
)
def test_placeholders_stand_wherever_expand_lets_them(asked: str, text: object, right: bool) -> None:
    rule = RULE[: RULE.index("detection")] + f"detection:\n  s:\n    {asked}\n  condition: s\n"
    assert fires(rule, {"names": ("li", "wang"), "port": ("8080",)}, {"A": text}) is right


def test_one_that_no_file_fills_is_told_as_before() -> None:
    rules, (problem,) = parse(RULE, "made.yml", Processing(placeholders={"other": ("x",)}))
    assert not rules
    assert isinstance(problem, RulePlaceholder)
    assert problem.parameters["name"] == "desks"


def test_what_is_wrong_is_told_and_the_rest_is_used(tmp_path: Path) -> None:
    text = "a: []\nb: {c: 1}\nc: [x, null]\n'%d%': x\ne: ''\nf: true\ng: right\n"
    values, problems = load_placeholders([written(tmp_path, text), tmp_path / "absent.yml"])
    assert values == {"g": ("right",)}
    assert all(isinstance(problem, PlaceholdersInvalid) for problem in problems)
    assert [problem.place and problem.place.line for problem in problems] == [1, 2, 3, 4, 5, 6, None]


def test_the_first_of_two_lists_stays(tmp_path: Path) -> None:
    files = [written(tmp_path, f"a: {number}\n", f"{number}.yml") for number in (1, 2)]
    values, (problem,) = load_placeholders(files)
    assert values == {"a": ("1",)}
    assert isinstance(problem, PlaceholderDuplicate)
    assert problem.place is not None
    assert problem.place.file.endswith("2.yml")
    assert "1.yml:1" in str(problem.parameters["first"])
