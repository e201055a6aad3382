"""What pipelines and placeholders do to rules, and when the cache must forget."""

from pathlib import Path

import pytest
import yaml

from correlation.errors import RuleInvalid, RuleNotProcessed
from correlation.matcher.engine import Matcher
from correlation.rules.documents import parse
from correlation.rules.loading import load_rules
from correlation.rules.model import Filter, LogSource, Rule
from correlation.rules.pipelines import load_pipelines
from correlation.rules.processing import Pipeline, Processing

RULE = """
title: A shell
id: 10000000-0000-4000-8000-000000000000
logsource: {product: vendor, category: process}
detection: {s: {exe|endswith: '\\cmd.exe'}, condition: s}
fields: [exe, who]
"""
MAPPING = {
    "id": "names",
    "type": "field_name_mapping",
    "mapping": {"exe": "Image", "who": "User"},
    "rule_conditions": [{"type": "logsource", "product": "vendor"}],
}
WINDOWS = {"type": "change_logsource", "product": "windows", "category": "process_creation"}


def pipeline(folder: Path, *transformations: object, name: str = "p.yml", **more: object) -> Pipeline:
    file = folder / name
    file.write_text(yaml.safe_dump({"transformations": list(transformations), **more}), encoding="utf-8")
    (made,), problems = load_pipelines([file])
    assert not problems
    return made


def processed(rule: str, *pipelines: Pipeline, **placeholders: tuple[str, ...]) -> Rule:
    (found,), problems = parse(rule, "made.yml", Processing(pipelines, placeholders))
    assert not problems
    assert isinstance(found, Rule)
    return found


def matches(rule: Rule, **event: object) -> bool:
    return bool(Matcher([rule], mapping=False).match_document(event))


def test_fields_are_mapped_and_the_log_source_is_another(tmp_path: Path) -> None:
    rule = processed(RULE, pipeline(tmp_path, MAPPING, WINDOWS))
    assert rule.logsource == LogSource("windows", "process_creation")
    assert rule.routable
    assert rule.fields == ("Image", "User")
    assert matches(rule, Image="c:\\CMD.exe")
    assert not matches(rule, exe="c:\\cmd.exe")


def test_a_condition_on_the_log_source_is_asked(tmp_path: Path) -> None:
    rule = processed(RULE.replace("vendor", "another"), pipeline(tmp_path, MAPPING))
    assert matches(rule, exe="c:\\cmd.exe")


def test_values_and_conditions_are_transformed(tmp_path: Path) -> None:
    steps = (
        {"type": "replace_string", "regex": "cmd", "replacement": "powershell"},
        {"type": "add_condition", "conditions": {"host": "a*"}},
    )
    rule = processed(RULE, pipeline(tmp_path, *steps))
    assert matches(rule, exe="\\powershell.exe", host="abc")
    assert not matches(rule, exe="\\powershell.exe", host="b")
    assert not matches(rule, exe="\\cmd.exe", host="abc")


def test_smaller_priorities_come_first_whatever_the_order_of_files(tmp_path: Path) -> None:
    late = pipeline(tmp_path, {"type": "field_name_suffix", "suffix": ".late"}, name="a.yml", priority=20)
    early = pipeline(tmp_path, MAPPING, name="b.yml", priority=10)
    assert matches(processed(RULE, late, early), **{"Image.late": "\\cmd.exe"})


def test_rules_of_our_own_fields_go_through_no_pipeline(tmp_path: Path) -> None:
    prefix = pipeline(tmp_path, {"type": "field_name_prefix", "prefix": "x."})
    own = RULE.replace("{product: vendor, category: process}", "{product: hanwatch, service: system.syslog}")
    assert matches(processed(own, prefix), exe="\\cmd.exe")
    assert matches(processed(RULE, prefix), **{"x.exe": "\\cmd.exe"})


def test_placeholders_are_filled_in_what_pipelines_leave(tmp_path: Path) -> None:
    said = RULE.replace("exe|endswith: '\\cmd.exe'", "exe|expand: '%shells%'")
    rule = processed(said, pipeline(tmp_path, MAPPING), shells=("cmd.exe", "sh*"))
    assert [matches(rule, Image=name) for name in ("cmd.exe", "shell", "bash")] == [True, True, False]
    own = {"type": "value_placeholders", "include": ["shells"]}
    rule = processed(said, pipeline(tmp_path, own, vars={"shells": "bash"}), shells=("cmd.exe",))
    assert [matches(rule, exe=name) for name in ("cmd.exe", "bash")] == [False, True]


def test_a_filter_goes_through_the_pipelines_of_its_rules(tmp_path: Path) -> None:
    text = RULE + "---\n" + yaml.safe_dump({
        "title": "Administrators", "logsource": {"product": "vendor"},
        "filter": {"rules": "any", "a": {"who|expand": "%administrators%"}, "condition": "not a"},
    })
    processing = Processing((pipeline(tmp_path, MAPPING),), {"administrators": ("li",)})
    file = tmp_path / "rules" / "a.yml"
    file.parent.mkdir()
    file.write_text(text)
    loaded = load_rules([file], processing=processing)
    assert not loaded.problems
    assert not matches(loaded.rules[0], Image="\\cmd.exe", User="LI")
    assert matches(loaded.rules[0], Image="\\cmd.exe", User="wang")


def test_a_pipeline_that_refuses_a_rule_is_told_with_both(tmp_path: Path) -> None:
    refusing = {"type": "rule_failure", "message": "not this one"}
    made = pipeline(tmp_path, refusing)
    rules, (problem,) = parse("# a remark\n" + RULE, "made.yml", Processing((made,)))
    assert not rules
    assert isinstance(problem, RuleNotProcessed)
    assert problem.place is not None
    assert (problem.place.file, problem.place.line) == ("made.yml", 3)
    assert problem.parameters["pipeline"] == str(tmp_path / "p.yml")
    assert "not this one" in str(problem.parameters["reason"])


def test_what_cannot_be_compiled_afterwards_is_told(tmp_path: Path) -> None:
    query = {"type": "query_expression_placeholders", "expression": "{field} lookup {id}"}
    said = RULE.replace("exe|endswith: '\\cmd.exe'", "exe|expand: '%shells%'")
    _, (problem,) = parse(said, "made.yml", Processing((pipeline(tmp_path, query),)))
    assert isinstance(problem, RuleInvalid)
    assert "SigmaQueryExpression" in str(problem.parameters["reason"])


@pytest.mark.parametrize("kind", ["command_placeholders", "http_placeholders", "file_placeholders"])
def test_a_pipeline_neither_runs_nor_fetches(kind: str, tmp_path: Path) -> None:
    marker = tmp_path / "run"
    source = {"cmd": f"touch {marker}"} if kind.startswith("command") else {
        "url": "http://127.0.0.1:9/x"} if kind.startswith("http") else {"path": str(tmp_path / "p.yml")}  # fmt: skip
    said = RULE.replace("exe|endswith: '\\cmd.exe'", "exe|expand: '%shells%'")
    _, (problem,) = parse(said, "made.yml", Processing((pipeline(tmp_path, {"type": kind, **source}),)))
    assert isinstance(problem, RuleNotProcessed)
    assert not marker.exists()


def test_the_cache_knows_what_was_done_to_a_rule(tmp_path: Path) -> None:
    file = tmp_path / "rules" / "a.yml"
    file.parent.mkdir()
    file.write_text(RULE.replace("exe|endswith: '\\cmd.exe'", "exe|expand: '%shells%'"))
    cache = tmp_path / "cache"

    def fires(processing: Processing, **event: object) -> bool:
        (rule,) = load_rules([file], cache, processing).rules
        return matches(rule, **event)

    one, other = ({"shells": (name,)} for name in ("cmd.exe", "sh"))
    for _ in range(2):  # the second time from the cache
        assert fires(Processing(placeholders=one), exe="cmd.exe")
        assert fires(Processing(placeholders=other), exe="sh")
        assert not fires(Processing(placeholders=other), exe="cmd.exe")
        assert fires(Processing((pipeline(tmp_path, MAPPING),), one), Image="cmd.exe")
    changed = pipeline(tmp_path, {**MAPPING, "mapping": {"exe": "Program"}})
    assert fires(Processing((changed,), one), Program="cmd.exe")


def test_values_for_placeholders_concern_only_files_that_have_some() -> None:
    one, other = (Processing(placeholders={"a": (value,)}) for value in "xy")
    assert one.digest(b"title: plain") == other.digest(b"title: plain")
    assert one.digest(b"a|expand: '%a%'") != other.digest(b"a|expand: '%a%'")


def test_a_pipeline_may_put_placeholders_into_files_that_have_none(tmp_path: Path) -> None:
    adding = pipeline(tmp_path, {"type": "add_condition", "conditions": {"host|expand": "%hosts%"}})
    one, other = (Processing((adding,), {"hosts": (value,)}) for value in "xy")
    assert one.digest(b"title: plain") != other.digest(b"title: plain")
    plain = pipeline(tmp_path, MAPPING)
    one, other = (Processing((plain,), {"hosts": (value,)}) for value in "xy")
    assert one.digest(b"title: plain") == other.digest(b"title: plain")


def test_a_filter_is_a_filter_still(tmp_path: Path) -> None:
    text = yaml.safe_dump({
        "title": "x", "logsource": {"product": "vendor"}, "filter": {"rules": "any", "a": {"who": 1}, "condition": "a"},
    })
    (found,), _ = parse(text, "made.yml", Processing((pipeline(tmp_path, MAPPING, WINDOWS),)))
    assert isinstance(found, Filter)
    assert found.logsource == LogSource("windows", "process_creation")
