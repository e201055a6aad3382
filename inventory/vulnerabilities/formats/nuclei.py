"""Results of Nuclei, one JSON object on each line (`-jsonl`), or an array of them (`-json-export`).

Specification: projectdiscovery/nuclei, pkg/output/output.go (ResultEvent) and pkg/model (Info, Classification). With
`-matcher-status` it also writes what did not match (`matcher-status` false): that proves that a template looked there,
unless it failed (`error`). Without it, a report proves no re-check.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final
from urllib.parse import urlsplit

from inventory.vulnerabilities.errors import VulnerabilityEntryUnusable
from inventory.vulnerabilities.formats.documents import array_objects, line_objects, mapping, sequence
from inventory.vulnerabilities.formats.values import (
    EVIDENCE,
    address_of,
    cves_of,
    moment_of,
    port_of,
    score_of,
    several,
    severity_named,
    text_of,
)  # fmt: skip
from inventory.vulnerabilities.model import Coverage, Item, ScanFinding
from sensors.errors import Place, Problem

SCANNER: Final = "nuclei"
_PORTS: Final = {"https": 443, "http": 80}


def recognises(head: bytes) -> bool:
    """Whether a file begins as such results do."""
    return head.lstrip().startswith((b"{", b"[")) and b'"template-id"' in head


def read_nuclei(octets: IO[bytes], place: str) -> Iterator[Item]:
    """Findings and what was covered, line by line."""
    first = octets.read(1)
    rest = _Prefixed(first, octets)
    found = array_objects(rest, place, "results") if first == b"[" else line_objects(rest, place)  # type: ignore[arg-type]  # read and readline are all that is asked for
    for one in found:
        if isinstance(one, Problem):
            yield one
        else:
            yield from _item(*one, place)


class _Prefixed:
    """A stream whose first octet was read already."""

    def __init__(self, first: bytes, octets: IO[bytes]) -> None:
        self.first, self.octets = first, octets

    def read(self, size: int) -> bytes:
        """Octets, at most so many."""
        first, self.first = self.first, b""
        return first + self.octets.read(size - len(first))

    def readline(self, size: int) -> bytes:
        """A line, or as much of it."""
        first, self.first = self.first, b""
        return first if first == b"\n" else first + self.octets.readline(size - len(first))


def _item(line: int, said: Mapping[str, Any], place: str) -> Iterator[Item]:
    plugin = text_of(said.get("template-id"), 200)
    at = _whereabouts(said)
    if not plugin or not at["target"]:
        reason = "finding-no-host" if plugin else "finding-no-plugin"
        yield VulnerabilityEntryUnusable(place=Place(place, line), value=plugin, reason=reason)
        return
    if said.get("error"):
        return
    seen = moment_of(said.get("timestamp"))
    # What failed to match and what did: both prove that this template looked at this port.
    port, protocol, target = int(at["port"]), str(at["protocol"]), str(at["target"])
    yield Coverage(SCANNER, target, ((protocol, port, port),), frozenset({plugin}), seen)
    if said.get("matcher-status", True) is False:
        return
    info = mapping(said.get("info"))
    known = mapping(info.get("classification"))
    score = score_of(known.get("cvss-score"), known.get("cvss-metrics"))
    named = text_of(said.get("matcher-name"), 100)
    results = several(itertools.islice(sequence(said.get("extracted-results")), 50), 50, 300)
    yield ScanFinding(
        scanner=SCANNER,
        target=target,
        plugin=plugin,
        title=text_of(info.get("name")) or plugin,
        address=str(at["address"]),
        name=str(at["name"]),
        port=port,
        protocol=protocol,
        cves=cves_of(*_texts(known.get("cve-id")), plugin),
        cpes=several(_texts(known.get("cpe")), 50),
        severity=severity_named(info.get("severity"), score),
        score=score,
        evidence=text_of("\n".join(filter(None, (text_of(said.get("matched-at")), named, *results))), EVIDENCE),
        seen=seen,
    )


def _texts(value: Any) -> list[Any]:
    """Info's lists are a text where there is one, and a list where there are several."""
    return list(sequence(value)[:100]) or [value]


def _whereabouts(said: Mapping[str, Any]) -> dict[str, str | int]:
    """Host and port, of `host`, `port` and `ip`, and else of where it matched."""
    host, matched = text_of(said.get("host"), 2_000), text_of(said.get("matched-at"), 2_000)
    for text in (host, text_of(said.get("url"), 2_000), matched):
        try:
            parts = urlsplit(text if "//" in text else f"//{text}")
            name, port, scheme = (parts.hostname or "").lower(), parts.port, parts.scheme
        except ValueError:
            continue
        if not name:
            continue
        scheme = scheme or text_of(said.get("scheme"), 10)
        number = port_of(said.get("port")) or port or _PORTS.get(scheme, 0)
        address = address_of(said.get("ip")) or address_of(name)
        protocol = "udp" if scheme == "udp" else "tcp" if number else ""
        literal = address_of(name)
        return {
            "target": literal or name[:255], "name": "" if literal else name[:255], "address": address, "port": number,
            "protocol": protocol,
        }  # fmt: skip
    return {"target": "", "name": "", "address": "", "port": 0, "protocol": ""}
