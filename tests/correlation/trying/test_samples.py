"""Samples: found beside rules and in regression data."""

from pathlib import Path

import pytest

from correlation.rules.loading import Loaded, load_rules
from correlation.trying.samples import Sample, beside, regression

ID = "10000000-0000-4000-8000-00000000000{}"
RULE = """title: Number {0}
name: {1}
id: {2}
logsource: {{product: hanwatch}}
detection: {{s: {{a: 1}}, condition: s}}
"""
CORRELATION = """title: Many
id: {0}
correlation: {{type: event_count, rules: [{1}], timespan: 1m, condition: {{gte: 2}}}}
"""


def written(folder: Path, name: str, *documents: str) -> Loaded:
    (folder / f"{name}.yml").write_text("---\n".join(documents))
    (folder / name).mkdir()
    for kind in ("fires.log", "silent.jsonl", "fires.json", "notes.txt"):
        (folder / name / kind).write_text("")
    return load_rules([folder])


def rules(loaded: Loaded) -> list[Sample]:
    return beside([*loaded.rules, *loaded.correlations])


def test_those_beside_a_rule_are_found_by_their_names(tmp_path: Path) -> None:
    found = rules(written(tmp_path, "a", RULE.format(1, "one", ID.format(1))))
    assert [(sample.file.name, sample.fires) for sample in found] == [
        ("fires.json", True), ("fires.log", True), ("silent.jsonl", False),
    ]  # fmt: skip
    assert {(sample.rule, sample.context) for sample in found} == {(ID.format(1), None)}
    own = tmp_path / "a" / "context.csv"
    own.write_text("network,domain\n10.0.0.0/8,iot\n")
    assert {sample.context for sample in rules(load_rules([tmp_path]))} == {own}


@pytest.mark.parametrize(("stem", "meant"), [("two", 2), ("other", 3)])
def test_of_several_rules_in_a_file_the_one_of_its_name_is_meant_or_the_correlation(
    stem: str, meant: int, tmp_path: Path
) -> None:
    both = [RULE.format(number, name, ID.format(number)) for number, name in ((1, "one"), (2, "two"))]
    loaded = written(tmp_path, stem, *both, CORRELATION.format(ID.format(3), "two"))
    assert not loaded.problems
    assert {sample.rule for sample in rules(loaded)} == {ID.format(meant)}


def test_regression_data_name_rules_files_and_counts(tmp_path: Path) -> None:
    (tmp_path / "x" / "y").mkdir(parents=True)
    (tmp_path / "x" / "y" / "info.yml").write_text(
        "rule_metadata: [{id: r1}]\nregression_tests_info:\n- {path: regression_data/x/y/r1.evtx, match_count: 2}\n"
    )
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "info.yml").write_text("regression_tests_info: [{name: a}]\n")
    (tmp_path / "info.yml").write_text("- a\n")
    samples, problems = regression(tmp_path, ["r1", "r2"])
    assert samples == [Sample("r1", tmp_path / "x" / "y" / "r1.evtx", fires=True, count=2)]
    assert [problem.code for problem in problems] == ["sample-unusable", "sample-unusable"]
    assert regression(tmp_path, ["r2"])[0] == []
