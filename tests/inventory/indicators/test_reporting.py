from inventory.days import end_of
from inventory.indicators.model import CITY, Report, Scope
from inventory.indicators.reporting import Scopes, exclusions, last, reports
from inventory.model import OPEN, Change, Moment
from tests.inventory.indicators.cities import City, exclusion, record, report

NOW = OPEN - 1


def said(day: str, value: float, **more: object) -> Report:
    values = {"numerator": None, "denominator": None, "unit": "", "evidence": "合成", "digest": "0" * 64} | more
    return Report(3, day, "city", value, **values)  # type: ignore[arg-type]


def test_the_last_report_on_or_before_the_day_counts_and_its_age_is_told() -> None:
    some = [said("2025-01-01", 1.0), said("2025-06-01", 2.0), said("2025-12-31", 3.0)]
    assert last(some, "2024-12-31", 366, is_share=False) is None
    for day, value, age in (("2025-01-01", 1.0, 0), ("2025-12-30", 2.0, 212), ("2027-01-01", 3.0, 366)):
        found = last(some, day, 366, is_share=False)
        assert found is not None
        assert (found.report.value, found.age, found.stale) == (value, age, False)
    old = last(some, "2027-01-02", 366, is_share=False)
    assert old is not None
    assert (old.age, old.stale) == (367, True)


def test_what_is_to_be_said_against_a_report_is_told() -> None:
    def doubts(*some: Report, is_share: bool = True) -> tuple[str, ...]:
        found = last(some, "2025-12-31", 366, is_share=is_share)
        assert found is not None
        return found.doubts

    assert doubts(said("2025-01-01", 50.0)) == ()
    assert doubts(said("2025-01-01", 50.0, digest="", evidence="")) == ("no-evidence", "no-digest")
    assert doubts(said("2025-01-01", 50.0, digest="abc")) == ("odd-digest",)
    assert doubts(said("2025-01-01", 150.0)) == ("no-share",)
    assert doubts(said("2025-01-01", 150.0), is_share=False) == ()
    assert doubts(said("2025-01-01", 33.3, numerator=1.0, denominator=3.0)) == ()
    assert doubts(said("2025-01-01", 35.0, numerator=1.0, denominator=3.0)) == ("parts-differ",)
    assert doubts(said("2025-01-01", 35.0, numerator=1.0, denominator=0.0)) == ()
    assert doubts(said("2025-01-01", 1.0), said("2025-01-01", 2.0)) == ("said-twice",)


def test_a_report_holds_from_its_own_day_also_where_it_was_entered_later(city: City) -> None:
    entered = city.write("2026-02-01", indicator_values=[
        Change(one.id, one.values, valid_from=end_of("2026-01-31")) for one in (report(3, "2025-12-31", 80.0),)
    ])  # fmt: skip
    moment = Moment(end_of("2025-12-31") - 1, NOW)
    assert [one.value for one in reports(city.inventory, moment)] == [80.0]
    assert reports(city.inventory, Moment(moment.valid, entered - 1)) == [], "nobody knew it then"
    assert reports(city.inventory, Moment(end_of("2025-12-30") - 1, NOW)) == []


def test_a_report_that_was_taken_back_does_not_count(city: City) -> None:
    made = report(3, "2025-06-30", 80.0)
    city.write(indicator_values=[made])
    city.write("2026-01-01", indicator_values=[Change(made.id, gone=True)])
    assert reports(city.inventory, Moment(end_of("2025-12-31") - 1, NOW)) == []


def test_exclusions_name_records_as_people_write_them_and_hold_while_the_register_has_them(city: City) -> None:
    site = exclusion("X1", "WWW.Example.cn/", register="sites", indicator=4)
    odd = exclusion("X2", "ftp://x", register="sites", indicator=4)
    city.write(exclusions=[site, odd, exclusion("X3", "S1", register="no such register")])
    city.write("2025-06-01", exclusions=[Change(site.id, valid_from=end_of("2025-05-31"), gone=True)])

    def found(day: str) -> dict[str, str]:
        return {one.code: one.record for one in exclusions(city.inventory, Moment(end_of(day) - 1, NOW))}

    assert found("2025-05-31") == {"X1": "http://www.example.cn", "X2": "ftp://x", "X3": "S1"}
    assert set(found("2025-06-01")) == {"X2", "X3"}


def test_scopes_are_named_in_many_ways(city: City) -> None:
    scopes = Scopes(city.inventory, Moment(end_of("2025-06-01"), NOW))
    assert {scopes.scope(text) for text in ("city", " 全市", "市", "", "CITY")} == {CITY}
    unit, district = Scope("unit", record("e", 1)), Scope("district", record("d", 1))
    assert {scopes.scope(text) for text in ("U1", "u1", "合成单位1", "unit/U1")} == {unit}
    assert {scopes.scope(text) for text in ("420101", "合成区1", "district/420101")} == {district}
    assert scopes.scope("nowhere") is None
