"""Evidence packs, and the program in them that checks them, in an interpreter that has nothing of ours."""

import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from inventory.days import begin_of
from inventory.indicators.computing import Indicators
from inventory.indicators.packing import pack
from inventory.indicators.verify import MANIFEST, read
from inventory.model import Change
from tests.inventory.indicators.cities import PLAN, City, exclusion, record, report, system

KNOWN = begin_of("2026-11-30")


@pytest.fixture
def evidence(city: City) -> bytes:
    city.write(
        systems=[
            system(1, hosting="city_cloud", unit=record("e", 0)), system(2, hosting="own_room"), system(3),
            system(4, "2026-05-01", hosting="city_cloud"), system(5, classified=True), system(6, hosting="own_room"),
            Change(
                record("a", 7), {"code": "=cmd|'/c calc'!A1", "name": "合成", "state": "running", "classified": False}
            ),
        ],
        exclusions=[exclusion("X2", "S2"), exclusion("X3", "S3", expires_on="2030-01-01"), exclusion("X9", "S99")],
        data_centres=[
            Change(record("f", 1), {"code": "D1", "name": "合成", "computing_power": 0.1}),
            Change(record("f", 2), {"code": "D2", "name": "合成", "computing_power": 0.2}),
            Change(record("f", 3), {"code": "D3", "name": "合成"}),
        ],
        sites=[
            Change(
                record("9", 1),
                {
                    "url": "http://www.example.cn", "name": "合成", "kind": "portal", "level": "city",
                    "state": "running", "ipv6_supported": True,
                },
            )
        ],
        indicator_values=[
            report(1, "2025-06-30", 50_001.0), report(30, "2024-12-31", 9.7, numerator=97.0, denominator=1_000.0),
            report(30, "2026-06-30", 12.0, evidence="-1+1"), report(18, "2025-01-01", 80.0),
        ],
    )  # fmt: skip
    return pack(city.inventory, Indicators(city.inventory, PLAN), "2026-11-30", KNOWN)


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", folder / "verify.py", *arguments],
        capture_output=True, check=False, env={"PYTHONIOENCODING": "utf-8"}, timeout=60, encoding="utf-8",
    )  # fmt: skip
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


@pytest.fixture
def unpacked(evidence: bytes, tmp_path: Path) -> Path:
    folder = tmp_path / "unpacked"
    with ZipFile(BytesIO(evidence)) as archive:
        archive.extractall(folder)
    return folder


def test_a_pack_holds_where_nothing_of_ours_is(unpacked: Path, evidence: bytes, tmp_path: Path) -> None:
    status, said = run(unpacked)
    assert (status, "holds" in said) == (0, True), said
    file = tmp_path / "pack.zip"
    file.write_bytes(evidence)
    assert run(unpacked, str(file))[0] == 0
    assert sha256((unpacked / MANIFEST).read_bytes()).hexdigest() in said


def test_the_same_question_gives_the_same_bytes(city: City, evidence: bytes) -> None:
    assert pack(city.inventory, Indicators(city.inventory, PLAN), "2026-11-30", KNOWN) == evidence


def test_no_cell_is_a_formula(unpacked: Path) -> None:
    text = (unpacked / "records" / "06.csv").read_text(encoding="utf-8-sig")
    assert "'=cmd" in text
    assert not [line for line in text.splitlines() if line.startswith("=")]
    assert "'-1+1" in (unpacked / "reports.csv").read_text(encoding="utf-8-sig")


def test_its_numbers_are_those_of_the_day_and_of_the_targets_day(unpacked: Path) -> None:
    said = json.loads((unpacked / "values.json").read_text(encoding="utf-8"))
    now = {one["number"]: one for one in said["indicators"]}
    then = {one["number"]: one for one in said["on_target_day"]}
    assert len(now) == len(then) == 32
    cloud = ("numerator", "denominator", "met", "standing")
    # S2's exclusion has expired by then; S4 began meanwhile; of the hostile one nobody knows where it runs.
    assert [now[6][key] for key in cloud] == [2, 5, "no", "missed"]
    assert [then[6][key] for key in cloud] == [1, 3, "no", "ahead"]
    assert (now[1]["standing"], now[30]["standing"], now[18]["standing"]) == ("met", "missed", "met")
    assert now[5]["standing"] == "without-data"


def resealed(folder: Path) -> None:
    """Make the manifest anew, as somebody would who knows how."""
    contents = {name: content for name, content in read(folder).items() if name != MANIFEST}
    lines = (f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(contents.items()))
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8")


def changed(folder: Path, name: str, change: Callable[[str], str]) -> None:
    file = folder / name
    before = file.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    file.write_text(after, encoding="utf-8")


def with_value(number: int, **more: Any) -> Callable[[str], str]:
    def change(text: str) -> str:
        said = json.loads(text)
        said["indicators"][number - 1].update(more)
        return json.dumps(said)

    return change


FORGERIES: list[tuple[str, Callable[[str], str]]] = [
    ("values.json", with_value(6, value=41.0)),
    ("values.json", with_value(6, met="yes")),
    ("values.json", with_value(6, standing="met")),
    ("values.json", with_value(6, target={"value": 30.0, "comparator": ">=", "day": "2025-12-31"})),
    ("values.json", with_value(1, value=70_000.0)),
    ("values.json", with_value(2, at_most=0.3)),
    ("values.json", with_value(5, source="reported", value=99.0)),
    ("values.json", with_value(6, source="none", value=None, numerator=None, denominator=None, records="")),
    ("values.json", with_value(6, formula="", source="none", value=None, records="")),
    ("values.json", with_value(1, source="none", value=None)),
    ("values.json", with_value(1, entered_as=30)),
    ("records/06.csv", lambda text: text.replace("own_room", "city_cloud", 1)),
    ("records/06.csv", lambda text: "\n".join(line for line in text.splitlines() if "S6" not in line)),
    ("records/02.csv", lambda text: text.replace("0.2", "499.9")),
    ("exclusions.csv", lambda text: text.replace("2025-12-31", "2030-12-31")),
    ("exclusions.csv", lambda text: text.replace("合成批准人", "", 4)),
    ("reports.csv", lambda text: text.replace("50001.0", "49999.0")),
    ("plan.json", lambda text: text.replace('"value":90', '"value":20')),
]


@pytest.mark.parametrize(("name", "change"), FORGERIES)
def test_what_was_changed_is_found_by_its_digest_and_by_counting_again(
    unpacked: Path, name: str, change: Callable[[str], str]
) -> None:
    changed(unpacked, name, change)
    status, said = run(unpacked)
    assert status == 1
    assert f"{name} has another digest" in said
    resealed(unpacked)
    status, said = run(unpacked)
    assert status == 1, "a new manifest does not make a wrong number right"
    assert "has another digest" not in said


def test_missing_and_added_files_are_told(unpacked: Path) -> None:
    (unpacked / "formulas.json").unlink()
    (unpacked / "more.txt").write_text("x")
    status, said = run(unpacked)
    assert status == 1
    assert "formulas.json is missing" in said
    assert "more.txt is not in the manifest" in said


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all"])
def test_what_is_no_pack_is_told(unpacked: Path, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd.zip"
    file.write_bytes(content)
    assert run(unpacked, str(file))[0] == 3
    assert run(unpacked, str(tmp_path / "nothing.zip"))[0] == 3


def test_an_empty_archive_holds_nothing(unpacked: Path, tmp_path: Path) -> None:
    file = tmp_path / "empty.zip"
    with ZipFile(file, "w"):
        pass
    assert run(unpacked, str(file))[0] == 1
