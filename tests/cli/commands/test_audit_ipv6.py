"""The command against real servers in a network of its own: what it prints, and how it exits."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Ran, Run
from tests.inventory.ipv6.synthetic import CONTROL_NAME, RESOLVERS, WWW, City, synthetic_city

URL = f"https://{WWW}/"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    with synthetic_city(tmp_path) as made:
        yield made


def audit(hanwatch: Run, city: City, *more: str) -> Ran:
    words = ["--control", CONTROL_NAME, "--ca", str(city.authority.file), "--rate", "1000", "--spacing", "0"]
    words += ["--pause", "0", "--vantage", "test"]
    return hanwatch("audit", "ipv6", *(word for one in RESOLVERS for word in ("--resolver", one)), *words, *more)


def test_a_site_that_is_whole_is_supported_and_clean(hanwatch: Run, city: City) -> None:
    ran = audit(hanwatch, city, "--site", URL, "--format", "json")
    assert ran.status == 0, ran.err
    (told,) = ran.lines
    assert told["supported"] == "yes"
    assert [one["depth"] for one in told["rounds"]] == ["reach", "reach", "full"]
    assert (told["scores"][0]["profile"], told["scores"][0]["value"]) == ("cac-like", 100.0)
    assert told["findings"] == told["repairs"] == []
    assert told["vantage"] == "test"
    (first, *_) = told["checks"][0]["evidence"]
    assert first["source"] == RESOLVERS[0]
    assert "AAAA" in first["answer"]


def test_findings_say_what_is_missing_and_who_mends_it(hanwatch: Run, city: City) -> None:
    city.zone.drop(WWW, "AAAA")
    ran = audit(hanwatch, city, "--site", URL)
    assert ran.status == 1
    assert f"Add an AAAA record: {WWW}" in ran.out
    assert "DNS host" in ran.out
    assert "1 sites: 0 supported, 1 not, 0 not known." in ran.err


def test_a_probe_without_ipv6_knows_nothing_and_says_so(hanwatch: Run, city: City) -> None:
    city.zone.put(CONTROL_NAME, "AAAA", "240e:3a1:dead::1")
    ran = audit(hanwatch, city, "--site", URL, "--format", "json")
    assert ran.status == 3
    (told,) = ran.lines
    assert (told["supported"], told["checks"], told["findings"], told["scores"]) == ("unknown", [], [], [])
    assert "this host has no IPv6 route" in ran.err


def test_a_table_of_sites_and_a_table_of_repairs(hanwatch: Run, city: City, tmp_path: Path) -> None:
    city.zone.put("bare.example.gov.cn", "A", "202.103.24.80")
    file = tmp_path / "sites.csv"
    lines = ("名称,url,unit", f"=1+1,{URL},甲局", "裸站,bare.example.gov.cn,乙局", "坏,ftp://x/,丙局", "")
    file.write_text("\n".join(lines), encoding="utf-8")
    ran = audit(hanwatch, city, "--sites", str(file), "--format", "csv", "--rounds", "1")
    assert ran.status == 3, "a line could not be used"
    assert f"{file}:4: ftp://x/: this is no address of http or https." in ran.err
    rows = list(csv.DictReader(ran.out.splitlines()))
    told = [(row["site"], row["unit"], row["mender"]) for row in rows]
    assert told == [("'=1+1", "甲局", ""), ("裸站", "乙局", "dns")]
    assert rows[1]["repair"] == "Add an AAAA record: bare.example.gov.cn"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "No site was named"),
        (["--site", "mailto:x"], "this is no address"),
        (["--site", URL, "--resolver", "nobody"], "nobody is no resolver"),
        (["--site", URL, "--profile", "mine"], "Known are: cac-like, internet.nl, usgv6"),
        (["--site", URL, "--ca", "nowhere.pem"], "the authorities cannot be read"),
        (["--site", URL, "--format", "xml"], "--format"),
    ],
)
def test_wrong_use_is_told_before_anything_is_sent(hanwatch: Run, words: list[str], said: str) -> None:
    ran = hanwatch("audit", "ipv6", *words)
    assert ran.status == 2
    assert said in ran.err
