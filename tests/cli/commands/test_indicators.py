"""Indicators from registers to the screen: numbers with their reasons, trends, evaluations and evidence."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.indicator_texts import number_text
from inventory.store.book import Inventory
from tests.cli.conftest import Run
from tests.databases import with_all_tables
from tests.inventory.indicators.cities import City, exclusion, record, report, system
from tests.inventory.indicators.test_loading import FOLLOWING

DAY = ("--as-of", "2026-11-30")


@pytest.fixture
def city(empty: Path) -> Iterator[City]:
    """A made city in the data folder: nine systems, six of them on a cloud, one excluded, one hostile."""
    engine = with_all_tables(f"sqlite:///{empty / 'hanwatch.db'}")
    made = City(Inventory(engine), engine)
    made.units()
    made.write(
        systems=[
            *(system(one, hosting="city_cloud", unit=record("e", one % 2)) for one in range(1, 6)),
            system(6, hosting="own_room", unit=record("e", 0)), system(7, unit=record("e", 1)),
            system(8, hosting="own_room"),
            system(9, classified=True),
        ],
        exclusions=[exclusion("X1", "S8", expires_on="2026-12-31"), exclusion("X2", "S6")],
        indicator_values=[
            report(1, "2025-06-30", 60_000.0), report(30, "2024-12-31", 10.5, evidence="=HYPERLINK(1)"),
            report(99, "2024-12-31", 1.0),
        ],
    )  # fmt: skip
    made.write("2026-03-01", systems=[system(6, "2026-03-01", hosting="city_cloud")])
    made.write("2026-04-01", systems=[system(5, "2025-11-01", hosting="own_room")])
    yield made
    engine.dispose()


def by_number(lines: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {one["number"]: one for one in lines}


def test_all_indicators_have_a_line_and_what_must_be_said_is_said(hanwatch: Run, city: City) -> None:
    found = by_number(hanwatch("indicators", *DAY, "--json").lines)
    assert sorted(found) == list(range(1, 33))
    cloud = found[6]
    assert (cloud["numerator"], cloud["denominator"], cloud["not_known"], cloud["excluded"]) == (5, 7, 1, 1)
    assert (cloud["outside"], cloud["source"], cloud["met"], cloud["standing"]) == (1, "computed", "no", "missed")
    assert (cloud["plan"], cloud["plan_followed_by"], cloud["binding"]) == ("wuhan-14-5", None, True)
    assert (found[1]["source"], found[1]["standing"], found[1]["report"]["age_days"]) == ("reported", "met", 518)
    assert found[1]["report"]["stale"]
    assert (found[2]["source"], found[2]["value"], found[2]["standing"]) == ("none", None, "without-data")
    shown = hanwatch("indicators", *DAY)
    assert "71.43 to 85.71 %" in shown.out
    assert "no plan that follows is known" in shown.err
    assert "X2" in shown.err, "an exclusion that has expired is told"
    assert "99 city 2024-12-31" in shown.err, "so is a report of no indicator"


def test_one_is_explained_by_its_records(hanwatch: Run, city: City, tmp_path: Path) -> None:
    (found,) = hanwatch("indicators", "--explain", "6", *DAY, "--json").lines
    verdicts = {one["key"]: (one["verdict"], one["reason"]) for one in found["records"]}
    assert verdicts["S5"] == ("no", "own-room")
    assert verdicts["S7"] == ("unknown", "hosting-not-said")
    assert verdicts["S8"] == ("excluded", "excluded")
    assert verdicts["S9"] == ("outside", "classified")
    assert {one["code"]: one["holds"] for one in found["exclusions"]} == {"X1": "counts", "X2": "expired"}
    assert found["meaning"]["denominator"]
    file = tmp_path / "records.csv"
    shown = hanwatch("indicators", "--explain", "6", *DAY, "--limit", "2", "--csv", file)
    assert shown.out.index("S5") < shown.out.index("S7"), "what somebody has to work at comes first"
    assert "S9" not in shown.out
    assert file.read_bytes().startswith("\ufeffkey,id,unit".encode())
    assert file.read_text(encoding="utf-8-sig").count("\n") == 10


def test_a_reported_one_is_explained_by_its_evidence(hanwatch: Run, city: City) -> None:
    shown = hanwatch("indicators", "--explain", "30", *DAY).out
    assert "=HYPERLINK(1)" in shown
    assert "8.9" in shown, "the plan says what it was in 2020"


def test_why_it_changed_tells_corrections_apart(hanwatch: Run, city: City) -> None:
    (found,) = hanwatch("indicators", "--explain", "6", "--since", "2025-12-31", *DAY, "--json").lines
    why = found["why"]
    assert [one["key"] for one in why["corrected"]["records"]] == ["S5"]
    changed = {one["key"]: one["kind"] for one in why["changed"]["records"]}
    assert changed == {"S6": "exclusion-ended"}
    numerators = [why[name]["numerator"] for name in ("then", "then_as_known_now", "now")]
    assert numerators == [5, 4, 5]
    shown = hanwatch("indicators", "--explain", "6", "--since", "2025-12-31", *DAY).out
    assert "Corrected later: 1 records, -1 above and 0 below" in shown


def test_it_can_be_asked_as_it_was_known_then(hanwatch: Run, city: City) -> None:
    asked = ("indicators", "--explain", "6", "--as-of", "2025-12-31", "--json")
    (now,) = hanwatch(*asked).lines
    (then,) = hanwatch(*asked, "--known-at", "2025-12-31").lines
    assert (then["numerator"], now["numerator"]) == (5, 4)


def test_by_unit_adds_up(hanwatch: Run, city: City) -> None:
    parts = hanwatch("indicators", "--explain", "6", "--by", "unit", *DAY, "--json").lines
    assert {one["scope"]["code"]: one["numerator"] for one in parts} == {"U0": 3, "U1": 2, "": None}
    assert sum(one["numerator"] or 0 for one in parts) == 5
    shown = hanwatch("indicators", "--by", "district", *DAY).out
    assert "合成区1" in shown


def test_a_trend_has_a_forecast_with_its_range_or_says_why_not(hanwatch: Run, city: City) -> None:
    (found,) = hanwatch("indicators", "--trend", "--explain", "6", *DAY, "--json").lines
    series = {one["day"]: one["value"] for one in found["series"]}
    assert series["2025-10-31"] is not None
    assert series["2026-03-31"] != series["2026-02-28"]
    assert found["forecast"]["none"] is None
    for one in found["forecast"]["ahead"]:
        assert one["at_least"] <= one["value"] <= one["at_most"]
    shown = hanwatch("indicators", "--trend", *DAY).out
    assert shown.count("no forecast: fewer than six observations") == 31
    assert "2026-12-31" in hanwatch("indicators", "--trend", "--explain", "6", *DAY).out


def test_a_year_is_evaluated_to_the_last_point(hanwatch: Run, city: City) -> None:
    (found,) = hanwatch("indicators", "evaluate", "--year", "2025", "--json").lines
    assert round(found["score"] + sum(one["points"] for one in found["lost"]), 4) == 100
    assert not found["weights"]["verified"]
    shown = hanwatch("indicators", "evaluate", "--year", "2025", "--limit", "500")
    assert number_text(found["score"]) in shown.out
    assert "to verify" in shown.err
    units = hanwatch("indicators", "evaluate", "--year", "2025", "--by", "unit", "--json").lines
    assert [one["score"] for one in units] == sorted(one["score"] for one in units)
    assert "U1" in hanwatch("indicators", "evaluate", "--year", "2025", "--by", "unit").out


def test_evidence_is_written_and_checked(hanwatch: Run, city: City, tmp_path: Path) -> None:
    file = tmp_path / "evidence.zip"
    (packed,) = hanwatch("indicators", "pack", file, *DAY, "--json").lines
    (checked,) = hanwatch("indicators", "verify", file, "--json").lines
    assert (checked["holds"], checked["sha256"]) == (True, packed["sha256"])
    content = bytearray(file.read_bytes())
    file.write_bytes(content[:-200])
    assert hanwatch("indicators", "verify", file).status == 3
    assert hanwatch("indicators", "pack", tmp_path / "nowhere" / "e.zip").status == 3


def test_a_plan_that_follows_is_taken_for_days_of_its_own(hanwatch: Run, city: City, empty: Path) -> None:
    file = empty / "next.yml"
    file.write_text(FOLLOWING, encoding="utf-8")
    found = hanwatch("indicators", *DAY, "--plan-file", file, "--json").lines
    assert [(one["plan"], one["number"], one["numerator"]) for one in found] == [
        ("wuhan-15-5", 1, 5), ("wuhan-15-5", 2, None),
    ]  # fmt: skip
    (empty / "hanwatch.yml").write_text(f"indicators: {{plans: [{file}]}}\n")
    former = hanwatch("indicators", *DAY, "--plan", "wuhan-14-5")
    assert "wuhan-15-5 takes its place" in former.err
    assert len(hanwatch("indicators", *DAY, "--json").lines) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--as-of", "the day before"), "is no day"),
        (("--explain", "33"), "no indicator 33"),
        (("--since", "2025-01-01"), "--explain N"),
        (("--plan", "five-year"), "wuhan-14-5"),
        (("--plan-file", "nothing.yml"), "nothing.yml"),
        (("--known-at", "whenever"), "whenever"),
    ],
)
def test_wrong_use_is_told(hanwatch: Run, city: City, arguments: tuple[str, ...], told: str) -> None:
    done = hanwatch("indicators", *arguments)
    assert done.status == 2
    assert told in done.err


def test_chinese_is_complete(hanwatch: Run, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.commands.indicators.language", "zh")
    (first, *_) = hanwatch("indicators", *DAY, "--json").lines
    assert first["title"] == "5G 基站数量"
