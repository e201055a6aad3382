"""Rules of others: taken whole, or refused with the reason."""

from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest

from correlation.rules.importing import RECORD, Plan, carry_out, origin, plan
from correlation.rules.loading import Loaded, load_rules
from sensors.event.times import from_iso

RULE = """title: Number {0}
id: 10000000-0000-4000-8000-00000000000{0}
logsource: {{product: hanwatch}}
detection: {{s: {{a: {1}}}, condition: s}}
"""
FILTER = """title: Not ours
logsource: {product: hanwatch}
filter: {rules: any, s: {b: 1}, condition: not s}
"""
NOW = from_iso("2026-11-22T12:00:00Z")


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "1.yml").write_text(RULE.format(1, 1))
    (folder / "2.yml").write_text(RULE.format(2, 2))
    (folder / "filter.yml").write_text(FILTER)
    (folder / "readme.md").write_text("no rule")
    (folder / ".github").mkdir()
    (folder / ".github" / "work.yml").write_text("on: push")
    return folder


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    return tmp_path / "data" / "rules"


def planned(root: Path, ours: Path, *others: Path) -> Plan:
    def load(roots: Sequence[Path]) -> Loaded:
        return load_rules([*roots, *others, *([ours] if ours.is_dir() else ())])

    return plan(root, ours, load)


def names(made: Plan, ours: Path) -> list[str]:
    return [str(one.target.relative_to(ours)) for one in made.takings]


def test_files_are_taken_with_their_folders_and_where_they_came_from(theirs: Path, ours: Path) -> None:
    made = planned(theirs, ours)
    assert names(made, ours) == ["theirs/2.yml", "theirs/deep/1.yml", "theirs/filter.yml"]
    assert not ours.exists()
    carry_out(made.takings, ours, NOW)
    assert (ours / "theirs" / "deep" / "1.yml").read_text() == RULE.format(1, 1)
    assert len(load_rules([ours]).rules) == 2
    come = origin(ours / "theirs" / "deep" / "1.yml", ours)
    assert come is not None
    assert (come["source"], come["at"]) == (str(theirs / "deep" / "1.yml"), "2026-11-22T12:00:00.000Z")
    assert come["rules"] == ["10000000-0000-4000-8000-000000000001"]
    assert not [file for file in ours.rglob("*") if file.suffix == ".part"]


def test_a_second_time_only_what_changed_is_replaced(theirs: Path, ours: Path) -> None:
    carry_out(planned(theirs, ours).takings, ours, NOW)
    (theirs / "2.yml").write_text(RULE.format(2, 3))
    made = planned(theirs, ours)
    assert not made.refused
    assert [(one.target.name, one.replaces) for one in made.takings] == [("2.yml", True)]
    assert len(made.unchanged) == 2
    carry_out(made.takings, ours, NOW + 1)
    assert (ours / "theirs" / "2.yml").read_text() == RULE.format(2, 3)
    assert len((ours / RECORD).read_bytes().splitlines()) == 4


def test_a_file_with_one_broken_document_is_refused_whole(theirs: Path, ours: Path) -> None:
    broken = RULE.format(3, 3).replace("condition: s", "condition: t")
    (theirs / "2.yml").write_text(f"{RULE.format(2, 2)}---\n{broken}")
    made = planned(theirs, ours)
    assert names(made, ours) == ["theirs/deep/1.yml", "theirs/filter.yml"]
    (problem,) = made.refused
    assert problem.place is not None
    assert Path(problem.place.file).name == "2.yml"


def test_an_id_that_another_rule_has_already_is_refused(theirs: Path, ours: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(RULE.format(2, 9))
    made = planned(theirs, ours, tmp_path / "mine.yml")
    (problem,) = made.refused
    assert problem.code == "rule-duplicate"
    assert problem.place is not None
    assert Path(problem.place.file) == theirs / "2.yml"
    assert problem.parameters["first"] == f"{tmp_path / 'mine.yml'}:1"
    assert "theirs/2.yml" not in names(made, ours)


def test_what_is_wrong_with_rules_that_are_there_is_no_matter_here(theirs: Path, ours: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("title: [")
    assert not planned(theirs, ours, tmp_path / "mine.yml").refused


def test_one_file_is_taken_by_its_name(theirs: Path, ours: Path) -> None:
    assert names(planned(theirs / "2.yml", ours), ours) == ["2.yml"]


def test_the_origin_of_others_is_unknown(ours: Path, tmp_path: Path) -> None:
    assert origin(tmp_path / "x.yml", ours) is None
    ours.mkdir(parents=True)
    (ours / RECORD).write_bytes(orjson.dumps({"file": "y.yml"}) + b"\n")
    assert origin(ours / "x.yml", ours) is None
