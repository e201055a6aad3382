"""Weaknesses of an asset, of what scanners saw and advisories match: one for each vulnerability, the surest."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from inventory.vulnerabilities.exposure import Weakness
from inventory.vulnerabilities.matching import Match
from inventory.vulnerabilities.model import SEVERITIES, Advisory
from inventory.vulnerabilities.rechecking import Tracked

_SURE: Final = ("check", "version", "exact", "seen")
"""The surest last: what was seen is surer than what a version says."""


def of_match(match: Match, advisory: Advisory, known: int) -> Weakness:
    """The weakness that a match says; `known` is since when (ns) this software was known here to be concerned."""
    score = advisory.score
    return Weakness(
        advisory.id, advisory.severity, known, score.score if score else None, advisory.exploited, advisory.ransomware,
        match.certainty,
    )  # fmt: skip


def of_finding(tracked: Tracked, advisories: Mapping[str, Advisory]) -> tuple[Weakness, ...]:
    """The weaknesses of a finding that is open: one for each CVE, with what advisories know of it; else its plugin's.

    A finding without severity, such as that a port is open, is none.
    """
    latest = tracked.latest
    if tracked.status != "open" or (latest.severity == "none" and not latest.cves):
        return ()
    score = latest.score.score if latest.score else None
    if not latest.cves:
        return (Weakness(f"{latest.scanner}:{latest.plugin}", latest.severity, tracked.first_seen, score),)
    found: list[Weakness] = []
    for name in latest.cves:
        told = advisories.get(name)
        own = told.score if told else None
        severity = told.severity if told and told.severity != "unknown" else latest.severity
        found.append(
            Weakness(
                name,
                severity,
                tracked.first_seen,
                own.score if own else score,
                exploited=told is not None and told.exploited,
                ransomware=told is not None and told.ransomware,
            )
        )
    return tuple(found)


def surest(weaknesses: Iterable[Weakness]) -> tuple[Weakness, ...]:
    """One of each vulnerability of an asset, by id: as sure as the surest says, known since the first, at its worst."""
    best: dict[str, Weakness] = {}
    for one in weaknesses:
        known = best.get(one.id)
        best[one.id] = one if known is None else _joined(known, one)
    return tuple(best[name] for name in sorted(best))


def _joined(one: Weakness, other: Weakness) -> Weakness:
    scores = [each.score for each in (one, other) if each.score is not None]
    return replace(
        one,
        severity=max(one.severity, other.severity, key=SEVERITIES.index),
        known=min(one.known, other.known),
        score=max(scores, default=None),
        exploited=one.exploited or other.exploited,
        ransomware=one.ransomware or other.ransomware,
        certainty=max(one.certainty, other.certainty, key=_SURE.index),
    )
