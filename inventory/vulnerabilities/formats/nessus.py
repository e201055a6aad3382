"""Reports of Nessus (`.nessus`, version 2): findings, and what the scan is proven to have looked at.

Specification: Tenable, "Nessus v2 File Format" (18 November 2016): ServerPreferences (`port_range`, `plugin_set`),
ReportHost with HostProperties (HOST_END, host-ip, host-fqdn), ReportItem. `cvss3_*`, `cvss4_*` and Credentialed_Scan
stand beside them in reports of today. A host without HOST_END was not scanned to its end, and covers nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, Final

from inventory.vulnerabilities.errors import VulnerabilityEntryUnusable
from inventory.vulnerabilities.formats.records import Element, xml_records
from inventory.vulnerabilities.formats.values import (
    EVIDENCE,
    address_of,
    cves_of,
    moment_of,
    number_of,
    port_of,
    score_of,
    several,
    text_of,
)  # fmt: skip
from inventory.vulnerabilities.model import SEVERITIES, Coverage, Item, ScanFinding, Score, Severity
from sensors.errors import Place, Problem

SCANNER: Final = "nessus"
_SEVERITIES: Final[dict[str, Severity]] = dict(zip("01234", SEVERITIES[1:], strict=True))
_SCORES: Final = (
    ("cvss4_base_score", "cvss4_vector", "4.0"),
    ("cvss3_base_score", "cvss3_vector", ""),
    ("cvss_base_score", "cvss_vector", "2.0"),
)
Ports = tuple[tuple[str, int, int], ...]


def recognises(head: bytes) -> bool:
    """Whether a file begins as such a report does."""
    return b"<NessusClientData_v2" in head


def read_nessus(octets: IO[bytes], place: str) -> Iterator[Item]:
    """Findings host by host, and after those of a host what was covered there."""
    ports: Ports = ()
    plugins: frozenset[str] | None = None
    for record in xml_records(octets, place, "ReportHost", "ServerPreferences"):
        if isinstance(record, Problem):
            yield record
        elif record.tag == "ServerPreferences":
            said = {one.said("name"): one.first("value") for one in record.every("preference")}
            ports, plugins = ports_of(_whole(said.get("port_range"))), _plugins(_whole(said.get("plugin_set"))) or None
        else:
            yield from _host(record, ports, plugins, place)


def ports_of(text: str) -> Ports:
    """The ranges that `port_range` names; none for `default`, of which the file does not say what it stands for."""
    if text.strip().lower() == "all":
        return (("tcp", 1, 65_535),)
    ranges: list[tuple[str, int, int]] = []
    kinds = {"t": ("tcp",), "u": ("udp",), "": ("tcp",)}
    at = ""
    for part in text.split(",")[:10_000]:
        found = re.fullmatch(r"\s*(?:([TU]):)?\s*([0-9]{1,5})(?:\s*-\s*([0-9]{1,5}))?\s*", part)
        if found is None:
            continue
        at = (found[1] or at).lower()
        first, last = int(found[2]), int(found[3] or found[2])
        if 0 < first <= last <= 65_535:
            ranges.extend((kind, first, last) for kind in kinds[at])
    return tuple(ranges)


def _whole(value: Element | None) -> str:
    """The text of a value; none of one that was cut off, since half a number is another number."""
    return value.text if value and not value.cut else ""


def _plugins(text: str) -> frozenset[str]:
    return frozenset(found[0] for found in re.finditer(r"[0-9]+", text))


def _host(host: Element, ports: Ports, plugins: frozenset[str] | None, place: str) -> Iterator[Item]:
    properties = host.first("HostProperties")
    said = {one.attributes.get("name", ""): one.text for one in properties.every("tag")} if properties else {}
    named = text_of(host.attributes.get("name"), 255).lower()
    address = address_of(said.get("host-ip", "")) or address_of(named)
    name = text_of(said.get("host-fqdn") or said.get("netbios-name"), 255).lower()
    target = address or named
    if not target:
        yield VulnerabilityEntryUnusable(place=Place(place, host.line), value="ReportHost", reason="finding-no-host")
        return
    ended = moment_of(said.get("HOST_END_TIMESTAMP")) or moment_of(said.get("HOST_END"))
    logged_in = said.get("Credentialed_Scan", "").strip().lower() == "true"
    seen: set[tuple[str, int, int]] = set()
    for item in host.every("ReportItem"):
        port, protocol = port_of(item.attributes.get("port")), text_of(item.attributes.get("protocol"), 10).lower()
        if port:
            seen.add((protocol, port, port))
        plugin = text_of(item.attributes.get("pluginID"), 40)
        if not plugin:
            where = Place(place, item.line)
            yield VulnerabilityEntryUnusable(place=where, value=f"{target}:{port}", reason="finding-no-plugin")
            continue
        found = _finding(item, (target, address, name or ("" if address_of(named) else named)), (port, protocol), ended)
        yield replace(found, credentialed=logged_in)
    if ended is not None:
        whole = {("", 0, 0)}
        yield Coverage(SCANNER, target, tuple(sorted({*ports, *seen, *whole})), plugins, ended, logged_in)


def _finding(item: Element, host: tuple[str, str, str], port: tuple[int, str], ended: int | None) -> ScanFinding:
    scores = (score_of(item.said(value), item.said(vector), version) for value, vector, version in _SCORES)
    score: Score | None = next((one for one in scores if one), None)
    rating = text_of(item.attributes.get("severity"), 4)
    return ScanFinding(
        scanner=SCANNER,
        target=host[0],
        plugin=text_of(item.attributes.get("pluginID"), 40),
        title=text_of(item.attributes.get("pluginName")) or item.said("synopsis")[:500],
        address=host[1],
        name=host[2],
        port=port[0],
        protocol=port[1],
        cves=cves_of(*(one.text for one in item.every("cve"))),
        cpes=several((line for one in item.every("cpe") for line in one.text.splitlines()), 50),
        severity=_SEVERITIES.get(rating, "unknown") if number_of(rating) is not None else "unknown",
        score=score,
        evidence=text_of(item.said("plugin_output"), EVIDENCE),
        seen=ended,
    )
