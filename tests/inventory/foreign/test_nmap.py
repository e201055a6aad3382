from pathlib import Path

import pytest

from inventory.foreign.errors import ForeignUnreadable
from inventory.foreign.model import NOTHING_ASSUMED, Assumed, Proposal
from inventory.foreign.nmap import read_nmap

HOST = (
    '<host><status state="up"/><address addr="192.0.2.1" addrtype="ipv4"/><ports>'
    '<port protocol="tcp" portid="80"><state state="open"/><service name="http" product="x" version="1"/></port>'
    "</ports></host>"
)


def read(path: Path, document: str, assumed: Assumed = NOTHING_ASSUMED) -> list[Proposal]:
    path.write_text(document)
    return [one for one in read_nmap(path, assumed) if isinstance(one, Proposal)]


def test_addresses_of_one_space_are_none_of_another(tmp_path: Path) -> None:
    (asset, *_) = read(tmp_path / "x", f"<nmaprun>{HOST}</nmaprun>", Assumed({"space": "tenant-a", "system": "S1"}))
    assert asset.cells == {
        "code": "nmap:tenant-a/192.0.2.1", "addresses": "192.0.2.1", "space": "tenant-a", "system": "S1",
    }  # fmt: skip


def test_software_is_named_once_and_installed_on_each(tmp_path: Path) -> None:
    found = read(tmp_path / "x", f"<nmaprun>{HOST}{HOST.replace('192.0.2.1', '192.0.2.2')}</nmaprun>")
    assert [one.register for one in found] == ["assets", "software", "installations", "assets", "installations"]
    assert found[1].cells["code"] == "x 1"


def test_what_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    (tmp_path / "x").write_text(f"<nmaprun>{HOST}<host>")
    reading = read_nmap(tmp_path / "x", NOTHING_ASSUMED)
    assert isinstance(next(reading), Proposal)
    with pytest.raises(ForeignUnreadable, match="foreign-xml") as broken:
        list(reading)
    assert broken.value.place is not None
    assert broken.value.place.line == 1


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ('<!DOCTYPE nmaprun [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><nmaprun>&b;</nmaprun>', "foreign-xml"),
        ('<!DOCTYPE nmaprun [<!ENTITY a SYSTEM "file:///etc/passwd">]><nmaprun>&a;</nmaprun>', "foreign-xml"),
        ("<scan/>", "foreign-no-nmap"),
        ("", "foreign-xml"),
    ],
    ids=["entities", "external", "other", "empty"],
)
def test_hostile_documents_are_refused(tmp_path: Path, document: str, reason: str) -> None:
    with pytest.raises(ForeignUnreadable) as refused:
        read(tmp_path / "x", document)
    assert refused.value.parameters["reason"] == reason


def test_a_host_that_never_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.foreign.nmap._MOST_ELEMENTS", 1_000)
    with pytest.raises(ForeignUnreadable, match="foreign-too-large"):
        read(tmp_path / "x", "<nmaprun><host>" + "<port/>" * 1_001)
    assert len(read(tmp_path / "x", f"<nmaprun>{HOST * 500}</nmaprun>")) == 502


def test_numbers_that_are_none_count_as_nothing(tmp_path: Path) -> None:
    odd = '<os><osmatch name="y" accuracy="99999999999"/><osmatch name="z" accuracy="ninety"/></os>'
    (asset, *_) = read(tmp_path / "x", f"<nmaprun>{HOST.replace('</host>', odd + '</host>')}</nmaprun>")
    assert "os" not in asset.cells
