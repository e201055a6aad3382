from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from inventory.audits.errors import AuditScopeUnknown, AuditScopeUnusable
from inventory.audits.model import Rule, finding_id
from inventory.audits.rules import AUDITS, in_force
from inventory.audits.scope import CITY, Scope, read_scope
from inventory.audits.service import Asked, Audited, audited
from inventory.days import begin_of, end_of
from inventory.model import Moment
from tests.inventory.audits.conftest import City
from tests.inventory.filling import Filled

DAY = "2026-09-30"
TWO_DISTRICTS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "districts": [
        {"code": "420102", "name": "江岸区"}, {"code": "420103", "name": "江汉区"},
        {"code": "4201021", "name": "街道", "parent": "420102"},
    ],
    "units": [
        {"code": "U1", "name": "市局", "district": "江岸区"}, {"code": "U2", "name": "所", "parent": "U1"},
        {"code": "U3", "name": "区局", "district": "江汉区"}, {"code": "U4", "name": "站", "district": "4201021"},
    ],
    "systems": [
        {"code": f"S{number}", "name": f"系统{number}", "unit": f"U{number}", "state": "running"}
        for number in range(1, 5)
    ] + [{"code": "S5", "name": "无主", "state": "running"}],
    "assets": [{"code": "A1", "system": "S3", "os": "CentOS 7", "state": "in_service"}],
    "software": [{"code": "W1", "name": "CentOS", "version": "7", "end_of_support": "2024-06-30"}],
}  # fmt: skip


def _audit(filled: Filled, *audits: str, day: str = DAY, scope: Scope = CITY) -> Audited:
    return audited(filled.inventory, Asked(audits, day, Moment(end_of(day) - 1), scope))


def _keys(found: Audited, check: str) -> list[str]:
    return [one.key for one in found.findings if one.check == check]


def test_a_finding_says_which_record_and_whose_it_is(city: City) -> None:
    found = _audit(city(TWO_DISTRICTS), "exposure", "mlps")
    (ended,) = [one for one in found.findings if one.check == "os-ended"]
    assert (ended.register, ended.key, ended.severity, ended.basis) == ("assets", "A1", "high", "exposure.os-ended")
    # The asset says nothing of a unit: its system does, and the unit says in which district it is.
    assert (ended.unit, ended.unit_name, ended.district, ended.district_name) == ("U3", "区局", "420103", "江汉区")
    assert ended.parameters == {"os": "CentOS 7", "ended": "2024-06-30"}
    assert ended.code == "audit.exposure.os-ended"
    (nobodys,) = [one for one in found.findings if one.check == "no-unit"]
    assert (nobodys.key, nobodys.name, nobodys.unit, nobodys.district) == ("S5", "无主", "", "")


def test_ids_are_the_same_in_every_audit_and_no_two_findings_share_one(city: City) -> None:
    filled = city(TWO_DISTRICTS)
    first = _audit(filled, *AUDITS)
    ids = [one.id for one in first.findings]
    assert len(ids) == len(set(ids)) > 20
    filled.fill("systems", {"code": "S9", "name": "新", "unit": "U1"})
    later = _audit(filled, *AUDITS, day="2026-10-01")
    assert set(ids) <= {one.id for one in later.findings}
    one = first.findings[0]
    assert one.id == finding_id(one.audit, one.check, one.register, one.record, one.subject)
    assert len({finding_id(*parts) for parts in (("a", "b", "c", "d", ""), ("ab", "", "c", "d", ""))}) == 2


@pytest.mark.parametrize(
    ("scope", "systems"),
    [
        ("city", ["S1", "S2", "S3", "S4", "S5"]),
        ("district/420102", ["S1", "S4"]),
        ("district/4201021", ["S4"]),
        ("unit/U1", ["S1", "S2"]),
        ("unit/U2", ["S2"]),
    ],
)
def test_a_scope_is_a_district_with_what_lies_in_it_or_a_unit_with_those_below(
    scope: str, systems: list[str], city: City
) -> None:
    found = _audit(city(TWO_DISTRICTS), "mlps", "cloud", scope=read_scope(scope))
    assert _keys(found, "ungraded") == systems
    # What concerns the city as a whole is told for the whole alone; the rate is told for every part.
    assert bool(_keys(found, "rate")) == (scope == "city")
    (rate,) = [figure for _, figure in found.figures if figure.code == "audit.figure.rate"]
    assert rate.parameters["counted"] == len(systems)


@pytest.mark.parametrize("text", ["", "town", "district/", "district", "unit/", "city/1", "系统/1"])
def test_what_is_no_scope_is_told(text: str) -> None:
    with pytest.raises(AuditScopeUnusable):
        read_scope(text)


def test_a_scope_that_is_not_there_is_told_with_what_is_near(city: City) -> None:
    with pytest.raises(AuditScopeUnknown) as problem:
        _audit(city(TWO_DISTRICTS), "mlps", scope=Scope("district", "420101"))
    assert "420102" in str(problem.value.parameters["nearest"])


def test_an_audit_tells_of_the_day_that_was_asked_for(city: City) -> None:
    filled = city({"systems": [{"code": "S1", "name": "a", "state": "running"}]})
    filled.fill("systems", {"code": "S1", "mlps_grade": "1"}, valid_from=begin_of("2026-06-01"))
    assert _keys(_audit(filled, "mlps", day="2026-05-31"), "ungraded") == ["S1"]
    assert _keys(_audit(filled, "mlps", day="2026-06-01"), "ungraded") == []


def test_what_was_not_known_yet_was_not_found_either(city: City) -> None:
    filled = city({"systems": [{"code": "S1", "name": "a", "state": "running"}]})
    before = filled.now - 1
    filled.fill("systems", {"code": "S1", "mlps_grade": "1"})
    then = audited(filled.inventory, Asked(("mlps",), DAY, Moment(end_of(DAY) - 1, before)))
    assert _keys(then, "ungraded") == ["S1"]
    assert _keys(_audit(filled, "mlps"), "ungraded") == []


def test_the_rule_that_held_on_the_day_is_taken() -> None:
    def article(day: str) -> str:
        (rule,) = [one for one in in_force("mlps", day) if one.check == "ungraded"]
        return rule.article.en

    assert article("2025-12-31").startswith("article 21")
    assert article("2026-01-01").startswith("article 23")
    assert [rule.id for rule in in_force("cii", "2021-08-31")] == []


def test_a_rule_that_does_not_hold_yet_is_told_and_finds_nothing(city: City) -> None:
    found = _audit(city({"cii": [{"code": "C1", "name": "a", "sector": "水"}]}), "cii", day="2021-08-31")
    assert found.findings == []
    assert {rule.check for rule in found.later} >= {"no-department", "assessment-old"}


def test_audits_come_in_their_order_and_progress_is_told_rule_by_rule(city: City) -> None:
    told: list[Rule] = []
    asked = Asked(("iot", "mlps"), DAY, Moment(end_of(DAY) - 1))
    found = audited(city({}).inventory, asked, told.append)
    assert found.asked.audits == ["mlps", "iot"]
    assert [one.id for one in told] == [one.rule.id for one in found.outcomes]
    assert found.findings == []
    assert all(one.looked == 0 for one in found.outcomes)
