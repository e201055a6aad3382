"""Rule files that are broken in every way we know: the rest loads, and the line of each fault is said."""

import pytest

from correlation.rules.documents import parse

GOOD = """title: Good
id: 7f0b1c7e-3a55-4e0e-9a3d-0d6f8f0e1a01
status: test
description: A good rule.
author: us
tags: [attack.execution, attack.t1059]
logsource: {product: windows, category: process_creation}
detection:
    s:
        Image|endswith: \\cmd.exe
    condition: s
fields: [CommandLine]
falsepositives: [none]
references: [https://example.org/]
level: high
"""
BROKEN = {
    "level: huge": ("rule-invalid", "level", 15, "level: high"),
    "status: odd": ("rule-invalid", "status", 3, "status: test"),
    "titel: Good": ("rule-key-unknown", "titel", 1, "title: Good"),
    "logsource: {produkt: windows}": (
        "rule-key-unknown",
        "produkt",
        7,
        "logsource: {product: windows, category: process_creation}",
    ),
    "        Image|endswit: x": ("rule-invalid", "endswit", 10, "        Image|endswith: \\cmd.exe"),
    "        Image|cidr: 300.0.0.0/8": ("rule-invalid", "cidr", 10, "        Image|endswith: \\cmd.exe"),
    "        Image|re: '(a'": ("rule-invalid", "(a", 10, "        Image|endswith: \\cmd.exe"),
    "        Image|expand: '%name%'": ("rule-placeholder", "name", 10, "        Image|endswith: \\cmd.exe"),
    "        Image|gt: [1, x]": ("rule-invalid", "incompatible", 10, "        Image|endswith: \\cmd.exe"),
    "    condition: s and t": ("rule-invalid", "'t' not defined", 11, "    condition: s"),
    "    condition: s and": ("rule-invalid", "", 11, "    condition: s"),
    "    condition: 1 of x_*": ("rule-invalid", "x_*", 11, "    condition: s"),
    "    condition: s | count() > 3": ("rule-invalid", "pipe", 11, "    condition: s"),
    '        Image: "\\ud800x"': ("rule-not-yaml", "invalid Unicode", 10, "        Image|endswith: \\cmd.exe"),
    "correlation: {type: event_count}": ("rule-invalid", "logsource", 7, "fields: [CommandLine]"),
    "filter: {rules: any}": ("rule-invalid", "condition", 12, "fields: [CommandLine]"),
    "level: [high": ("rule-not-yaml", "", 16, "level: high"),
    "title: Twice": ("rule-not-yaml", "Duplicate key", 1, "level: high"),
    "hanwatch: {title_zh: [x]}": ("rule-invalid", "Chinese title", 15, "level: high"),
    "hanwatch: x": ("rule-invalid", "Chinese title", 15, "level: high"),
    "id: 12": ("rule-invalid", "", 2, "id: 7f0b1c7e-3a55-4e0e-9a3d-0d6f8f0e1a01"),
}


@pytest.mark.parametrize("line", BROKEN)
def test_broken(line: str) -> None:
    code, word, number, instead = BROKEN[line]
    rules, problems = parse(GOOD.replace(instead, line, 1), "some.yml")
    assert not rules
    assert [(problem.code, problem.place and problem.place.line) for problem in problems] == [(code, number)]
    assert word in str(problems[0])
    assert str(problems[0]).startswith("some.yml")


def test_good() -> None:
    rules, problems = parse(GOOD, "some.yml")
    assert not problems
    rule = rules[0]
    assert (rule.title, rule.level, rule.status, rule.author) == ("Good", "high", "test", "us")
    assert (rule.techniques, rule.tactics) == (("T1059",), ("execution",))
    assert (rule.path, rule.line, rule.routable, rule.fields) == ("some.yml", 1, True, ("CommandLine",))


def test_a_title_in_chinese() -> None:
    assert parse(GOOD, "a.yml")[0][0].title_zh == ""
    assert parse(GOOD + "hanwatch: {title_zh: 好规则, situation_zh: 情形}\n", "a.yml")[0][0].title_zh == "好规则"


def test_several_documents_and_one_broken_between() -> None:
    text = f"{GOOD}---\ntitle: Bad\n---\n{GOOD.replace('a01', 'a02')}"
    rules, problems = parse(text, "many.yml")
    assert [rule.line for rule in rules] == [1, 19]
    assert [(problem.code, problem.place and problem.place.line) for problem in problems] == [("rule-invalid", 17)]


def test_an_id_is_derived_from_name_and_title() -> None:
    text = GOOD.replace("id: 7f0b1c7e-3a55-4e0e-9a3d-0d6f8f0e1a01\n", "")
    first, second, other = (parse(text, path)[0][0].id for path in ("/a/x.yml", "/b/x.yml", "/a/y.yml"))
    assert first == second != other


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n---\n"])
def test_nothing(text: str) -> None:
    rules, problems = parse(text, "empty.yml")
    assert not rules
    assert all(problem.code == "rule-not-yaml" for problem in problems)


@pytest.mark.parametrize(
    "text", ["- a\n", "text", "a: &a [*a]\n", "\0", "a: !!python/object:os.system x\n", "? [1]\n: 2\n"]
)
def test_rubbish(text: str) -> None:
    rules, problems = parse(text, "rubbish.yml")
    assert not rules
    assert len(problems) == 1


def test_a_rule_for_no_dataset_of_ours_is_marked() -> None:
    text = GOOD.replace("{product: windows, category: process_creation}", "{product: aws, service: cloudtrail}")
    assert not parse(text, "aws.yml")[0][0].routable
