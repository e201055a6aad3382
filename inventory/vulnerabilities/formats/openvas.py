"""Reports of OpenVAS, as Greenbone's manager (gvmd) writes them in XML.

Specification: Greenbone Management Protocol, GET_REPORTS and the element `result` (gvmd, schema_formats/XML/
GMP.xml.in): host with address and hostname, port such as 443/tcp or general/tcp, nvt with oid, refs and severities,
threat, severity. Such a report does not name the tests that ran, so that it alone proves no re-check: whoever knows
the scan's configuration says so (`rechecking.stated`).
"""

import re
from collections.abc import Iterator
from typing import IO, Final

from inventory.vulnerabilities.errors import VulnerabilityEntryUnusable
from inventory.vulnerabilities.formats.records import Element, xml_records
from inventory.vulnerabilities.formats.values import (
    EVIDENCE,
    address_of,
    cves_of,
    moment_of,
    port_of,
    score_of,
    severity_named,
    text_of,
)  # fmt: skip
from inventory.vulnerabilities.model import Coverage, Item, ScanFinding, Score
from sensors.errors import Place, Problem

SCANNER: Final = "openvas"
_PORT: Final = re.compile(r"(?:.*\()?(?P<port>[0-9]{1,5}|general)/(?P<protocol>[a-z]{2,10})\)?", re.IGNORECASE)
"""443/tcp, general/tcp, and of older managers `https (443/tcp)`."""


def recognises(head: bytes) -> bool:
    """Whether a file begins as such a report does."""
    return b"<get_reports_response" in head or re.search(rb"<report[\s>]", head) is not None


def read_openvas(octets: IO[bytes], place: str) -> Iterator[Item]:
    """Findings one by one, and at the end of each host that it was scanned to its end."""
    for record in xml_records(octets, place, "result", "host"):
        if isinstance(record, Problem):
            yield record
        elif record.tag == "result":
            yield _finding(record, place)
        elif (address := address_of(record.said("ip"))) and (ended := moment_of(record.said("end"))) is not None:
            yield Coverage(SCANNER, address, (("", 0, 0),), None, ended)


def _finding(result: Element, place: str) -> Item:
    host = result.first("host")
    address = address_of(host.text) if host else ""
    name = text_of(host.said("hostname"), 255).lower() if host else ""
    nvt = result.first("nvt")
    plugin = text_of(nvt.attributes.get("oid"), 80) if nvt else ""
    if not (address or name) or not plugin or nvt is None:
        reason = "finding-no-plugin" if address or name else "finding-no-host"
        value = text_of(result.attributes.get("id"), 80)
        return VulnerabilityEntryUnusable(place=Place(place, result.line), value=value, reason=reason)
    found = _PORT.fullmatch(result.said("port"))
    tags = dict(part.partition("=")[::2] for part in nvt.said("tags").split("|")[:100])
    score = _score(result, nvt, tags)
    refs = nvt.first("refs")
    listed = [one.attributes for one in (refs.every("ref") if refs else ())]
    return ScanFinding(
        scanner=SCANNER,
        target=address or name,
        plugin=plugin,
        title=text_of(nvt.said("name") or result.said("name")),
        address=address,
        name=name,
        port=port_of(found["port"]) if found else 0,
        protocol=found["protocol"].lower() if found else "",
        cves=cves_of(*(one.get("id") for one in listed if one.get("type") == "cve"), nvt.said("cve")),
        severity=severity_named("" if score else result.said("threat"), score),
        score=score,
        evidence=text_of(result.said("description"), EVIDENCE),
        seen=moment_of(result.said("creation_time")) or moment_of(result.said("modification_time")),
    )


def _score(result: Element, nvt: Element, tags: dict[str, str]) -> Score | None:
    """The result's own severity, which a person may have overridden, with the vector of its test."""
    severities = nvt.first("severities")
    vectors = [one.said("value") for one in severities.every("severity")] if severities else []
    vector = max([*vectors, tags.get("cvss_base_vector", "")])
    return score_of(result.said("severity") or nvt.said("cvss_base"), vector)
