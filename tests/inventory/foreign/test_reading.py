"""Every format reads its samples as it did before, and what it proposes can be imported into our registers."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from inventory.foreign.errors import ForeignFormatUnknown, ForeignUnreadable
from inventory.foreign.model import Assumed, Proposal
from inventory.foreign.reading import format_of, read_foreign
from inventory.foreign.registry import FORMATS
from inventory.importing.cells import Cells
from inventory.registers import registers

DATA = Path(__file__).parents[2] / "data" / "inventory" / "foreign"
SAMPLES = {
    "nmap.xml": "nmap", "openstack_client.json": "openstack", "openstack_servers.json": "openstack",
    "huawei_cloud.json": "huawei-cloud", "konveyor/applications.csv": "konveyor-applications",
    "konveyor/answered.json": "konveyor-questionnaire",
    **{f"netbox/{name}.csv": "netbox" for name in (
        "devices", "devices_page", "virtual_machines", "prefixes", "ip_addresses", "vlans", "vrfs", "circuits", "sites",
        "tenants",
    )},
}  # fmt: skip
ASSUMED = Assumed({"space": "global"})


def test_every_sample_is_asked_for_and_every_format_has_one() -> None:
    there = {str(file.relative_to(DATA)) for file in DATA.rglob("*") if file.suffix in {".csv", ".json", ".xml"}}
    assert {name for name in there if not name.startswith("golden/")} == set(SAMPLES)
    assert set(SAMPLES.values()) == {one.name for one in FORMATS}
    assert all(one.evidence and one.read.__doc__ for one in FORMATS)


@pytest.mark.parametrize(("name", "kind"), SAMPLES.items())
def test_samples_are_read_as_before(name: str, kind: str, golden: Callable[[Path, str], None]) -> None:
    assert format_of(DATA / name).name == kind
    lines = [_told(one) for one in read_foreign(DATA / name, ASSUMED)]
    golden(DATA / "golden" / f"{name.replace('/', '_').replace('.', '_')}.jsonl", "".join(lines))


def _told(one: object) -> str:
    if isinstance(one, Proposal):
        said: tuple[object, ...] = (one.register, one.place.line, one.key, one.cells, one.evidence)
    else:
        said = (str(one).partition("inventory/foreign/")[2],)
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE).decode()


@pytest.mark.parametrize("name", SAMPLES)
def test_proposals_are_values_of_our_registers(name: str) -> None:
    seen = set()
    for one in read_foreign(DATA / name, ASSUMED):
        if isinstance(one, Proposal):
            read, problems = Cells(registers()[one.register], clears=False).read(one.said)
            made_up = one.cells.get("state") == "made-up"
            assert [problem.code for problem in problems] == (["row-choice"] if made_up else [])
            assert read.values
            # A fault is told by its row, so that two rows of one register must not share a place.
            assert (one.register, one.place.line) not in seen or one.register in {"software", "installations"}
            seen.add((one.register, one.place.line))


def test_what_no_format_recognises_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    for data in (b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"{}", b"[]", b"<html>", b"x" * 100_000):
        path.write_bytes(data)
        with pytest.raises(ForeignFormatUnknown) as unknown:
            list(read_foreign(path))
        assert "netbox" in str(unknown.value.parameters["known"])
    with pytest.raises(ForeignFormatUnknown):
        format_of(path, "none")
    with pytest.raises(ForeignUnreadable):
        format_of(tmp_path / "none")


@pytest.mark.parametrize("kind", [one.name for one in FORMATS])
def test_a_format_that_is_named_refuses_what_is_none(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    for data in (b"", b"\0\1\2", b"{", b"<a>", b"just words\n", b"[" * 5_000, b"{}"):
        path.write_bytes(data)
        try:
            found = list(read_foreign(path, name=kind))
        except ForeignUnreadable:
            continue
        assert not any(isinstance(one, Proposal) for one in found)
