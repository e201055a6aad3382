"""Names: the registered part, and what a person would not choose."""

import pytest

from correlation.detectors.naming import entropy, generated, registered


@pytest.mark.parametrize(("name", "before", "domain"), [
    ("www.wuhan.gov.cn", "www", "wuhan.gov.cn"), ("a.b.example.com.", "a.b", "example.com"), ("gov.cn", "", "gov.cn"),
    ("example.cn", "", "example.cn"), ("WWW.Example.CN", "www", "example.cn"), ("x.ac.uk", "", "x.ac.uk"),
    ("localhost", "", "localhost"), ("a.xn--fiqs8s", "", "a.xn--fiqs8s"),
])  # fmt: skip
def test_the_registered_part_is_told_from_what_stands_before(name: str, before: str, domain: str) -> None:
    assert registered(name) == (before, domain)


@pytest.mark.parametrize("label", [
    "wuhan", "zhongguo", "changjiang", "microsoft", "wikipedia", "taobao", "qq", "12306", "shenzhen", "people-daily",
    "cloudflare", "alibabacloud", "guangzhoushizhengfu", "xn--fiqs8sxl1a",
])  # fmt: skip
def test_names_that_people_choose_are_not_generated(label: str) -> None:
    assert not generated(label)


@pytest.mark.parametrize("label", [
    "xkqvtrbnmwpz", "a1b2c3d4e5f6", "9f86d081884c7d65", "qzxwvbnmkl", "kq3v9z7x1m5p",
])  # fmt: skip
def test_names_that_machines_draw_are(label: str) -> None:
    assert generated(label)


def test_entropy_is_that_of_shannon() -> None:
    assert (entropy(""), entropy("aaaa"), entropy("abab"), entropy("abcdefgh")) == (0, 0, 1, 3)
