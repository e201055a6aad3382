import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.vulnerabilities.errors import VulnerabilityFileUnreadable, VulnerabilityFormatUnknown
from inventory.vulnerabilities.formats.registry import FORMATS, detect, read_file
from tests.inventory.vulnerabilities.making import DATA

SAMPLES = {
    "nessus": ".nessus", "openvas": ".openvas.xml", "nuclei": ".nuclei.jsonl", "nvd": ".nvd.json",
    "cnnvd": ".cnnvd.xml", "kev": ".kev.json", "kev-table": ".kev.csv",
}  # fmt: skip


@pytest.mark.parametrize("found", FORMATS, ids=lambda one: one.name)
def test_every_format_has_a_good_and_a_hostile_sample_that_it_alone_recognises(found: object) -> None:
    assert found in FORMATS
    for kind in ("good", "hostile"):
        for one in FORMATS:
            head = (DATA / f"{kind}{SAMPLES[one.name]}").read_bytes()
            assert detect(head, "x") is one
            assert b"synthetic" in head or "合成".encode() in head


def test_formats_without_a_specification_are_marked() -> None:
    assert [one.name for one in FORMATS if not one.verified] == ["cnnvd"]


def test_what_is_of_no_format_or_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"<html>")
    with pytest.raises(VulnerabilityFormatUnknown):
        list(read_file(tmp_path / "x"))
    with pytest.raises(VulnerabilityFileUnreadable):
        list(read_file(tmp_path / "missing"))
    packed = gzip.compress((DATA / "good.nvd.json").read_bytes())
    (tmp_path / "cut.gz").write_bytes(packed[:40])
    with pytest.raises(VulnerabilityFileUnreadable):
        list(read_file(tmp_path / "cut.gz"))


@pytest.mark.parametrize("found", FORMATS, ids=lambda one: one.name)
@given(st.binary(max_size=40), st.integers(0, 2_000), st.integers(0, 40))
def test_any_damage_is_told_and_never_raised(found: object, put: bytes, at: int, drop: int) -> None:
    for one in FORMATS:
        if one is found:
            data = (DATA / f"good{SAMPLES[one.name]}").read_bytes()
            list(one.read(io.BytesIO(data[:at] + put + data[at + drop :]), "x"))
