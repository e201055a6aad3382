"""Rules from files and folders."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from correlation.errors import RuleProblem
from correlation.rules import loading
from correlation.rules.loading import load_rules
from correlation.rules.pipelines import load_pipelines
from correlation.rules.processing import Processing
from correlation.rules.trees import Tree, read

TEXT = """title: Number {0}
id: 7f0b1c7e-3a55-4e0e-9a3d-0d6f8f0e1a{0:02d}
logsource: {{product: hanwatch, service: network.flow}}
detection: {{s: {{destination.port: {0}}}, condition: s}}
"""


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_folders_are_walked_in_order(tmp_path: Path) -> None:
    write(tmp_path, "b/2.yml", TEXT.format(2))
    write(tmp_path, "a/3.YAML", TEXT.format(3))
    write(tmp_path, "1.yml", TEXT.format(1))
    write(tmp_path, "a/readme.md", "no rule")
    write(tmp_path, ".git/4.yml", TEXT.format(4))
    write(tmp_path, "a/.hidden.yml", TEXT.format(5))
    rules, problems, _ = load_rules([tmp_path, tmp_path / "b"])
    assert [rule.title for rule in rules] == ["Number 1", "Number 3", "Number 2"]
    assert not problems


def test_the_good_ones_load_and_the_others_are_told(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", TEXT.format(1))
    write(tmp_path, "b.yml", "title: [")
    write(tmp_path, "c.yml", TEXT.format(3).encode("utf-16"))
    write(tmp_path, "d.yml", b"title: fine\nauthor: \xff\n")
    write(tmp_path, "e.yml", TEXT.format(1).replace("Number", "Second"))
    write(tmp_path, "f.yml", b"\xef\xbb\xbf" + TEXT.format(6).encode())
    rules, problems, _ = load_rules([tmp_path, tmp_path / "absent.yml"])
    assert [rule.title for rule in rules] == ["Number 1", "Number 6"]
    told = [(problem.code, problem.place and Path(problem.place.file).name) for problem in problems]
    assert told == [
        ("rule-not-yaml", "b.yml"),
        ("rule-unreadable", "c.yml"),
        ("rule-unreadable", "d.yml"),
        ("rule-duplicate", "e.yml"),
        ("rule-unreadable", "absent.yml"),
    ]
    assert problems[2].place is not None
    assert problems[2].place.line == 2
    assert str(problems[3].parameters["first"]).endswith("a.yml:1")


def test_a_file_too_long_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MAX_BYTES", 20)
    write(tmp_path, "a.yml", TEXT.format(1))
    rules, problems, _ = load_rules([tmp_path])
    assert (len(rules), [problem.code for problem in problems]) == (0, ["rule-unreadable"])


def test_the_cache_gives_the_same_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "rules/a.yml", f"{TEXT.format(1)}---\n{TEXT.format(2)}")
    write(tmp_path, "rules/b.yml", "title: [")
    first, wrong, _ = load_rules([tmp_path / "rules"], tmp_path / "cache.json")
    monkeypatch.setattr(loading, "understood", lambda *_: ([], wrong))  # whatever is not in the cache is now lost
    second, again, _ = load_rules([tmp_path / "rules"], tmp_path / "cache.json")
    assert [vars(rule) for rule in second] == [vars(rule) for rule in first]
    assert len(first) == 2
    assert again == wrong
    write(tmp_path, "rules/a.yml", TEXT.format(3))
    assert load_rules([tmp_path / "rules"], tmp_path / "cache.json")[0] == []


def test_a_pipeline_changes_rules_whose_files_need_not_be_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "rules/a.yml", TEXT.format(1).replace("hanwatch", "windows"))
    write(tmp_path, "rules/b.yml", "title: [")
    write(tmp_path, "rules/c.yml", TEXT.format(2).replace("hanwatch", "linux") + "# end\n")
    write(tmp_path, "p.yml", """
name: p
transformations:
  - {type: field_name_mapping, mapping: {destination.port: dport}}
  - {type: rule_failure, message: refused, rule_conditions: [{type: logsource, product: linux}]}
""")
    processing = Processing(tuple(load_pipelines([tmp_path / "p.yml"])[0]))
    expected = load_rules([tmp_path / "rules"], None, processing)
    load_rules([tmp_path / "rules"], tmp_path / "cache")
    texts: list[str] = []

    def noted(text: str, path: str) -> Iterator[Tree | RuleProblem]:
        texts.append(Path(path).name)
        return read(text, path)

    monkeypatch.setattr(loading, "read", noted)
    found = load_rules([tmp_path / "rules"], tmp_path / "cache", processing)
    assert [vars(rule) for rule in found.rules] == [vars(rule) for rule in expected.rules]
    assert list(map(str, found.problems)) == list(map(str, expected.problems))
    assert texts == ["b.yml", "c.yml"], "of what a problem is about, only the text knows the line"


def test_a_file_is_read_once_whichever_way_leads_to_it(tmp_path: Path) -> None:
    write(tmp_path, "a/1.yml", TEXT.format(1))
    (tmp_path / "link").symlink_to(tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "other.yml").symlink_to(tmp_path / "a" / "1.yml")
    ways = [tmp_path / "a", tmp_path / "link", tmp_path / "b", tmp_path / "a" / ".." / "link" / "1.yml"]
    rules, problems, _ = load_rules(ways)
    assert (len(rules), problems) == (1, [])


def test_a_path_that_the_system_refuses_is_told(tmp_path: Path) -> None:
    rules, problems, _ = load_rules([tmp_path / ("x" * 300)])
    assert (list(rules), [problem.code for problem in problems]) == ([], ["rule-unreadable"])
