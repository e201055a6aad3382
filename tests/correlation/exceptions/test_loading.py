"""Exceptions from files: what is good works, what is broken suppresses nothing and is told with its line."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from correlation.errors import ExceptionDuplicate, ExceptionEnded, ExceptionsInvalid
from correlation.exceptions.loading import Excepted, ended, load_exceptions, moment_text
from correlation.rules.loading import Loaded, load_rules
from sensors.event.times import from_iso

RULES = """
title: A login
name: login
id: 10000000-0000-4000-8000-000000000000
tags: [attack.t1021]
logsource: {product: hanwatch, service: system.syslog}
detection: {s: {event.action: login}, condition: s}
---
title: Many
name: many
tags: [attack.t1110]
correlation:
  {type: event_count, rules: [login], group-by: [source.ip, user.name], timespan: 1m, condition: {gte: 3}}
---
title: Any
name: any
correlation: {type: event_count, rules: [login], timespan: 1m, condition: {gte: 3}}
"""
GOOD: dict[str, Any] = {
    "id": "bastion", "rules": ["login"], "fields": {"source.ip": "10.1.0.9"}, "owner": "Li Wei",
    "reason": "the bastion logs in everywhere", "end": "2026-12-31",
}  # fmt: skip


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    file = tmp_path / "rules.yml"
    file.write_text(RULES)
    return load_rules([file])


def read(folder: Path, loaded: Loaded, *entries: object) -> Excepted:
    file = folder / "exceptions.yml"
    file.write_text(yaml.safe_dump({"exceptions": list(entries)}, sort_keys=False, allow_unicode=True))
    return load_exceptions([file], loaded)


def test_one_is_read_with_all_that_it_says(tmp_path: Path, loaded: Loaded) -> None:
    (one,), problems = read(tmp_path, loaded, {**GOOD, "note": "for people"})
    assert not problems
    assert (one.id, one.owner, one.rules) == ("bastion", "Li Wei", frozenset({"login"}))
    assert one.serves(loaded.rules[0])
    assert (one.place.file, one.place.line) == (str(tmp_path / "exceptions.yml"), 2)


@pytest.mark.parametrize(
    ("end", "moment", "shown"),
    [
        ("2026-12-31", "2027-01-01T00:00:00Z", "2026-12-31"),
        ("2026-12-31T18:00:00+08:00", "2026-12-31T10:00:00Z", "2026-12-31T10:00:00Z"),
        ("2026-12-31T18:00:00", "2026-12-31T18:00:00Z", "2026-12-31T18:00:00Z"),
    ],
)
def test_a_day_counts_to_its_end_and_a_moment_to_itself(
    end: str, moment: str, shown: str, tmp_path: Path, loaded: Loaded
) -> None:
    for said in (end, yaml.safe_load(end)):
        (one,), _ = read(tmp_path, loaded, {**GOOD, "end": said})
        assert one.end == from_iso(moment)
        assert moment_text(one.end) == shown


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"id": None}, "exception-incomplete", "id"),
        ({"owner": ""}, "exception-incomplete", "owner"),
        ({"reason": None}, "exception-incomplete", "reason"),
        ({"end": ...}, "exception-incomplete", "end"),
        ({"rules": ...}, "exception-incomplete", "rules"),
        ({"fields": ...}, "exception-incomplete", "fields"),
        ({"owner": ["Li"]}, "exception-invalid", "owner is a text"),
        ({"id": "x" * 65}, "exception-invalid", "64"),
        ({"end": "soon"}, "exception-invalid", "soon"),
        ({"end": 20261231}, "exception-invalid", "2026-12-31"),
        ({"end": "2026-02-30"}, "exception-invalid", ""),
        ({"end": "9999-12-31"}, "exception-invalid", "end"),
        ({"rules": [1]}, "exception-invalid", "rules"),
        ({"fields": {}}, "exception-invalid", "fields"),
        ({"fields": ["10.1.0.9"]}, "exception-invalid", "fields"),
        ({"fields": {"source.ip|cdir": "10.1.0.0/16"}}, "exception-invalid", "cdir"),
        ({"fields": {"a|expand": "%b%"}}, "rule-placeholder", "b"),
        ({"detection": {"s": {"a": 1}, "condition": "s"}}, "exception-invalid", "both"),
        ({"fields": ..., "detection": {"s": {"a": 1}, "condition": "t"}}, "exception-invalid", "t"),
        ({"fields": ..., "detection": {"s": ["word"], "condition": "s"}}, "exception-invalid", "names fields"),
        ({"owners": "Li"}, "exception-key-unknown", "owner"),
        ({"rules": ["login", "logni"]}, "exception-reference-unknown", "logni"),
        ({"tags": ["attack.t9999"]}, "exception-reference-unknown", "attack.t9999"),
        ({"tags": ["attack.t1110"]}, "exception-reference-unknown", "attack.t1110"),
        ({"rules": ["many"], "fields": {"host.name": "a"}}, "exception-field-foreign", "source.ip, user.name"),
        ({"rules": ["many"], "fields": {"source.ip|fieldref": "host.ip"}}, "exception-field-foreign", "host.ip"),
        ({"rules": ["any"]}, "exception-field-foreign", "source.ip"),
        ({"rules": ["many"], "fields": {"user.name|cased": "Root"}}, "exception-invalid", "re|i"),
        ({"rules": ["many"], "fields": {"user.name|re": "^Root"}}, "exception-invalid", "re|i"),
        ({"rules": ["many"], "fields": {"user.name|re": r"^\\\S+Root"}}, "exception-invalid", "re|i"),
    ],
)
def test_a_broken_one_suppresses_nothing_and_is_told(
    changed: dict[str, object], code: str, words: str, tmp_path: Path, loaded: Loaded
) -> None:
    entry = {key: value for key, value in {**GOOD, **changed}.items() if value is not ...}
    found, (problem,) = read(tmp_path, loaded, {**GOOD, "id": "first"}, entry)
    assert [one.id for one in found] == ["first"]
    assert problem.code == code
    assert words in str(problem.parameters)
    assert problem.place is not None
    assert problem.place.line is not None
    assert problem.place.line > 2 + len(GOOD)


def test_a_detection_is_as_in_rules(tmp_path: Path, loaded: Loaded) -> None:
    detection = {"s": {"source.ip|cidr": "10.0.0.0/8"}, "t": {"user.name": "root"}, "condition": "s and not t"}
    entry = {key: value for key, value in GOOD.items() if key != "fields"}
    found, problems = read(tmp_path, loaded, {**entry, "detection": detection})
    assert (len(found), problems) == (1, [])


@pytest.mark.parametrize(
    "fields", [{"source.ip|cidr": "10.0.0.0/8"}, {"user.name|re": "^svc"}, {"user.name|re|i": "^Svc"}]
)
def test_a_correlation_can_be_asked_for_what_it_groups_by(
    fields: dict[str, str], tmp_path: Path, loaded: Loaded
) -> None:
    (one,), problems = read(tmp_path, loaded, {**GOOD, "rules": ["many", "login"], "fields": fields})
    assert not problems
    assert [one.serves(rule) for rule in (*loaded.rules, *loaded.correlations)] == [True, True, False]


def test_the_first_of_one_id_stays(tmp_path: Path, loaded: Loaded) -> None:
    found, (problem,) = read(tmp_path, loaded, GOOD, {**GOOD, "owner": "another"})
    assert [one.owner for one in found] == ["Li Wei"]
    assert isinstance(problem, ExceptionDuplicate)


def test_an_ended_one_is_told_with_its_owner(tmp_path: Path, loaded: Loaded) -> None:
    found, _ = read(tmp_path, loaded, GOOD)
    assert ended(found, from_iso("2026-12-31T23:59:59Z")) == []
    (problem,) = ended(found, from_iso("2027-01-01T00:00:00Z"))
    assert isinstance(problem, ExceptionEnded)
    assert problem.parameters == {"id": "bastion", "owner": "Li Wei", "end": "2026-12-31"}


@pytest.mark.parametrize("text", ["- a\n", "exceptions: x\n", "exceptions: [\n"])
def test_a_file_that_holds_none_is_told(text: str, tmp_path: Path, loaded: Loaded) -> None:
    file = tmp_path / "exceptions.yml"
    file.write_text(text)
    found, problems = load_exceptions([file, tmp_path / "absent.yml"], loaded)
    assert found == []
    assert [type(problem) for problem in problems] == [ExceptionsInvalid, ExceptionsInvalid]


def test_another_key_beside_the_list_is_told_and_the_list_is_read(tmp_path: Path, loaded: Loaded) -> None:
    file = tmp_path / "exceptions.yml"
    file.write_text(yaml.safe_dump({"version": 1, "exceptions": [GOOD]}))
    found, (problem,) = load_exceptions([file], loaded)
    assert [one.id for one in found] == ["bastion"]
    assert problem.code == "exception-key-unknown"


@pytest.mark.parametrize(
    "pattern", [r"^svc\S+$", r"^\D\W\Bx", r"\x2F\u4E00", "(?P<Name>a)(?P=Name)", r"\\srv\S"]
)
def test_an_expression_without_capital_letters_serves_what_groups_without_case(
    pattern: str, tmp_path: Path, loaded: Loaded
) -> None:
    found, problems = read(tmp_path, loaded, {**GOOD, "rules": ["many"], "fields": {"user.name|re": pattern}})
    assert (len(found), problems) == (1, [])
