"""`hanwatch vulnerabilities`, as whoever looks after weaknesses uses it."""

from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.cli.conftest import Run
from tests.inventory.vulnerabilities.making import DATA

_Lines: TypeAlias = list[dict[str, Any]]
TABLES = {
    "districts": "code,name\n420102,江岸区\n",
    "units": "code,name,district\nU1,市局,420102\nU2,二局,\n",
    "systems": "code,name,unit,mlps_grade,public\nS1,门户,U1,3,是\n",
    "assets": "code,system,unit,addresses\nA1,S1,,192.0.2.10\nA2,,U2,192.0.2.20\n",
    "software": "code,vendor,name,version\nP1,Apache,Apache HTTP Server,2.4.49\nP2,Apache,Tomcat,9.0.20\n",
    "installations": "asset,software\nA1,P1\nA2,P2\n",
}


@pytest.fixture
def city(tmp_path: Path, hanwatch: Run) -> Run:
    for name, text in TABLES.items():
        file = tmp_path / f"{name}.csv"
        file.write_text(text, encoding="utf-8")
        assert hanwatch("inventory", "import", name, file, "--from", "2021-01-01").status == 0
    files = sorted(one for one in DATA.glob("good.*") if one.name != "good.kev.csv")
    ran = hanwatch("vulnerabilities", "import", *files)
    assert ran.status == 1
    assert "good.nessus:21: entry '192.0.2.11:22' cannot be used: it names no test" in ran.err
    assert "a scan with 3 findings: 3 are new" in ran.err
    return hanwatch


def _match(lines: _Lines) -> dict[str, Any]:
    return next(one for one in lines if one.get("advisory") == "CVE-2026-9991")


def test_a_file_that_was_read_changes_nothing_and_one_that_breaks_off_neither(city: Run, tmp_path: Path) -> None:
    before = city("vulnerabilities", "list", "--json").lines
    again = city("vulnerabilities", "import", DATA / "good.nuclei.jsonl", DATA / "good.kev.json", "--json")
    assert again.status == 0
    scan, told = again.lines
    assert (scan["repeated"], scan["written"], scan["opened"]) == (True, False, 0)
    assert (told["new"], told["changed"], told["same"]) == (0, 0, 2)
    broken = tmp_path / "broken.nessus"
    broken.write_bytes((DATA / "good.nessus").read_bytes()[:-40])
    (tmp_path / "none").write_text("nothing")
    ran = city("vulnerabilities", "import", broken, tmp_path / "none", tmp_path / "missing")
    assert ran.status == 3
    assert "nothing was written" in ran.err
    assert "no format recognises the file" in ran.err
    after = city("vulnerabilities", "list", "--json").lines
    assert [one["id"] for one in after] == [one["id"] for one in before]


def test_hostile_files_are_told_and_leave_what_is_there(city: Run) -> None:
    before = {one["id"] for one in city("vulnerabilities", "list", "--json").lines}
    ran = city("vulnerabilities", "import", *sorted(DATA.glob("hostile.*")))
    assert ran.status in {1, 3}
    assert "Traceback" not in ran.err
    assert before <= {one["id"] for one in city("vulnerabilities", "list", "--json").lines}


def test_what_is_listed_can_be_chosen(city: Run) -> None:
    every = city("vulnerabilities", "list", "--json").lines
    match = _match(every)
    assert (match["asset"], match["unit"], match["district"]) == ("A1", "市局", "江岸区")
    assert match["deadline"]["rule"] == "exploited-internet"
    assert match["deadline"]["verified"] is False
    assert [one["exposure"] for one in every] == sorted((one["exposure"] for one in every), reverse=True)
    chosen = city("vulnerabilities", "list", "--unit", "U2", "--json").lines
    assert {one["asset"] for one in chosen} == {"A2"}
    check = next(one for one in chosen if one["kind"] == "match")
    assert (check["advisory"], check["certainty"]) == ("CVE-2026-9992", "check")
    assert check["reasons"] == ["condition-unknown"]
    high = city("vulnerabilities", "list", "--severity", "high", "--json").lines
    assert {one["severity"] for one in high} == {"high"}
    assert city("vulnerabilities", "list", "--closed", "--json").lines == []
    assert len(city("vulnerabilities", "list", "--open", "--json").lines) == len(every)
    late = city("vulnerabilities", "list", "--overdue", "--json").lines
    assert all(one["deadline"]["overdue"] for one in late)
    shown = city("vulnerabilities", "list", "--limit", "2")
    assert "CVE-2026-9991 · Apache HTTP Server 2.4.49 [>=2.4.0 <2.4.58] · by version" in shown.out
    assert "the product's own proposal" in shown.err
    assert city("vulnerabilities", "list", "--unit", "U9").status == 2


def test_one_is_shown_line_by_line_and_given_to_somebody(city: Run) -> None:
    first = _match(city("vulnerabilities", "list", "--json").lines)
    assert city("vulnerabilities", "assign", first["id"][:10], "王", "--note", "周日").status == 0
    shown = city("vulnerabilities", "show", first["id"][:10])
    assert "× 1.5" in shown.out
    assert f"= {first['exposure']:.2f}" in shown.out
    assert "周日" in shown.out
    (whole,) = city("vulnerabilities", "show", first["id"], "--json").lines
    assert (whole["owner"], whole["advisories"][0]["cnnvd"]) == ("王", "CNNVD-202610-0991")
    assert whole["exposures"][0]["lines"][0]["code"] == "asset-base"
    city("vulnerabilities", "assign", first["id"], "李")
    assert city("vulnerabilities", "show", first["id"], "--json").lines[0]["note"] == "周日"
    assert city("vulnerabilities", "show", "nothing").status == 2
    assert city("vulnerabilities", "show", "").status == 2


def test_what_is_closed_is_shown_with_its_proof(city: Run, tmp_path: Path) -> None:
    late = (DATA / "good.nessus").read_text(encoding="utf-8").replace("Nov 30 10:00:00", "Nov 30 11:00:00")
    begin, end = late.index('<ReportItem port="8443"'), late.index('<ReportItem port="0"')
    file = tmp_path / "second.nessus"
    file.write_text(late[:begin].replace("T:8080", "T:8080,T:8443") + late[end:], encoding="utf-8")
    assert city("vulnerabilities", "import", file, "--json").lines[-1]["closed"] == 1
    (closed,) = city("vulnerabilities", "list", "--closed", "--json").lines
    assert (closed["status"], closed["plugin"]) == ("closed", "156327")
    assert (closed["exposure"], closed["deadline"]) == (0.0, None)
    (whole,) = city("vulnerabilities", "show", closed["id"], "--json").lines
    assert whole["proof"]["file"] == "second.nessus"
    assert "second.nessus" in city("vulnerabilities", "show", closed["id"]).out


def test_exposure_is_added_up(city: Run) -> None:
    units = city("vulnerabilities", "exposure", "--json").lines
    assert [one["unit"] for one in units] == ["市局", None, "二局"]
    assert units[0]["top"][0]["lines"][0]["code"] == "asset-base"
    assert len(units[0]["top"]) == 3
    districts = city("vulnerabilities", "exposure", "--by", "district", "--top", "1", "--json").lines
    assert (districts[0]["district"], len(districts[0]["top"])) == ("江岸区", 1)
    assert districts[0]["exposure"] == units[0]["exposure"]
    assert "A1 CVE-2026-9991" in city("vulnerabilities", "exposure", "--by", "system").out


def test_where_nothing_was_read_it_says_so(empty: Path, hanwatch: Run) -> None:
    assert empty.exists()
    ran = hanwatch("vulnerabilities")
    assert (ran.status, ran.out) == (0, "")
    assert "`hanwatch vulnerabilities import`" in ran.err
    assert "Nothing is known" in hanwatch("vulnerabilities", "exposure").err
