"""Incidents as JSON documents: the same form from the API and from `--json`; and reasons and scores as sentences."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.documents import alert_document
from api.messages import Language, say
from correlation.alerts.book import AlertBook
from correlation.incidents.book import Joined
from correlation.incidents.grading import Guide, Proposal
from correlation.incidents.log import Change, undone
from correlation.incidents.model import Incident, Reason
from correlation.incidents.severity import Weights
from correlation.incidents.sums import Sums
from correlation.incidents.suppressing import Window
from correlation.incidents.tactics import names_by_id
from sensors.event.times import SECOND, iso


def titles_of(incidents: Iterable[Incident], book: AlertBook, language: Language) -> dict[str, str]:
    """What the rules of incidents are called, by their ids; in English where they have no Chinese title."""
    rules = {rule for incident in incidents for rule in Sums(incident.sums).rules}
    found = book.titles(sorted(rules))
    return {rule: (one.title_zh if language == "zh" else "") or one.title for rule, one in found.items()}


def incident_document(
    incident: Incident, weights: Weights, titles: Mapping[str, str], language: Language
) -> dict[str, Any]:
    """An incident with what its score is made of, each line as a code with its number and as a sentence.

    `titles` says what its rules are called (`titles_of`), those of other incidents perhaps among them.
    """
    sums = Sums(incident.sums)
    judged = weights.judge(sums)
    stages = sorted(sums.tactics, key=lambda name: (sums.tactics[name], name))
    return {
        "id": incident.id,
        "version": incident.version,
        "state": incident.state,
        "assignee": incident.assignee,
        "begun": iso(incident.begun),
        "last": iso(incident.last),
        "alerts": incident.alerts,
        "suppressed": incident.suppressed,
        "severity": incident.severity,
        "score": incident.score,
        "parts": [
            {
                "code": part.code,
                "value": part.value,
                "points": part.points,
                "text": part_text(part.code, part.value, language),
            }
            for part in judged.parts
        ],
        "warning": {"colour": incident.colour, "rule": incident.warning, "verified": weights.verified}
        if incident.colour
        else None,
        "tactics": stages,
        "tactic_texts": [tactic_text(name, language) for name in stages],
        "cii": sums.cii,
        "grade": sums.grade or None,
        "rules": sums.rules,
        "titles": {rule: titles[rule] for rule in sums.rules if rule in titles},
        "actors": sums.named.get("actors", {}),
        "victims": sums.named.get("victims", {}),
        "systems": sums.named.get("systems", {}),
        "units": sums.named.get("units", {}),
        "windows": sums.windows,
    }


def joined_document(joined: Joined, language: Language) -> dict[str, Any]:
    """An alert of an incident, and why it is there."""
    return alert_document(joined.alert) | {
        "incident": joined.part,
        "suppressed_by": joined.window or None,
        "reasons": [
            {
                "link": one.link,
                "incident": one.incident,
                "entity": {"kind": one.entity.kind, "value": one.entity.value},
                "gap_seconds": one.gap / SECOND,
                "tactic": one.tactic or None,
                "after": one.after or None,
                "text": reason_text(one, language),
            }
            for one in joined.reasons
        ],
    }


def change_document(change: Change, log: Sequence[Change]) -> dict[str, Any]:
    """An entry of a log; `undone` says whether a later one took it back."""
    return {
        "version": change.version,
        "at": iso(change.at),
        "who": change.who,
        "what": change.what,
        "before": dict(change.before),
        "after": dict(change.after),
        "undone": change.version in undone(log),
        "digest": change.digest,
    }


def window_document(window: Window, suppressed: int, now: int) -> dict[str, Any]:
    """A window, and how many alerts it suppresses."""
    return {
        "id": window.id,
        "purpose": window.purpose,
        "from": iso(window.begins),
        "to": iso(window.ends),
        "scope": {kind: list(names) for kind, names in window.scope.items()},
        "who": window.who,
        "reason": window.reason,
        "announced": iso(window.announced),
        "late": window.announced > window.begins,
        "active": window.begins <= now < window.ends,
        "ended_by": window.ended_by or None,
        "suppressed": suppressed,
    }


def proposal_document(proposal: Proposal, guide: Guide) -> dict[str, Any]:
    """A proposed grade with the clause behind each measure, and what nobody told yet."""
    return {
        "grade": {
            "name": proposal.grade.name,
            "zh": proposal.grade.name_zh,
            "colour": proposal.grade.colour,
            "reported": proposal.grade.reported,
            "verified": proposal.verified,
        },
        "findings": [
            {
                "measure": one.measure.name,
                "number": one.number,
                "unit": one.measure.unit,
                "grade": one.threshold.grade if one.threshold else None,
                "from": one.threshold.number if one.threshold else None,
                "article": one.threshold.article if one.threshold else None,
                "verified": one.threshold.verified if one.threshold else None,
            }
            for one in proposal.findings
        ],
        "open": [
            {"measure": one.name, "title": one.title, "title_zh": one.title_zh, "unit": one.unit}
            for one in proposal.open
        ],
        "source": {
            "title": guide.source,
            "edition": guide.edition,
            "version": guide.version,
            "valid_from": guide.valid_from,
            "reporting": guide.reporting,
        },
    }


def reason_text(reason: Reason, language: Language) -> str:
    """Why an alert joined, as a sentence such as "same source 10.1.2.3 within 2 h"."""
    entity = reason.entity
    kind = say(f"entity.{entity.kind}", language)
    return say(
        f"incident.link.{reason.link}", language, kind=kind, value=entity.value, gap=span_text(reason.gap, language),
        tactic=tactic_text(reason.tactic, language), after=tactic_text(reason.after, language),
        incident=reason.incident[:12],
    )  # fmt: skip


def part_text(code: str, value: str, language: Language) -> str:
    """What counted in a score, as a sentence."""
    shown = say(f"level.{value}", language) if code == "level" else value
    if code == "reached":
        shown = tactic_text(value, language)
    return say(f"incident.part.{code}", language, value=shown)


def tactic_text(tactic: str, language: Language) -> str:
    """What a tactic of ATT&CK is called, by its name or its id; empty for none."""
    name = names_by_id().get(tactic, tactic)
    return say(f"tactic.{name}", language) if name else ""


def span_text(span: int, language: Language) -> str:
    """A span of time in the unit that fits it."""
    seconds = round(span / SECOND)
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return say(f"span.{unit}", language, number=round(seconds / size))
    return say("span.seconds", language, number=seconds)
