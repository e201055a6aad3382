import struct
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest

from inventory.sheets.container import open_parts, telling
from inventory.sheets.errors import SheetUnreadable
from inventory.sheets.model import LIMITS, Limits
from tests.inventory.sheets.making import TYPES, raw


def parse_all(path: Path, limits: Limits) -> None:
    with open_parts(path, limits) as parts, telling(parts.place):
        for name in parts.names():
            parts.parse(name, lambda *_: None)


def refused(path: Path, limits: Limits = LIMITS) -> str:
    with pytest.raises(SheetUnreadable) as raised:
        parse_all(path, limits)
    return str(raised.value.parameters["reason"])


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("xl/vbaProject.bin", "sheet-macros"), ("xl/workbook.bin", "sheet-binary"), ("mimetype", "sheet-open-document"),
    ],
)  # fmt: skip
def test_other_kinds_of_workbooks_are_refused_by_name(tmp_path: Path, part: str, reason: str) -> None:
    assert refused(raw(tmp_path / "x.xlsx", "", more={part: "x"})) == reason


def test_a_zip_file_of_something_else_is_no_table(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.zip", "w") as opened:
        opened.writestr("readme.txt", "x")
    assert refused(tmp_path / "x.zip") == "sheet-no-table"


def test_what_is_encrypted_damaged_or_packed_in_another_way_is_refused(tmp_path: Path) -> None:
    path = raw(tmp_path / "x.xlsx", "<sheetData/>")
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2])
    assert refused(path) == "sheet-zip-broken"
    at = good.index(b"PK\x01\x02")
    path.write_bytes(good[: at + 8] + b"\x01" + good[at + 9 :])
    assert refused(path) == "sheet-password"
    with ZipFile(path, "w", ZIP_BZIP2) as opened:
        opened.writestr("[Content_Types].xml", TYPES)
    assert refused(path) == "sheet-zip-broken"


def test_a_checksum_that_does_not_fit_is_damage(tmp_path: Path) -> None:
    path = raw(tmp_path / "x.xlsx", "<sheetData/>")
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 16, 1)
    path.write_bytes(data)
    assert refused(path) == "sheet-zip-broken"


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with ZipFile(path, "w", ZIP_DEFLATED) as opened:
        opened.writestr("[Content_Types].xml", TYPES)
        opened.writestr("xl/bomb.xml", b" " * (2 << 20))
    assert refused(path, Limits(parts=1)) == "sheet-parts"
    assert refused(path, Limits(harmless=1 << 20)) == "sheet-unpacked", "a small part is to be small"
    for limits, reason in ((Limits(harmless=1 << 20), "sheet-ratio"), (Limits(unpacked=1 << 20), "sheet-unpacked")):
        with open_parts(path, limits) as parts, pytest.raises(SheetUnreadable, match=reason):
            next(parts.chunks("xl/bomb.xml"))


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        "<x>" * 60 + "</x>" * 60,
        "<x " + "a" * (6 << 20) + "='1'/>",
        "<x><y></x>",
        "",
        "\0",
    ],
    ids=["entities", "external", "deep", "long tag", "wrong", "empty", "octets"],
)
def test_hostile_xml_is_refused(tmp_path: Path, document: str) -> None:
    assert refused(raw(tmp_path / "x.xlsx", "", more={"xl/bad.xml": document})) == "sheet-zip-broken"
