from dataclasses import replace

import pytest

from inventory.vulnerabilities.identifying import Installation
from inventory.vulnerabilities.matching import Match, Matcher
from inventory.vulnerabilities.model import Advisory, Configuration, Node
from inventory.vulnerabilities.products import products
from tests.inventory.vulnerabilities.making import advisories, advisory, criterion, items

HTTPD = "cpe:2.3:a:apache:http_server:*:*:*:*:*:*:*:*"


def found(told: list[Advisory], *installed: Installation) -> list[Match]:
    return [match for one in Matcher(told, products()).matches(installed) for match in one.matches]


def summary(matches: list[Match]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.advisory, one.certainty, one.reasons) for one in matches]


@pytest.mark.parametrize(
    ("installed", "expected"),
    [
        (Installation("a", "x", cpe="cpe:2.3:a:apache:http_server:2.4.57:*:*:*:*:*:*:*"), ("exact", ())),
        (Installation("a", "x", cpe="cpe:/a:apache:http_server:2.4.57"), ("exact", ())),
        (Installation("a", "x", "2.4.57", cpe="cpe:/a:apache:http_server"), ("exact", ())),
        (Installation("a", "Apache HTTP Server", "2.4.57"), ("version", ())),
        (Installation("a", "Apache HTTP Server 2.4.57 (Unix)"), ("version", ())),
        (Installation("a", "httpd", "2.4.37-62.el8"), ("check", ("backported",))),
        (Installation("a", "Apache"), ("check", ("version-unknown",))),
        (Installation("a", "HTTP Server", "2.4.57", "Apache"), ("version", ())),
        (Installation("a", "http server", "2.4.57"), ("check", ("vendor-unknown",))),
        (Installation("a", "httpd", "2.4.57", cpe="nonsense"), ("version", ())),
    ],
)  # fmt: skip
def test_certainty_says_how_it_was_found(installed: Installation, expected: tuple[str, tuple[str, ...]]) -> None:
    told = advisories(items("good.nvd.json"))
    (match,) = found(told, installed)
    assert (match.certainty, match.reasons) == expected
    assert (match.advisory, match.criterion, match.range) == ("CVE-2026-9991", HTTPD, ">=2.4.0 <2.4.58")


@pytest.mark.parametrize(
    "installed",
    [
        Installation("a", "httpd", "2.4.58"), Installation("a", "nginx", "2.4.57"),
        Installation("a", "x", cpe="cpe:2.3:o:apache:http_server:2.4.57:*:*:*:*:*:*:*"),
        Installation("a", "", "2.4.57"), Installation("a", "没有这样的软件", "2.4.57"),
    ],
)  # fmt: skip
def test_near_misses_are_left_alone(installed: Installation) -> None:
    assert found(advisories(items("good.nvd.json")), installed) == []


def test_conditions_are_looked_for_on_the_same_asset() -> None:
    told = advisories(items("good.nvd.json"))
    tomcat = Installation("a", "Tomcat", "9.0.30")
    assert summary(found(told, tomcat)) == [("CVE-2026-9992", "check", ("condition-unknown",))]
    windows = Installation("a", "Windows Server 2019", "10.0.17763")
    assert summary(found(told, windows, tomcat)) == [("CVE-2026-9992", "version", ())]
    linux = Installation("a", "Linux", "5.10")
    assert found(told, tomcat, linux) == [], "a machine has one system"
    elsewhere = replace(windows, asset="b")
    assert [one.certainty for one in found(told, tomcat, elsewhere)] == ["check"]


def test_firmware_stands_for_its_hardware() -> None:
    firmware = Node("OR", (criterion("cpe:2.3:o:huawei:s5700_firmware:v200r019c10:*:*:*:*:*:*:*"),))
    hardware = Node("OR", (criterion("cpe:2.3:h:huawei:s5700:-:*:*:*:*:*:*:*", vulnerable=False),))
    one = Advisory("CVE-2026-9981", "nvd", configurations=(Configuration((firmware, hardware), "AND"),))
    assert summary(found([one], Installation("a", "华为S5700", "V200R019C10"))) == [("CVE-2026-9981", "version", ())]
    assert found([one], Installation("a", "华为S5700", "V200R021C00")) == []


def test_a_product_is_found_under_all_of_its_vendors() -> None:
    told = advisory("CVE-2026-9987", criterion("cpe:2.3:a:f5:nginx:*:*:*:*:*:*:*:*", end_excluding="1.20"))
    (match,) = found([told], Installation("a", "x", cpe="cpe:/a:igor_sysoev:nginx:1.18.0"))
    assert match.certainty == "exact"


def test_negated_conditions_exclude() -> None:
    flaw = Node("OR", (criterion("cpe:2.3:a:apache:tomcat:*:*:*:*:*:*:*:*"),))
    but = Node("OR", (criterion("cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*", vulnerable=False),), negate=True)
    one = Advisory("CVE-2026-9982", "nvd", configurations=(Configuration((flaw, but), "AND"),))
    tomcat = Installation("a", "Tomcat", "9")
    assert found([one], tomcat, Installation("a", "Linux", "5.10")) == []
    assert summary(found([one], tomcat, Installation("a", "Windows Server 2019"))) == [("CVE-2026-9982", "version", ())]


def test_the_surest_of_several_criteria_counts_and_an_advisory_matches_once() -> None:
    told = advisory(
        "CVE-2026-9983", criterion(HTTPD, end_excluding="x"), criterion(HTTPD, end_excluding="3"), criterion(HTTPD)
    )
    (match,) = found([told], Installation("a", "httpd", "2.4.57"))
    assert (match.certainty, match.range) == ("version", "<3")


def test_withdrawn_advisories_match_nothing_and_wildcards_are_looked_at() -> None:
    told = advisory("CVE-2026-9984", criterion(HTTPD))
    assert found([replace(told, withdrawn=True)], Installation("a", "httpd", "2")) == []
    wild = advisory("CVE-2026-9985", criterion("cpe:2.3:a:apache:http_*:*:*:*:*:*:*:*:*"))
    assert len(found([wild], Installation("a", "httpd", "2"))) == 1
    assert found([wild], Installation("a", "nginx", "2")) == []


def test_a_guess_by_vendor_and_name_is_to_be_checked() -> None:
    told = advisory("CVE-2026-9986", criterion("cpe:2.3:a:city_soft:portal_9:*:*:*:*:*:*:*:*", end_excluding="2"))
    (match,) = found([told], Installation("a", "Portal 9", "1.5", "City Soft"))
    assert (match.certainty, match.reasons) == ("check", ("product-guessed",))


def test_the_index_finds_what_comparing_all_pairs_finds() -> None:
    told = [
        advisory(f"CVE-2026-{n}", criterion(f"cpe:2.3:a:v{n % 7}:p{n % 5}:*:*:*:*:*:*:*:*", end_excluding=f"{n}"))
        for n in range(60)
    ]
    held = [
        Installation(f"a{n % 9}", "x", cpe=f"cpe:2.3:a:v{n % 7}:p{n % 6}:{n}.1:*:*:*:*:*:*:*") for n in range(120)
    ]  # fmt: skip
    matcher = Matcher(told, products())
    together = {(one.installation, match.advisory) for one in matcher.matches(held) for match in one.matches}
    assert together == {(h, match.advisory) for h in held for t in told for match in found([t], h)}
    assert together
