"""Sites as people give them."""

from pathlib import Path

import pytest

from inventory.ipv6.errors import SitesUnreadable, SiteUnusable
from inventory.ipv6.sites import read_sites, site_of


def table(tmp_path: Path, data: bytes | str) -> Path:
    file = tmp_path / "sites.csv"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return file


def test_an_address_is_a_site() -> None:
    site = site_of("WWW.Example.gov.cn")
    assert site.url == "https://www.example.gov.cn/"
    assert site.name == site.host == "www.example.gov.cn"
    assert site.names == ("www.example.gov.cn", "example.gov.cn")
    assert site_of("http://example.gov.cn/").names == ("example.gov.cn", "www.example.gov.cn")
    assert site_of("zwgk.example.gov.cn").names == ("zwgk.example.gov.cn",)
    assert site_of("https://[240e::1]/").names == ()
    assert site_of("a.example.gov.cn", aliases=["Alias.CN"]).domains == {"example.gov.cn", "alias.cn"}


@pytest.mark.parametrize("text", ["", "ftp://x", "https://", "a b@c", "https://a/" + "x" * 5_000])
def test_what_is_no_site(text: str) -> None:
    with pytest.raises(SiteUnusable):
        site_of(text)


@pytest.mark.parametrize(
    "data",
    [
        "name,url,unit\n门户,www.example.gov.cn,甲局\n".encode(),
        "﻿url,名称,单位\r\nwww.example.gov.cn,门户,甲局\r\n".encode(),
        "网站名称,网址,主办单位\n门户,www.example.gov.cn,甲局\n".encode("gb18030"),
        "名称,域名,单位,其他\n门户,www.example.gov.cn,甲局,x,y,z\n".encode("utf-16"),
    ],
)
def test_tables_in_any_encoding(tmp_path: Path, data: bytes) -> None:
    (site,), problems = read_sites(table(tmp_path, data))
    assert (site.name, site.url, site.unit, problems) == ("门户", "https://www.example.gov.cn/", "甲局", ())


def test_bad_lines_are_told_with_their_place_and_the_rest_is_taken(tmp_path: Path) -> None:
    file = table(tmp_path, "url,aliases,absent\na.cn,b.cn;c.cn,closed\n\nftp://x,,\na.cn,,\nd.cn,..,\ne.cn,,\n")
    sites, problems = read_sites(file)
    assert [(site.url, site.aliases, site.absent) for site in sites] == [
        ("https://a.cn/", ("b.cn", "c.cn"), "closed"), ("https://e.cn/", (), ""),
    ]  # fmt: skip
    told = [(one.place.line if one.place else None, one.parameters["reason"]) for one in problems]
    assert told == [(4, "ipv6-no-url"), (5, "ipv6-site-twice"), (6, "ipv6-no-alias")]


@pytest.mark.parametrize("data", ["", "a,b\n1,2\n", "url\n" + '"' + "x" * 200_000])
def test_what_is_no_table(tmp_path: Path, data: str) -> None:
    with pytest.raises(SitesUnreadable):
        read_sites(table(tmp_path, data))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SitesUnreadable) as raised:
        read_sites(tmp_path / "none.csv")
    assert raised.value.parameters == {"reason": "No such file or directory"}
