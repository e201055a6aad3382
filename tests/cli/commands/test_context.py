"""`hanwatch context`, and that `hanwatch ingest` uses the files of the settings."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

PLAN = """\
spaces:
  - {name: tenant-a, vlan: ["100"]}
entries:
  - {network: 192.0.2.0/24, unit: office, domain: extranet}
  - {network: 192.0.2.10, asset: portal, grade: 3, cii: true, host: web01, valid_to: 2026-12-31}
  - {network: 192.0.2.0/24, unit: A, space: tenant-a}
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.yml"
    file.write_text(PLAN)
    return file


def test_check_is_quiet_about_good_files_and_names_every_fault(hanwatch: Run, plan: Path) -> None:
    ran = hanwatch("context", "check", plan, "--json")
    assert (ran.status, ran.lines) == (0, [{"entries": 3, "spaces": 1, "problems": 0}])
    broken = plan.with_name("broken.csv")
    broken.write_text("network,asset,gradee\n192.0.2.300,x,1\n192.0.2.7,y,1\n")
    ran = hanwatch("context", "check", plan, broken, "--json")
    assert ran.status == 1
    *faults, counts = ran.lines
    assert [(fault["line"], fault["field"], fault["code"]) for fault in faults] == [
        (1, None, "context-key-unknown"), (2, "network", "context-value"),
    ]  # fmt: skip
    assert counts == {"entries": 4, "spaces": 1, "problems": 2}
    said = hanwatch("context", "check", broken)
    assert said.status == 1
    assert "broken.csv:2 (network)" in said.err
    assert "1 entries" in said.err


def test_show_says_what_is_known_and_where_it_stands(hanwatch: Run, plan: Path) -> None:
    (found,) = hanwatch("context", "show", "192.0.2.10", "--at", "2026-12-31", "--file", plan, "--json").lines
    assert found["known"] == {"asset": "portal", "unit": "office", "domain": "extranet", "grade": 3, "cii": True}
    assert [entry["place"].rpartition(":")[2] for entry in found["entries"]] == ["5", "4"]
    (later,) = hanwatch("context", "show", "192.0.2.10", "--at", "2027-01-01", "--file", plan, "--json").lines
    assert later["known"] == {"unit": "office", "domain": "extranet"}
    (tenant,) = hanwatch("context", "show", "192.0.2.10", "--space", "tenant-a", "--file", plan, "--json").lines
    assert (tenant["known"], tenant["space"]) == ({"unit": "A"}, "tenant-a")
    (host,) = hanwatch("context", "show", "WEB01", "--at", "2026-12-01", "--file", plan, "--json").lines
    assert host["known"]["unit"] == "office"
    table = hanwatch("context", "show", "192.0.2.10", "--at", "2026-12-01", "--file", plan)
    assert table.status == 0
    assert "192.0.2.0/24" in table.out
    unknown = hanwatch("context", "show", "192.168.0.1", "--file", plan)
    assert (unknown.status, unknown.out) == (0, "")
    assert "nothing is known" in unknown.err


def test_what_was_said_wrongly_is_told(hanwatch: Run, plan: Path) -> None:
    assert hanwatch("context", "check").status == 2
    ran = hanwatch("context", "show", "192.0.2.10", "--space", "tenant-b", "--file", plan)
    assert ran.status == 2
    assert "tenant-a" in ran.err
    assert hanwatch("context", "show", "192.0.2.10", "--at", "soon", "--file", plan).status == 2


def test_ingest_uses_the_files_of_the_settings_and_what_is_wrong_in_them_stops_nothing(
    hanwatch: Run, plan: Path, empty: Path, portal_log: Path
) -> None:
    plan.write_text(PLAN + "  - {network: nonsense, unit: x}\n")
    (empty / "hanwatch.yml").write_text(f"context:\n  files: [{plan}]\n")
    assert hanwatch("context", "show", "192.0.2.10", "--json").lines[0]["known"]["unit"] == "office"
    looked = {one["check"]: one["state"] for one in hanwatch("doctor", "--json").lines}
    assert looked["context"] == "fault"
    ran = hanwatch("ingest", portal_log)
    assert ran.status == 0
    assert "plan.yml:7 (network)" in ran.err
    found = hanwatch("search", "hanwatch.source.cii:true", "--limit", "50", "--format", "json").lines
    assert len(found) == 40
    assert {event["hanwatch.source.unit"] for event in found} == {"office"}


def test_show_knows_what_registers_say(hanwatch: Run, tmp_path: Path) -> None:
    assert hanwatch("context", "show", "192.0.2.10").status == 2
    (tmp_path / "assets.csv").write_text("code,name,addresses\nA1,portal,192.0.2.10\n", encoding="utf-8")
    assert hanwatch("inventory", "import", "assets", tmp_path / "assets.csv").status == 0
    (found,) = hanwatch("context", "show", "192.0.2.10", "--json").lines
    assert found["known"] == {"asset": "portal"}
    assert found["entries"][0]["place"].startswith("assets/")
