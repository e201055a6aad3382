"""Rules from files and folders."""

from pathlib import Path

import pytest

from correlation.rules import loading
from correlation.rules.loading import load_rules

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
    monkeypatch.setattr(loading, "parse", lambda *_: ([], wrong))  # whatever is not in the cache is now lost
    second, again, _ = load_rules([tmp_path / "rules"], tmp_path / "cache.json")
    assert [vars(rule) for rule in second] == [vars(rule) for rule in first]
    assert len(first) == 2
    assert again == wrong
    write(tmp_path, "rules/a.yml", TEXT.format(3))
    assert load_rules([tmp_path / "rules"], tmp_path / "cache.json")[0] == []
