"""Advisories of CNNVD 国家信息安全漏洞库, in XML: the older entries (`entry`) and those of today (`cnnvd_items`).

CNNVD publishes no specification that could be read here. The elements are those that public programs which read or
convert its files name alike: entry with name, vuln-id, published, modified, severity, vuln-type, vuln-descript,
other-id/cve-id, vuln-solution; cnnvd_items with cnnvd_id, cve_id, severity/overallseverity. So the format is marked as
not verified against a file of CNNVD's own. Its severities are those of GB/T 30279-2020: 超危, 高危, 中危, 低危.
"""

import re
from collections.abc import Iterator
from typing import IO, Final

from inventory.vulnerabilities.errors import VulnerabilityEntryUnusable
from inventory.vulnerabilities.formats.records import Element, xml_records
from inventory.vulnerabilities.formats.values import cves_of, moment_of, several, severity_named, text_of
from inventory.vulnerabilities.model import Advisory, Item
from sensors.errors import Place, Problem

SOURCE: Final = "cnnvd"
_ID: Final = re.compile(r"CNNVD-[0-9]{6}-[0-9]{3,8}")


def recognises(head: bytes) -> bool:
    """Whether a file begins as one of CNNVD does."""
    return re.search(rb"<cnnvd[\s>]", head) is not None


def read_cnnvd(octets: IO[bytes], place: str) -> Iterator[Item]:
    """Advisories one by one."""
    for record in xml_records(octets, place, "entry", "cnnvd_items"):
        yield record if isinstance(record, Problem) else _advisory(record, place)


def _advisory(entry: Element, place: str) -> Item:
    name = _either(entry, "vuln-id", "cnnvd_id").upper()
    if not _ID.fullmatch(name):
        where = Place(place, entry.line)
        return VulnerabilityEntryUnusable(place=where, value=text_of(name, 40), reason="advisory-no-id")
    severity = entry.said("severity", "overallseverity") or entry.said("severity", "technicalseverity")
    refs = entry.first("refs")
    return Advisory(
        id=name,
        source=SOURCE,
        cves=cves_of(entry.said("other-id", "cve-id"), entry.said("cve-id"), entry.said("cve_id")),
        cnnvd=name,
        published=moment_of(entry.said("published")),
        modified=moment_of(_either(entry, "modified", "modified_date")),
        severity=severity_named(severity or entry.said("severity")),
        references=several((one.said("ref-url") for one in (refs.every("ref") if refs else ())), 100, 2_000),
        title_zh=text_of(entry.said("name")) or text_of(_either(entry, "vuln-descript", "vuln_descript")),
    )


def _either(entry: Element, *tags: str) -> str:
    return next((text for tag in tags if (text := entry.said(tag))), "")
