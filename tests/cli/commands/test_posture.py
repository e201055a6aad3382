"""Posture from logs to the screen: what happened and what nobody saw takes points, and gives them back."""

from pathlib import Path
from shutil import copy, copytree

import orjson
import pytest
from sqlalchemy import create_engine, text

from cli.demo import write_samples
from sensors.event.times import from_iso
from tests.cli.conftest import Run

AT = ("--at", "2026-11-22T12:05:00Z")
CONTEXT = """
spaces:
  - {name: tenant-a, vlan: ["100"]}
entries:
  - {network: 10.1.0.0/16, unit: Jiang'an office, district: Jiang'an}
  - {network: 10.2.0.0/16, unit: Jianghan office, district: Jianghan}
  - {network: 10.20.0.53, unit: city office, asset: resolver}
  - {host: synthetic-cloud-host-03, asset: cloud-3, unit: cloud centre, district: Jiang'an, system: cloud, cii: true}
  - {network: 10.9.0.1, asset: never-seen, unit: dark unit, district: Jianghan}
"""


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test of this module leaves what it read for the others."""
    return tmp_path_factory.mktemp("posture") / "data"


@pytest.fixture
def city(hanwatch: Run, data: Path, once: Path, tmp_path: Path) -> Path:
    """The logs of the product's samples, read with a context that declares who has which part of the city."""
    if once.exists():
        copytree(once, data)
    else:
        data.mkdir()
    (data / "plan.yml").write_text(CONTEXT)
    (data / "hanwatch.yml").write_text(f"context: {{files: [{data / 'plan.yml'}]}}\n")
    if not once.exists():
        samples = write_samples(tmp_path / "samples", from_iso("2026-11-22T12:00:00Z"))
        assert hanwatch("ingest", *(file for file in samples if file.suffix != ".pcap")).status == 0
        copytree(data, once)
    return data


def test_an_incident_takes_points_of_the_unit_that_it_touches_and_closing_it_gives_them_back(
    hanwatch: Run, city: Path
) -> None:
    (before,) = hanwatch("posture", "explain", "unit/cloud centre", *AT, "--json").lines
    taken = [item for item in before["lost_by"] if item["kind"] == "incident"]
    assert taken
    assert round(100 - sum(item["points"] for item in before["lost_by"]), 4) == before["score"]
    known = {one["id"] for one in hanwatch("incidents", "list", "--json").lines}
    assert {item["subject"] for item in taken} <= known
    shown = hanwatch("posture", "explain", "unit/cloud centre", *AT).out
    assert taken[0]["subject"] in shown
    assert "cloud-3" in shown
    for item in taken:
        assert hanwatch("incidents", "state", item["subject"], "closed", "--outcome", "resolved").status == 0
    # As of then it was open; now it is not.
    (then,) = hanwatch("posture", "explain", "unit/cloud centre", *AT, "--json").lines
    assert then["score"] == before["score"]
    (now,) = hanwatch("posture", "explain", "unit/cloud centre", "--json").lines
    assert [item for item in now["lost_by"] if item["kind"] == "incident"] == []


def test_dealing_with_an_incident_gives_points_back(hanwatch: Run, city: Path) -> None:
    def happened() -> float:
        (found,) = hanwatch("posture", "show", "--by", "sector", "--json").lines
        assert (found["kind"], found["name"]) == ("sector", "-"), "no sector is preset"
        return float(found["lost"]["happened"])

    at_first = happened()
    found = hanwatch("incidents", "list", "--json").lines
    (guessed,) = [one for one in found if "host:synthetic-cloud-host-03" in one["victims"]]
    assert at_first > 0
    assert hanwatch("incidents", "assign", guessed["id"], "li").status == 0
    assigned = happened()
    assert hanwatch("incidents", "state", guessed["id"], "contained").status == 0
    contained = happened()
    assert at_first > assigned > contained > 0
    assert hanwatch("incidents", "state", guessed["id"], "closed", "--outcome", "resolved").status == 0
    assert happened() == 0


def test_what_nobody_saw_does_not_shine(hanwatch: Run, city: Path) -> None:
    found = {one["name"]: one for one in hanwatch("posture", "--by", "unit", *AT, "--json").lines}
    assert found["dark unit"]["grade"] == "not-seen"
    assert (found["dark unit"]["score"], found["dark unit"]["coverage"]) == (50, 0)
    assert found["Jiang'an office"]["coverage"] == 1
    assert found["city office"]["seen"] == 2
    (tenant,) = hanwatch("posture", "--by", "tenant", *AT, "--json").lines
    assert (tenant["name"], tenant["grade"]) == ("tenant-a", "not-seen")
    shown = hanwatch("posture", "explain", "dark unit", *AT).out
    assert "never-seen" in shown
    (city_now,) = hanwatch("posture", "explain", *AT, "--json").lines
    assert "unrecorded" in {item["code"] for item in city_now["lost_by"]}, "nobody recorded the sources then"


def test_a_scope_is_shown_with_its_parts_the_worst_first(hanwatch: Run, city: Path) -> None:
    found = hanwatch("posture", *AT, "--json").lines
    assert [one["kind"] for one in found] == ["city", "district", "district", "district"]
    assert [one["score"] for one in found[1:]] == sorted(one["score"] for one in found[1:])
    assert found[0]["policy"]["verified"] is False
    assert found[0]["hint"] is None, "something is declared"
    assert len(hanwatch("posture", "Jianghan", *AT, "--json").lines) == 3
    assert "not a standard's" in hanwatch("posture", *AT).err
    unknown = hanwatch("posture", "district/Jianghen")
    assert unknown.status == 2
    assert "Jianghan" in unknown.err


def test_what_was_recorded_is_shown_and_made_again(hanwatch: Run, city: Path) -> None:
    assert "Nothing was recorded" in hanwatch("posture", "history").err
    assert hanwatch("posture", "record").status == 0
    (made,) = hanwatch("posture", "record", "--json").lines
    found = hanwatch("posture", "history", "--json").lines
    assert len(found) == 2
    assert found[-1]["score"] == made["score"]
    assert "cloud" not in hanwatch("posture", "history").out
    assert len(hanwatch("posture", "history", "unit/cloud centre", "--json").lines) == 2
    assert hanwatch("posture", "history", "nothing").status == 2
    checked = hanwatch("posture", "verify", "--json")
    assert checked.status == 0
    assert [one["same"] for one in checked.lines] == [True, True]


def test_a_changed_policy_leaves_what_was_recorded_as_it_was(hanwatch: Run, city: Path) -> None:
    (before,) = hanwatch("posture", "record", "--json").lines
    with (city / "hanwatch.yml").open("a") as settings:
        settings.write(f"posture: {{policy: {city / 'weights.yml'}}}\n")
    (city / "weights.yml").write_text("severity: {low: 4, medium: 12, high: 30, critical: 60}\nverified: true\n")
    (after,) = hanwatch("posture", "record", "--json").lines
    assert after["policy"]["digest"] != before["policy"]["digest"]
    assert after["policy"]["verified"] is True
    assert after["lost"]["happened"] > before["lost"]["happened"]
    assert hanwatch("posture", "verify").status == 0
    (city / "weights.yml").write_text("state: {new: 10, assigned: 85, in-progress: 70, contained: 30}\n")
    refused = hanwatch("posture")
    assert refused.status == 2
    assert "state" in refused.err
    assert hanwatch("ingest", city / "plan.yml").status == 2, "it is told before anything is read"


CHANGES = (
    ("UPDATE posture_snapshot SET score = score + 1", "its scores"),
    ("UPDATE posture_snapshot SET scores = x'00'", "its scores"),
    ("UPDATE posture_snapshot SET digest = facts_digest", "its items"),
    ("UPDATE posture_snapshot SET moment = moment - 60000000000", "its items"),
    ("UPDATE posture_snapshot SET facts = x'00'", "its facts"),
    ("UPDATE posture_policy SET text = x'7b7d'", "its weights"),
)


def test_a_snapshot_that_somebody_changed_is_found(hanwatch: Run, city: Path) -> None:
    assert hanwatch("posture", "record").status == 0
    for change, part in CHANGES:
        copy(city / "hanwatch.db", city / "as-it-was.db")
        engine = create_engine(f"sqlite:///{city / 'hanwatch.db'}")
        with engine.begin() as connection:
            connection.execute(text(change))
        engine.dispose()
        found = hanwatch("posture", "verify", "--all")
        assert found.status == 1, change
        assert part in found.err, change
        copy(city / "as-it-was.db", city / "hanwatch.db")
    assert hanwatch("posture", "verify", "--all").status == 0


def test_a_city_that_declares_nothing_is_not_seen(hanwatch: Run, portal_log: Path) -> None:
    assert hanwatch("ingest", portal_log).status == 0
    printed = hanwatch("posture", "--json").out
    city = orjson.loads(printed.splitlines()[0])
    assert (city["grade"], city["declared"]) == ("not-seen", 0)
    assert city["score"] < 50, "an incident was found all the same"
    assert "docs/context.md" in city["hint"]
    shown = hanwatch("posture", "show")
    assert "docs/context.md" in shown.err
    assert "nothing of it is seen" not in shown.out
