"""Reports of the audit of IPv6 as documents and rows: codes with the words for them, and evidence whole."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from api.messages import Language, knows, say
from inventory.ipv6.auditing import Report
from inventory.ipv6.listing import listed
from inventory.ipv6.model import Evidence, Outcome, Round
from inventory.ipv6.profiles import Profile
from inventory.ipv6.repairs import Repair
from inventory.ipv6.scoring import Score
from sensors.event.times import iso

COLUMNS: Final = ("site", "url", "unit", "supported", "score", "mender", "repair", "subject", "detail", "points", "ids")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula at the beginning of a cell."""


def report_document(report: Report, profile: Profile, vantage: str, language: Language) -> dict[str, Any]:
    """Everything that is known of a site."""
    site, last = report.site, report.last
    return {
        "site": {"name": site.name, "url": site.url, "unit": site.unit, "aliases": site.aliases, "absent": site.absent},
        "vantage": vantage,
        "supported": report.supported,
        "profile": {"name": profile.name, "verified": profile.verified, "source": profile.source},
        "scores": [_score(one) for one in report.scores],
        "rounds": [_round(one, language) for one in report.rounds],
        "checks": [_outcome(one, language) for one in last.outcomes],
        "findings": [
            {
                "id": one.id, "check": one.check, "reason": one.fault.reason, "subject": one.fault.subject,
                "detail": one.fault.detail, "points": round(one.points, 2),
                "text": fault_text(one.fault.reason, one.fault.subject, one.fault.detail, language),
            }
            for one in report.findings
        ],
        "repairs": [
            asdict(one) | {"points": round(one.points, 2), "text": repair_text(one, language)}
            for one in report.repairs
        ],
        "listed": [asdict(one) for one in listed(last.measurement)] if last.measurement else [],
    }  # fmt: skip


def rows_of(report: Report, language: Language) -> Iterator[list[str]]:
    """A row for each repair, one without where there is nothing to mend; nothing that a spreadsheet would compute."""
    site = report.site
    head = [site.name, site.url, site.unit, report.supported, score_text(report)]
    if not report.repairs:
        yield [_plain(cell) for cell in (*head, *[""] * (len(COLUMNS) - len(head)))]
    for one in report.repairs:
        text, ids = repair_text(one, language), " ".join(one.mends)
        told = (one.mender, text, one.subject, one.detail, f"{one.points:.2f}", ids)
        yield [_plain(cell) for cell in (*head, *told)]


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def score_text(report: Report) -> str:
    """The score by the profile that was asked for: a number, states, or empty where there is none."""
    if not report.scores:
        return ""
    first = report.scores[0]
    if first.states:
        return ", ".join(f"{name} {state}" for name, state in first.states.items())
    return "" if first.value is None else f"{first.value:.1f}"


def repair_text(repair: Repair, language: Language) -> str:
    """What has to be done, in words."""
    return fault_text(repair.reason, repair.subject, repair.detail, language)


def fault_text(reason: str, subject: str, detail: str, language: Language) -> str:
    """What is missing or wrong, in words."""
    return say(f"ipv6.fault.{reason}", language, subject=subject, detail=detail or "-")


def _score(score: Score) -> dict[str, Any]:
    return {
        "profile": score.profile,
        "value": None if score.value is None else round(score.value, 1),
        "known": round(score.known, 3),
        "uncapped": None if score.uncapped is None else round(score.uncapped, 1),
        "capped": score.capped,
        "points": {check: [round(given, 2), round(most, 2)] for check, (given, most) in score.points.items()},
        "states": score.states,
    }


def _round(one: Round, language: Language) -> dict[str, Any]:
    return {
        "number": one.number,
        "at": iso(one.at),
        "probe": {
            "well": one.probe.well,
            "reason": one.probe.reason,
            "text": say(f"reason.{one.probe.reason}", language) if one.probe.reason else "",
            "evidence": _evidence(one.probe.evidence),
        },
        "depth": one.measurement.depth if one.measurement else None,
        "deciding": {outcome.check: outcome.status for outcome in one.outcomes if outcome.check in {"A1", "A2", "B1"}},
    }


def _outcome(one: Outcome, language: Language) -> dict[str, Any]:
    code = f"ipv6.reason.{one.reason}"
    return {
        "check": one.check,
        "title": say(f"ipv6.check.{one.check}", language),
        "status": one.status,
        "rate": round(one.rate, 3),
        "reason": one.reason,
        "text": say(code, language, cause=one.cause) if knows(code) else "",
        "cause": one.cause,
        "evidence": _evidence(one.evidence),
    }


def _evidence(pieces: tuple[Evidence, ...]) -> list[dict[str, str]]:
    return [{"at": iso(one.at), "source": one.source, "answer": one.answer} for one in pieces]
