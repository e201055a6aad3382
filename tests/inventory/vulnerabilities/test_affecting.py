from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.vulnerabilities.affecting import MAYBE, NO, YES, affects, bounds_of, edition, limits
from inventory.vulnerabilities.cpe import parse
from inventory.vulnerabilities.versions import version_of
from tests.inventory.vulnerabilities.making import criterion

ANY_VERSION = "cpe:2.3:a:x:y:*:*:*:*:*:*:*:*"


@pytest.mark.parametrize(
    ("bounds", "installed", "expected"),
    [
        ({"start_including": "2.4.0", "end_excluding": "2.4.58"}, "2.4.0", YES),
        ({"start_including": "2.4.0", "end_excluding": "2.4.58"}, "2.4.58", NO),
        ({"start_including": "2.4.0", "end_excluding": "2.4.58"}, "2.2.34", NO),
        ({"start_excluding": "1.0"}, "1.0.0", NO), ({"start_excluding": "1.0"}, "1.0.1", YES),
        ({"end_including": "1.0.2k"}, "1.0.2k", YES), ({"end_including": "1.0.2k"}, "1.0.2l", NO),
        ({"end_including": "9.3"}, "9.3p1", YES), ({"end_excluding": "9.3"}, "9.3p1", NO),
        ({"end_including": "9.3p2"}, "9.3p1", YES),
        ({"end_excluding": "3.0"}, "3.0-rc1", YES), ({"end_excluding": "x"}, "1", MAYBE),
        ({"end_excluding": "2.0"}, "", MAYBE), ({"end_excluding": "2.0"}, "1.1.1k-12.el8", MAYBE),
        ({"end_excluding": "1.1.1n"}, "1:1.1.1k-12", YES),
    ],
)  # fmt: skip
def test_ranges(bounds: dict[str, Any], installed: str, expected: int) -> None:
    assert affects(criterion(ANY_VERSION, **bounds), installed)[0] == expected


@pytest.mark.parametrize(
    ("version", "installed", "expected"),
    [
        ("8.5:p1", "8.5p1", YES), ("8.5:*", "8.5p1", YES), ("8.5:p2", "8.5p1", NO), ("1.0.2:*", "1.0.2k", NO),
        ("1.0.2k:*", "1.0.2k", YES), ("*:*", "", YES), ("*:*", "7", YES), ("-:*", "7", NO), ("-:*", "", MAYBE),
        ("7:*", "", MAYBE), ("2008:sp1", "2008 SP1", YES), ("v200r019c10:*", "V200R019C10", YES), ("7.*:*", "7.1", YES),
    ],
)  # fmt: skip
def test_single_versions(version: str, installed: str, expected: int) -> None:
    assert affects(criterion(f"cpe:2.3:a:x:y:{version}:*:*:*:*:*:*"), installed)[0] == expected


bounded = st.from_regex(r"[0-9](\.[0-9]){0,2}(p1|-rc1|a)?", fullmatch=True)


@given(bounded, bounded, bounded, st.booleans(), st.booleans())
def test_limits_leave_out_only_what_cannot_be_within(
    low: str, high: str, installed: str, below: bool, above: bool
) -> None:
    start, end = "start_including" if below else "start_excluding", "end_including" if above else "end_excluding"
    match = criterion(ANY_VERSION, **{start: low, end: high})
    version = version_of(installed)
    assert version is not None
    least, most = limits(bounds_of(match))
    if not least <= version.upstream <= most:
        assert affects(match, installed) == (NO, None)


def test_systems_without_a_version_are_to_be_checked() -> None:
    assert affects(criterion("cpe:2.3:o:x:y:-:*:*:*:*:*:*:*"), "10.0") == (MAYBE, "version-not-told")


def test_editions() -> None:
    plugin = parse("cpe:2.3:a:x:y:*:*:*:*:*:wordpress:*:*")
    assert edition(plugin, None) == (MAYBE, "edition-not-told")
    assert edition(plugin, parse("cpe:2.3:a:x:y:1:*:*:*:*:wordpress:*:*")) == (YES, None)
    assert edition(plugin, parse("cpe:2.3:a:x:y:1:*:*:*:*:drupal:*:*")) == (NO, None)
    assert edition(parse(ANY_VERSION), None) == (YES, None)
