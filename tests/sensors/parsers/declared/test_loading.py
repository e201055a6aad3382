"""Files that declare formats: what is wrong is told with its line, all of it, and the rest is loaded."""

from pathlib import Path

import pytest

from sensors.parsers import registry
from sensors.parsers.declared.errors import DeclarationUnusable
from sensors.parsers.declared.loading import load, shipped

GOOD = """\
format: example.gate
title: {en: Gate, zh: 闸机}
evidence: [none]
match: {program: [gated]}
messages:
  - "door {door:int} opened by {user:last} from {address:ip}"
fields: {user: user.name, address: source.ip}
constants: {event.module: gate, event.kind: event}
samples:
  - line: "May 13 07:04:08 gate1 gated[12]: door 7 opened by ops from 10.8.1.20"
    event: {}
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "line", "code"),
    [
        (("program:", "programme:"), 4, "parser-key-unknown"),
        (("title: {en: Gate, zh: 闸机}", "title: {en: Gate}"), 2, "parser-key-missing"),
        (("{door:int}", "{door:inch}"), 6, "parser-template"),
        (("user.name", "user.nome"), 7, "parser-field-undeclared"),
        (("example.gate", "Example Gate"), 1, "parser-value"),
        (("constants: {", "constants: {no.such: x, "), 8, "parser-field-undeclared"),
        (("fields: {user: user.name", "fields: {user: {to: user.name, how: backwards}"), 7, "parser-value"),
        (("messages:\n", "json: {}\nmessages:\n"), 1, "parser-value"),
        (("[none]", "[none]]"), 3, "parser-unusable"),
        (("title:", "format: again\ntitle:"), 2, "parser-unusable"),
        (("match:", "zone: Nowhere/Else\nmatch:"), 4, "parser-value"),
        (("match:", "time: {from: door, form: '%Q'}\nmatch:"), 4, "parser-value"),
        (("samples:\n  - line", "cases: []\nother:\n  - line"), 10, "parser-key-unknown"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], line: int, code: str) -> None:
    write(tmp_path, "bad.yml", GOOD.replace(*change))
    write(tmp_path, "good.yml", GOOD)
    loaded = load([tmp_path])
    assert [one.name for one in loaded.declarations] == ["example.gate"]
    assert (code, line) in {(problem.code, problem.place.line) for problem in loaded.problems if problem.place}


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("user.name", "no.such").replace("{door:int}", "{door:inch}").replace("program", "programme")
    assert len(load([write(tmp_path, "bad.yml", text)]).problems) >= 3


def test_a_name_that_is_taken_is_told(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", GOOD)
    write(tmp_path, "b.yml", GOOD)
    loaded = load([tmp_path])
    assert len(loaded.declarations) == 1
    assert [problem.code for problem in loaded.problems] == ["parser-name-taken"]


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"\xff\xfe", b"a: &a [*a]", b"- " * 10_000, b"x" * (2 << 20), b"{" * 5_000]
)
def test_hostile_files_are_told_and_do_no_harm(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.yml"
    path.write_bytes(data)
    loaded = load([path, tmp_path / "missing.yml"])
    assert not loaded.declarations
    assert len(loaded.problems) >= 2
    assert all(isinstance(problem, DeclarationUnusable) for problem in loaded.problems)


def test_an_administrators_format_takes_the_place_of_ours(tmp_path: Path) -> None:
    write(tmp_path, "mine.yml", GOOD.replace("example.gate", "linux.sshd"))
    write(tmp_path, "broken.yml", "format: [")
    try:
        problems = registry.declare([tmp_path])
        assert [problem.code for problem in problems] == ["parser-unusable"]
        mine = [one for one in registry.declarations() if one.name == "linux.sshd"]
        assert [one.en for one in mine] == ["Gate"]
    finally:
        registry.declare([])


def test_ours_are_all_good() -> None:
    assert len(shipped()) >= 25
    assert [one.name for one in shipped()] == sorted(one.name for one in shipped())
