from pathlib import Path

import pytest

from correlation.addresses import packed
from correlation.intelligence.allowing import AllowList, load_allowed


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("10.255.255.255", True), ("11.0.0.0", False), ("172.15.255.255", False), ("172.16.0.0", True),
        ("203.0.113.9", True), ("127.0.0.1", True), ("255.255.255.255", True), ("45.9.148.3", False),
        ("::1", True), ("fe80::1", True), ("2001:db8::1", True), ("2a0b::1", False), ("::ffff:10.0.0.1", True),
    ],
)  # fmt: skip
def test_what_is_special_everywhere_is_never_an_indicator(text: str, inside: bool) -> None:
    octets = packed(text)
    assert octets is not None
    assert AllowList().has_address(octets) is inside


def test_a_file_has_networks_and_domains_and_says_what_it_cannot_have(tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_text("# synthetic\n45.9.148.0/23  # ours\nGood.Example.\n\n45.9.148[.]3\nnonsense!\n", encoding="utf-8")
    allowed, problems = load_allowed([file, tmp_path / "none.txt"])
    assert [str(problem.place) for problem in problems] == [f"{file}:6", str(tmp_path / "none.txt")]
    assert [allowed.has_domain(name) for name in ("good.example", "a.b.good.example", "notgood.example")] == [
        True, True, False,
    ]  # fmt: skip
    assert allowed.has_network("45.9.149.255")
    assert not allowed.has_network("45.9.150.0")
    assert not allowed.has_network("good.example")
