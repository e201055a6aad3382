"""`hanwatch inventory`, as an administrator uses it."""

import json
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Run

UNITS = "单位编码,单位名称,级别,所属区\nU1,市大数据局,市级,江岸区\nU2,硚口卫健局,区级,420104\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "districts.csv").write_text("code,name\n420102,江岸区\n420104,硚口区\n", encoding="utf-8")
    (tmp_path / "units.csv").write_bytes(UNITS.encode("gb18030"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def city(folder: Path, hanwatch: Run) -> Run:
    for name in ("districts", "units"):
        assert hanwatch("inventory", "import", name, folder / f"{name}.csv", "--from", "2021-01-01").status == 0
    return hanwatch


def test_a_dry_run_tells_what_would_change_and_writes_nothing(folder: Path, hanwatch: Run) -> None:
    ran = hanwatch("inventory", "import", "districts", folder / "districts.csv", "--dry-run", "--json")
    assert ran.status == 0
    *rows, counts = ran.lines
    assert [row["becomes"] for row in rows] == ["new", "new"]
    assert (counts["new"], counts["written"], counts["dry_run"]) == (2, None, True)
    assert [one["records"] for one in hanwatch("inventory", "registers", "--json").lines if one["records"]] == []


def test_rows_that_cannot_be_used_keep_all_others_out_and_are_returned(folder: Path, city: Run) -> None:
    (folder / "more.csv").write_text("单位编码,单位名称,级别,所属\nU3,市局,州级,x\nU4,市府,市级,x\n", encoding="utf-8")
    ran = city("inventory", "import", "units", folder / "more.csv", "--errors", folder / "wrong.xlsx")
    assert ran.status == 1
    assert "more.csv:2 (level): '州级' is none of: 市级 (city)" in ran.err
    assert "所属" in ran.err
    assert "Nothing was written" in ran.err
    sheet = openpyxl.load_workbook(folder / "wrong.xlsx").active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]][1:] == ["U3", "市局", "州级", "x"]
    assert city("inventory", "list", "units", "--json").lines[0]["texts"]["code"] == "U1"
    assert len(city("inventory", "list", "units", "--json").lines) == 2
    ran = city("inventory", "import", "units", folder / "more.csv", "--skip-faulty", "--json")
    assert (ran.status, ran.lines[-1]["new"], ran.lines[-1]["faulty"]) == (1, 1, 1)


def test_a_record_is_shown_with_who_said_what_and_its_history(city: Run) -> None:
    said = ("--by", "Li", "--reason", "更名")
    ran = city("inventory", "set", "units", "U1", "name=市数据局", "--from", "2026-10-01", *said)
    assert ran.status == 0
    (shown,) = city("inventory", "show", "units", "U1", "--json").lines
    assert (shown["texts"]["name"], shown["texts"]["district"]) == ("市数据局", "420102")
    assert (shown["said"]["name"]["by"], shown["said"]["name"]["reason"]) == ("Li", "更名")
    assert shown["said"]["code"]["source"] == "units.csv"
    (before,) = city("inventory", "show", "units", "U1", "--as-of", "2026-09-30", "--json").lines
    assert before["texts"]["name"] == "市大数据局"
    history = city("inventory", "history", "units", "U1", "--json").lines
    assert [one["changes"].get("name") for one in history] == ["市大数据局", None, "市数据局"]
    assert city("inventory", "history", "units", "U1").out.count("\n") == 3
    assert city("inventory", "set", "units", "U1", "name=市数据局").err.strip().endswith("nothing was written.")


def test_a_locked_field_is_left_by_imports(folder: Path, city: Run) -> None:
    assert city("inventory", "lock", "units", "U1", "name").status == 0
    (folder / "units.csv").write_text(UNITS.replace("市大数据局", "别名"), encoding="utf-8")
    ran = city("inventory", "import", "units", folder / "units.csv")
    assert ran.status == 1
    assert "locked at '市大数据局'" in ran.err
    assert city("inventory", "unlock", "units", "U1", "单位名称").status == 0
    assert city("inventory", "import", "units", folder / "units.csv").status == 0


def test_what_has_ended_is_gone_from_that_day_on(city: Run) -> None:
    assert city("inventory", "end", "units", "U2", "--from", "2026-01-01").status == 0
    assert len(city("inventory", "list", "units", "--json").lines) == 1
    assert len(city("inventory", "list", "units", "--as-of", "2025-12-31", "--json").lines) == 2
    ran = city("inventory", "show", "units", "U2")
    assert ran.status == 2
    assert "was not there at" in ran.err


def test_an_export_is_read_again_without_a_change(folder: Path, city: Run) -> None:
    for name in ("out.csv", "out.xlsx"):
        assert city("inventory", "export", "units", folder / name).status == 0
        ran = city("inventory", "import", "units", folder / name, "--json")
        assert (ran.status, ran.lines[-1]["same"], ran.lines[-1]["written"]) == (0, 2, None)
    assert city("inventory", "export", "units", "-").out.splitlines()[1].startswith("U1,市大数据局")
    assert city("inventory", "template", "systems", folder / "systems.xlsx").status == 0
    assert openpyxl.load_workbook(folder / "systems.xlsx").active["A1"].value == "code *"  # type: ignore[index]


def test_records_are_listed_by_what_they_are(city: Run) -> None:
    (found,) = city("inventory", "list", "units", "--where", "district=硚口区", "--where", "级别=区级", "--json").lines
    assert found["texts"]["code"] == "U2"
    assert "U1" not in city("inventory", "list", "units", "--where", "code=U2", "--column", "name").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "unit"), "nearest: units"),
        (("list", "units", "--where", "nam=x"), "nearest: name"),
        (("list", "units", "--where", "on_extranet=maybe"), "wanted is yes or no"),
        (("list", "units", "--as-of", "soon"), "neither a day"),
        (("show", "units", "U9"), "has no record U9"),
        (("set", "units", "U1", "level=州级"), "none of"),
    ],
)
def test_what_is_not_meant_is_told_with_what_could_be(city: Run, arguments: tuple[str, ...], said: str) -> None:
    ran = city("inventory", *arguments)
    assert ran.status == (1 if arguments[0] == "set" else 2)
    assert said in ran.err


def test_a_file_that_is_no_table_is_refused(folder: Path, city: Run) -> None:
    (folder / "no.xlsx").write_bytes(b"PK\x03\x04" + bytes(100))
    for file in (folder / "no.xlsx", folder / "missing.csv"):
        ran = city("inventory", "import", "units", file)
        assert ran.status == 3
        assert file.name in ran.err


def test_what_captures_show_is_listed_beside_what_is_declared(folder: Path, city: Run) -> None:
    assert "Nothing was seen yet" in city("inventory", "observed").err
    write_flows(folder / "eve.json")
    assert city("ingest", folder / "eve.json").status == 0
    (folder / "assets.csv").write_text("code,addresses,state\nA1,10.1.0.1,in_service\n", encoding="utf-8")
    assert city("inventory", "import", "assets", folder / "assets.csv").status == 0
    assert city("inventory", "watch", "--once").status == 0
    (found,) = city("inventory", "observed", "--days", "36500", "--json").lines
    assert (found["difference"], found["address"]) == ("unregistered", "10.1.0.2")
    assert found["seen"]["note"] == "tcp/443"
    assert found["proofs"][0]["dataset"] == "suricata.flow"
    assert "unregistered" in city("inventory", "observed", "unregistered", "--days", "36500").out
    assert city("inventory", "observed", "--days", "36500", "--export", folder / "found.csv").status == 0
    ran = city("inventory", "import", "assets", folder / "found.csv")
    assert (ran.status, "1 new" in ran.err) == (0, True)
    assert city("inventory", "observed", "--days", "36500", "--json").lines == []


def write_flows(file: Path) -> None:
    """A line as Suricata writes it."""
    flow = {
        "timestamp": "2026-03-01T08:00:00.000000+0000", "event_type": "flow", "src_ip": "10.1.0.1", "src_port": 5000,
        "dest_ip": "10.1.0.2", "dest_port": 443, "proto": "TCP",
        "flow": {
            "pkts_toserver": 5, "pkts_toclient": 5, "bytes_toserver": 500, "bytes_toclient": 900,
            "start": "2026-03-01T08:00:00.000000+0000", "end": "2026-03-01T08:00:01.000000+0000", "state": "closed",
        },
    }  # fmt: skip
    file.write_text(json.dumps(flow) + "\n", encoding="utf-8")


SAMPLES = Path(__file__).parents[2] / "data" / "inventory" / "foreign"


def test_exports_of_other_programs_are_read_into_the_registers_that_they_have_rows_for(city: Run) -> None:
    nmap = SAMPLES / "nmap.xml"
    dry = city("inventory", "foreign", nmap, "--dry-run", "--json")
    assert {line["written"] for line in dry.lines if "register" in line} == {None}
    assert city("inventory", "list", "assets", "--json").lines == []
    ran = city("inventory", "foreign", nmap, "--json")
    written = {line["register"]: line["new"] for line in ran.lines if "register" in line}
    assert written["assets"] == len(city("inventory", "list", "assets", "--json").lines) > 0
    again = city("inventory", "foreign", nmap, "--json")
    assert {line["new"] for line in again.lines if "register" in line} == {0}


def test_what_no_format_recognises_and_a_token_that_is_not_there_are_told(folder: Path, city: Run) -> None:
    (folder / "odd.txt").write_text("odd", encoding="utf-8")
    ran = city("inventory", "foreign", folder / "odd.txt")
    assert ran.status == 2
    assert "netbox" in ran.err
    for token in ("env:NOT_SET_ANYWHERE", "the-secret-itself"):
        ran = city("inventory", "foreign", "http://127.0.0.1:1/", "--token", token)
        assert (ran.status, "the-secret-itself" in ran.err) == (2, False)
