"""Findings, matches and totals as documents for programs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from inventory.vulnerabilities.contents import document_of
from inventory.vulnerabilities.deadlines import Deadline
from inventory.vulnerabilities.exposure import Exposure
from inventory.vulnerabilities.kept import ScanKept
from inventory.vulnerabilities.standing import Standing, Total
from sensors.event.times import iso


def standing_document(one: Standing, now: int) -> dict[str, Any]:
    """A finding or a match in short."""
    facts = one.facts
    document: dict[str, Any] = {
        "id": one.id, "kind": "match" if one.match else "finding", "status": "open" if one.open else "closed",
        "asset": None if facts.asset.id.startswith("target:") else facts.code, "system": facts.system or None,
        "unit": facts.unit or None, "district": facts.district or None, "reach": facts.asset.reach,
        "title": one.title, "severity": one.severity, "exploited": one.exploited, "exposure": one.score,
        "deadline": _deadline(one.due, now), "owner": one.owner or None, "note": one.ownership.note or None,
    }  # fmt: skip
    if one.tracked is not None and one.bound is not None:
        latest = one.tracked.latest
        document |= {
            "scanner": latest.scanner, "target": latest.target, "port": latest.port, "protocol": latest.protocol,
            "plugin": latest.plugin, "cves": latest.cves, "first_seen": iso(one.tracked.first_seen),
            "last_seen": iso(one.tracked.last_seen), "reopened": one.tracked.reopened,
            "closed": None if one.tracked.closed is None else iso(one.tracked.closed),
            "bound_by": one.bound.by or None, "bound_then": one.bound.then, "candidates": len(one.bound.assets),
        }  # fmt: skip
    if one.match is not None and one.software is not None:
        installed = one.software.installation
        document |= {
            "advisory": one.match.advisory, "certainty": one.match.certainty, "criterion": one.match.criterion,
            "range": one.match.range, "reasons": one.match.reasons,
            "software": " ".join(filter(None, (installed.vendor, installed.name))), "version": installed.version,
        }  # fmt: skip
    return document


def whole_document(one: Standing, scans: Mapping[str, ScanKept], now: int) -> dict[str, Any]:
    """A finding or a match with everything: each exposure line by line, what sources tell, and the proof."""
    document = standing_document(one, now)
    document |= {
        "exposures": [exposure_document(each) for each in one.exposures],
        "advisories": [
            {key: value for key, value in document_of(each).items() if key != "configurations"}
            for each in one.advisories
        ],
    }
    if one.tracked is not None:
        proof = scans.get(one.tracked.closed_by)
        document |= {
            "evidence": one.tracked.latest.evidence, "address": one.tracked.latest.address or None,
            "name": one.tracked.latest.name or None, "credentialed": one.tracked.latest.credentialed,
            "proof": None if proof is None else asdict(proof) | {"at": iso(proof.at), "imported": iso(proof.imported)},
        }  # fmt: skip
    return document


def exposure_document(one: Exposure) -> dict[str, Any]:
    """An exposure, line by line."""
    return {"weakness": one.weakness, "score": one.score, "lines": [asdict(line) for line in one.lines]}


def total_document(one: Total, by: str, top: int) -> dict[str, Any]:
    """A total with its greatest lines."""
    return {
        by: one.name or None, "exposure": one.score, "assets": one.assets, "weaknesses": len(one.lines),
        "overdue": one.overdue,
        "top": [{"asset": facts.code} | exposure_document(each) for facts, each in one.lines[:top]],
    }  # fmt: skip


def _deadline(due: Deadline | None, now: int) -> dict[str, Any] | None:
    if due is None:
        return None
    return {
        "due": iso(due.due), "rule": due.rule.id, "days": due.rule.days, "verified": due.rule.verified,
        "source": due.rule.source, "overdue": due.overdue(now),
    }  # fmt: skip
