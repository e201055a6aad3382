"""Open incidents are read as they were at a moment."""

import pytest
from sqlalchemy import Engine

from correlation.alerts.book import AlertBook
from correlation.incidents.changing import ChangeBook
from correlation.incidents.deriving import Deriving
from correlation.incidents.linking import linking_policy
from correlation.incidents.severity import weights
from correlation.incidents.windowing import WindowRegister
from correlation.posture.declaring import declared
from correlation.posture.model import OpenIncident, Touch
from correlation.posture.placing import Places
from correlation.posture.reading import open_incidents
from tests.correlation.incidents.making import HOUR, MINUTE, NOON, alert
from tests.correlation.posture.making import POLICY
from tests.correlation.posture.test_declaring import entry, land
from tests.databases import Databases

WEIGHTS = weights()


@pytest.fixture
def engine(databases: Databases) -> Engine:
    """A database with an incident of two alerts on a declared unit, an hour apart, and one on nothing that is known."""
    opened = databases()
    AlertBook(opened).record([
        alert(0, "web", ["initial-access"], "medium", source="203.0.113.9", destination="10.8.1.20"),
        alert(60, "shell", ["execution"], "critical", source="203.0.113.9", destination="10.8.1.20", unit="health"),
        alert(5, "scan", ["discovery"], "low", source="192.0.2.7", destination="10.99.0.1"),
    ])  # fmt: skip
    Deriving(opened, linking_policy(), WEIGHTS, lambda: NOON + HOUR).derive(None)
    return opened


def _open(engine: Engine, moment: int) -> list[OpenIncident]:
    known = land(entry("10.8.0.0/16", unit="health", district="A"), entry("10.8.1.20", asset="his"))
    places = Places(declared(known, moment), known.table, POLICY, moment)
    found = open_incidents(engine, places, WEIGHTS, moment)
    return sorted(found, key=lambda one: one.last, reverse=True)


def test_incidents_say_where_they_are(engine: Engine) -> None:
    attack, scan = _open(engine, NOON + 2 * HOUR)
    assert (attack.severity, attack.state, attack.assigned, attack.last) == ("high", "new", False, NOON + HOUR)
    assert attack.touches == (Touch("health", "A", "", "", "his"),)
    assert (scan.severity, scan.touches) == ("low", ())


def test_what_happened_later_is_left_out(engine: Engine) -> None:
    attack, scan = sorted(_open(engine, NOON + 30 * MINUTE), key=lambda one: one.last)
    assert (attack.severity, attack.last) == ("low", NOON)
    assert scan.last == NOON + 5 * MINUTE
    assert _open(engine, NOON - MINUTE) == []


def test_what_people_did_later_is_left_out(engine: Engine) -> None:
    name = _open(engine, NOON + HOUR)[0].id
    changes = ChangeBook(engine, lambda: NOON + 3 * HOUR)
    changes.assign(name, "li", who="li")
    ChangeBook(engine, lambda: NOON + 4 * HOUR).state(name, "closed", "resolved", who="li")
    assert name not in {one.id for one in _open(engine, NOON + 4 * HOUR)}
    then = _open(engine, NOON + 3 * HOUR)[0]
    assert (then.id, then.state, then.assigned) == (name, "new", True)
    assert _open(engine, NOON + 2 * HOUR)[0].assigned is False


def test_what_was_announced_costs_nothing(engine: Engine) -> None:
    register = WindowRegister(engine, WEIGHTS, lambda: NOON)
    register.announce("drill", NOON - HOUR, NOON + 3 * HOUR, {"network": ["203.0.113.0/24"]}, "drill", who="li")
    assert [one.severity for one in _open(engine, NOON + 2 * HOUR)] == ["low"]


def test_what_does_not_fit_into_the_sums_of_an_incident_is_found_all_the_same(databases: Databases) -> None:
    opened = databases("many")
    AlertBook(opened).record([
        alert(number, "r", source="203.0.113.9", destination=f"10.7.0.{number}" if number < 60 else "10.8.1.20")
        for number in range(61)
    ])  # fmt: skip
    policy = linking_policy()
    Deriving(opened, policy, WEIGHTS, lambda: NOON + HOUR).derive(None)
    touches = {touch.asset for one in _open(opened, NOON + 2 * HOUR) for touch in one.touches}
    assert touches == {"his"}
