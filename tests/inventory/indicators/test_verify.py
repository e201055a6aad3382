"""The checker of evidence packs against what is no pack, or was one before somebody touched it."""

import json
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.days import begin_of
from inventory.indicators.computing import Indicators
from inventory.indicators.packing import pack
from inventory.indicators.verify import LARGEST, MOST, BrokenError, check, read
from tests.inventory.indicators.cities import PLAN, City, report, system


@pytest.fixture
def evidence(city: City, tmp_path: Path) -> Path:
    city.write(systems=[system(1, hosting="city_cloud"), system(2)], indicator_values=[report(1, "2025-06-30", 5.0)])
    file = tmp_path / "evidence.zip"
    file.write_bytes(pack(city.inventory, Indicators(city.inventory, PLAN), "2026-11-30", begin_of("2026-11-30")))
    return file


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), octet=st.integers(0, 255))
def test_whatever_octet_was_changed_it_holds_no_more_or_says_the_same(
    evidence: Path, place: float, octet: int
) -> None:
    content = bytearray(evidence.read_bytes())
    content[int(place * (len(content) - 1))] = octet
    changed = evidence.with_name("changed.zip")
    changed.write_bytes(content)
    try:
        wrong = list(check(changed))
    except BrokenError:
        return
    # The archive's own marks, such as times, carry no meaning.
    assert wrong or read(changed) == read(evidence)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_values_say_instead_is_told(evidence: Path, data: st.DataObject) -> None:
    contents = read(evidence)
    said = json.loads(contents["values.json"])
    one = said["indicators"][data.draw(st.sampled_from((0, 5)))]
    key = data.draw(st.sampled_from(sorted(one)))
    one[key] = data.draw(VALUES)
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, json.dumps(said) if name == "values.json" else content)
    changed = evidence.with_name("changed.zip")
    changed.write_bytes(made.getvalue())
    assert list(check(changed)), "its digest at least is another one"


def test_what_is_larger_than_any_pack_is_not_unpacked(tmp_path: Path) -> None:
    many = tmp_path / "many.zip"
    with ZipFile(many, "w") as archive:
        for number in range(MOST + 1):
            archive.writestr(str(number), b"")
    large = tmp_path / "large.zip"
    with ZipFile(large, "w", 8) as archive, archive.open("large", "w") as opened:
        for _ in range(LARGEST // 1_000_000 + 1):
            opened.write(bytes(1_000_000))
    assert large.stat().st_size < 1_000_000
    for file in (many, large):
        with pytest.raises(BrokenError):
            list(check(file))


def test_a_manifest_that_is_no_text_is_told(evidence: Path) -> None:
    contents = read(evidence) | {"MANIFEST.sha256": b"\xff\xfe"}
    with ZipFile(evidence, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    assert list(check(evidence))
