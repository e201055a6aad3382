"""Which rules are excepted for an event."""

from typing import Any

import pytest

from correlation.exceptions.excepting import NO_EXCEPTIONS, Excepting
from correlation.exceptions.model import RuleException
from correlation.rules.model import Rule
from sensors.errors import Place
from tests.correlation.matcher.making import make_batch, make_rule

LOGIN = make_rule({"s": {"a": "b"}, "condition": "s"}, "login", product="hanwatch")
OTHER = make_rule({"s": {"a": "b"}, "condition": "s"}, "other", product="hanwatch")
ROWS = [
    {"source.ip": "10.1.0.9", "port": 22, "hosts": [{"name": "a"}, {"name": "b"}]},
    {"source.ip": "10.2.0.9", "port": 23, "hosts": []},
]
BATCH = make_batch(ROWS, constants={"host.name": "Gate"})


def exception(name: str, fields: dict[str, Any], rules: tuple[Rule, ...] = (LOGIN,), end: int = 100) -> RuleException:
    condition = make_rule({"fields": fields, "condition": "fields"}, name).condition
    return RuleException(
        id=name, rules=frozenset(rule.id for rule in rules), tags=frozenset(), condition=condition, owner="Li",
        reason="known", end=end, place=Place("f", 1),
    )  # fmt: skip


def left(exceptions: list[RuleException], row: int, now: int = 50) -> tuple[list[str], list[tuple[str, list[str]]]]:
    told, excepted = Excepting(exceptions, [LOGIN, OTHER]).sift((LOGIN, OTHER), BATCH, row, now)
    return [rule.title for rule in told], [(rule.title, list(ids)) for rule, ids in excepted]


def test_a_rule_is_excepted_where_the_event_fits() -> None:
    one = [exception("x", {"source.ip|cidr": "10.1.0.0/16"})]
    assert left(one, 0) == (["other"], [("login", ["x"])])
    assert left(one, 1) == (["login", "other"], [])


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({"host.name": "gate"}, True),  # what all events of a batch share
        ({"port": 22}, True),
        ({"hosts.name": "b"}, True),
        ({"hosts.name": "c"}, False),
        ({"event.dataset": "test.events"}, True),
        ({"@timestamp|contains": "T"}, True),
        ({"absent": None}, True),
        ({"source.ip": "10.1.0.9", "port": 23}, False),
    ],
)
def test_fields_are_those_of_our_events(fields: dict[str, Any], *, fits: bool) -> None:
    assert bool(left([exception("x", fields)], 0)[1]) is fits


def test_each_exception_that_fits_is_named() -> None:
    both = [exception("x", {"port": 22}), exception("y", {"host.name": "gate"}, (LOGIN, OTHER))]
    assert left(both, 0) == ([], [("login", ["x", "y"]), ("other", ["y"])])


def test_an_ended_one_does_nothing() -> None:
    one = [exception("x", {"port": 22}, end=50)]
    assert left(one, 0, now=49)[1] == [("login", ["x"])]
    assert left(one, 0, now=50)[1] == []


@pytest.mark.parametrize(
    ("fields", "now", "ids"),
    [
        ({"source.ip|cidr": "10.1.0.0/16"}, 50, ("x",)),
        ({"source.ip|cidr": "10.2.0.0/16"}, 50, ()),
        ({"user.name": "ROOT", "destination.port|lt": 1_024}, 50, ("x",)),
        ({"user.name|re|i": "^RO"}, 50, ("x",)),
        ({"source.ip|cidr": "10.1.0.0/16"}, 100, ()),  # it has ended
    ],
)
def test_a_correlation_is_asked_for_its_group(fields: dict[str, Any], now: int, ids: tuple[str, ...]) -> None:
    group = {"source.ip": "10.1.0.9", "user.name": "root", "destination.port": "22"}
    assert Excepting([exception("x", fields)], [LOGIN]).of_group(LOGIN, group, now) == ids
    assert Excepting([exception("x", fields, (OTHER,))], [LOGIN, OTHER]).of_group(LOGIN, group, now) == ()
    assert NO_EXCEPTIONS.of_group(LOGIN, group, now) == ()


def test_without_exceptions_matches_pass_as_they_are() -> None:
    rules = (LOGIN, OTHER)
    told, excepted = NO_EXCEPTIONS.sift(rules, BATCH, 0, 0)
    assert told is rules
    assert not excepted
