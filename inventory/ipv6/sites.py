"""Sites as a person gives them: an address, or a table with one site to a line (RFC 4180).

Columns are known by their headings, in English or Chinese; only the address is needed. A line that cannot be used is
told with its place, and the others are taken.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from inventory.ipv6.errors import SitesUnreadable, SiteUnusable
from inventory.ipv6.model import Site
from inventory.probing.urls import host_of, parsed
from sensors.errors import Place, Problem

MOST: Final = 100_000
_OCTETS: Final = 64 * 2**20
_TEXT: Final = 500
_HEADINGS: Final = {
    "name": "name", "名称": "name", "网站名称": "name", "url": "url", "网址": "url", "域名": "url",
    "unit": "unit", "单位": "unit", "主办单位": "unit", "aliases": "aliases", "别名": "aliases",
    "absent": "absent", "豁免理由": "absent",
}  # fmt: skip


def site_of(text: str, name: str = "", unit: str = "", aliases: Sequence[str] = (), absent: str = "") -> Site:
    """The site at an address; without a scheme it is https.

    Raises:
        SiteUnusable: it is no address.
    """
    said = text.strip()
    parts = parsed(said if "://" in said else f"https://{said}")
    if parts is None:
        raise SiteUnusable(value=text[:_TEXT], reason="ipv6-no-url")
    others = []
    for alias in aliases:
        host = host_of(alias.strip())
        if host is None:
            raise SiteUnusable(value=alias[:_TEXT], reason="ipv6-no-alias")
        others.append(host)
    return Site(name or parts.host, str(parts), tuple(others), unit, absent)


def read_sites(file: Path) -> tuple[tuple[Site, ...], tuple[Problem, ...]]:
    """The sites of a table, each address once, and what is wrong with the other lines.

    Raises:
        SitesUnreadable: it cannot be read, or has no column of addresses.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(_OCTETS + 1)
    except OSError as error:
        raise SitesUnreadable(place=Place(str(file)), reason=error.strerror or str(error)) from None
    if len(data) > _OCTETS:
        raise SitesUnreadable(place=Place(str(file)), reason="ipv6-table-too-large")
    rows = csv.DictReader(io.StringIO(_decoded(data), newline=""), restkey="", restval="")
    sites: dict[str, Site] = {}
    problems: list[Problem] = []
    try:
        columns = {heading: _HEADINGS.get(heading.strip().lower(), "") for heading in rows.fieldnames or ()}
        if "url" not in columns.values():
            raise SitesUnreadable(place=Place(str(file), 1), reason="ipv6-no-column")
        for row in rows:
            place = Place(str(file), rows.line_num)
            told = {columns.get(key, ""): value.strip()[:_TEXT] for key, value in row.items() if isinstance(value, str)}
            try:
                aliases = told.get("aliases", "").replace(";", " ").split()
                site = site_of(told["url"], told.get("name", ""), told.get("unit", ""), aliases, told.get("absent", ""))
            except SiteUnusable as problem:
                problem.place = place
                problems.append(problem)
                continue
            if sites.setdefault(site.url, site) is not site:
                problems.append(SiteUnusable(place=place, value=site.url, reason="ipv6-site-twice"))
            if len(sites) > MOST:
                raise SitesUnreadable(place=place, reason="ipv6-table-too-large")
    except csv.Error as error:
        raise SitesUnreadable(place=Place(str(file), rows.line_num), reason=str(error)) from None
    return tuple(sites.values()), tuple(problems)


def _decoded(data: bytes) -> str:
    """UTF-8, with or without a mark, UTF-16 with one, else GB 18030, as spreadsheets in China save."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")
