"""Advisories, findings and whole scans as documents that are kept, and back."""

import zlib
from dataclasses import asdict
from typing import Any, Final

import orjson

from inventory.vulnerabilities.cpe import Cpe
from inventory.vulnerabilities.model import (
    Advisory,
    Configuration,
    Coverage,
    CpeMatch,
    Node,
    ScanFinding,
    Score,
)
from inventory.vulnerabilities.rechecking import Scan

_MATCH: Final = ("vulnerable", "start_including", "start_excluding", "end_including", "end_excluding")
_TUPLES: Final = ("cves", "cpes", "references")


def document_of(one: Advisory | ScanFinding) -> dict[str, Any]:
    """A document of an advisory or a finding, as JSON gives it back."""
    found: dict[str, Any] = orjson.loads(orjson.dumps(asdict(one)))
    return found


def advisory_of(said: dict[str, Any]) -> Advisory:
    """The advisory of a document."""
    scores = tuple(Score(**one) for one in said["scores"])
    configurations = tuple(_configuration(one) for one in said["configurations"])
    return Advisory(**_plain(said) | {"scores": scores, "configurations": configurations})


def finding_of(said: dict[str, Any]) -> ScanFinding:
    """The finding of a document."""
    score = Score(**said["score"]) if said["score"] else None
    return ScanFinding(**_plain(said) | {"score": score})


def packed(scan: Scan) -> bytes:
    """What a scan showed and covered, compressed."""
    coverage = [
        asdict(one) | {"plugins": None if one.plugins is None else sorted(one.plugins)} for one in scan.coverage
    ]
    said = {"findings": [asdict(one) for one in scan.findings], "coverage": coverage}
    return zlib.compress(orjson.dumps(said))


def unpacked(name: str, at: int, content: bytes) -> Scan:
    """The scan of what was compressed."""
    said = orjson.loads(zlib.decompress(content))
    return Scan(name, at, tuple(map(finding_of, said["findings"])), tuple(map(_coverage, said["coverage"])))


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    return said | {key: tuple(said[key]) for key in _TUPLES if key in said}


def _configuration(said: dict[str, Any]) -> Configuration:
    return Configuration(tuple(_node(one) for one in said["nodes"]), said["operator"], said["negate"])


def _node(said: dict[str, Any]) -> Node:
    matches = tuple(
        CpeMatch(Cpe(**one["criterion"]), **{key: one[key] for key in _MATCH}) for one in said["matches"]
    )
    return Node(said["operator"], matches, said["negate"])


def _coverage(said: dict[str, Any]) -> Coverage:
    ports = tuple((kind, first, last) for kind, first, last in said["ports"])
    plugins = None if said["plugins"] is None else frozenset(said["plugins"])
    return Coverage(**said | {"ports": ports, "plugins": plugins})
