import pytest

from inventory.vulnerabilities.formats.values import (
    address_of,
    cves_of,
    moment_of,
    number_of,
    port_of,
    score_of,
    severity_named,
    text_of,
)
from inventory.vulnerabilities.model import Score
from sensors.event.times import from_iso


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-30T10:00:00Z", "2026/11/30 10:00:00", "Mon Nov 30 10:00:00 2026", "1796032800",
        "2026-11-30T18:00:00+08:00",
    ],
)  # fmt: skip
def test_times_are_read_in_all_notations(text: str) -> None:
    assert moment_of(text) == from_iso("2026-11-30T10:00:00Z")


@pytest.mark.parametrize("text", ["", "yesterday", "9999-12-31", "Mon Nov 31 10:00:00 2026", None, [], "1" * 400])
def test_what_is_no_time_is_none(text: object) -> None:
    assert moment_of(text) is None


def test_scores_know_their_version_by_their_vector() -> None:
    assert score_of("9.8", "CVSS:3.0/AV:N") == Score("3.0", 9.8, "CVSS:3.0/AV:N")
    assert score_of(5, "CVSS2#AV:N") == Score("2.0", 5.0, "AV:N")
    assert score_of("11") is None
    assert score_of("nan") is None


def test_severities_have_names_in_both_languages() -> None:
    assert [severity_named(name) for name in ("超危", "高危", "Moderate", "Log", "?")] == [
        "critical", "high", "medium", "none", "unknown",
    ]  # fmt: skip
    assert severity_named("unknown", Score("3.1", 8.0)) == "high"


def test_texts_are_bounded_and_printable() -> None:
    assert text_of("a\x00b\u202e" + "c" * 900, 5) == "a�b�c"
    assert text_of({}) == ""
    assert cves_of("CVE-2021-1, cve-2021-44228 CVE-2021-44228", 7) == ("CVE-2021-44228",)
    assert [address_of(one) for one in ("[2001:DB8::1%eth0]", "1.2.3", "192.0.2.1")] == [
        "2001:db8::1", "", "192.0.2.1",
    ]  # fmt: skip
    assert port_of("443") == 443
    assert port_of("-1") == port_of("x") == 0
    assert number_of(True) is None  # noqa: FBT003 - a value of JSON
