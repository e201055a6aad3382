"""Indicators as JSON documents: the same form from the API and from `--json`."""

from collections.abc import Iterable, Sequence
from typing import Any

from api.indicator_texts import number_text, scope_text, standing_text, value_text, words
from api.messages import Language, say
from inventory.indicators.comparing import Changed, Why, total
from inventory.indicators.evaluating import POINT, Evaluation
from inventory.indicators.formulas import meanings
from inventory.indicators.model import Counted, Entered, Measured, Plan, Ruled, Scope, Target
from inventory.indicators.naming import Names
from inventory.indicators.weights import Weights


def plan_document(plan: Plan, plans: Iterable[Plan], language: Language) -> dict[str, Any]:
    """The plan that numbers are of, and the one that takes its place."""
    return {
        "plan": plan.id,
        "plan_title": words(plan.title, language),
        "plan_begins": plan.begins,
        "plan_ends": plan.ends,
        "plan_followed_by": next((one.id for one in plans if one.follows == plan.id), None),
    }


def measured_document(one: Measured, names: Names, language: Language) -> dict[str, Any]:
    """An indicator on a day, without its records."""
    indicator, tally = one.indicator, one.tally
    return {
        "day": one.day,
        "number": indicator.number,
        "title": words(indicator.title, language),
        "area": words(indicator.area, language),
        "scope": scope_document(one.scope, names, language),
        "source": one.source,
        "value": one.value,
        "at_most": one.at_most,
        "unit": words(indicator.unit, language),
        "value_text": value_text(one, language),
        "numerator": one.numerator,
        "denominator": one.denominator,
        "not_known": None if tally is None else tally.unknown,
        "outside": None if tally is None else tally.outside,
        "excluded": None if tally is None else tally.excluded,
        "target": target_document(indicator.target),
        "binding": indicator.kind == "binding",
        "met": one.met,
        "standing": one.standing,
        "standing_text": standing_text(one, language),
        "formula": indicator.formula or None,
        "report": None if one.entered is None else report_document(one.entered, names, language),
        "exclusions": [exclusion_document(ruled, language) for ruled in one.exclusions],
    }


def explained_document(one: Measured, names: Names, language: Language) -> dict[str, Any]:
    """An indicator with what it means and every record that it looked at."""
    indicator = one.indicator
    meaning = meanings().get(indicator.formula)
    said = None
    if meaning is not None:
        said = {
            "definition": words(meaning.definition, language),
            "numerator": words(meaning.numerator, language),
            "denominator": words(meaning.denominator, language),
            "article": meaning.article,
            "verified": meaning.verified,
        }
    return measured_document(one, names, language) | {
        "plan_source": indicator.source,
        "note": None if indicator.note is None else words(indicator.note, language),
        "baseline": None if indicator.baseline is None else {
            "value": indicator.baseline.value, "day": indicator.baseline.day, "source": indicator.baseline.source,
        },
        "meaning": said,
        "records": [record_document(record, names, language) for record in one.records],
    }  # fmt: skip


def scope_document(scope: Scope, names: Names, language: Language) -> dict[str, Any]:
    """What a number is of."""
    code, name = names.of(scope)
    return {"kind": scope.kind, "code": code, "name": name or scope_text(scope, names, language)}


def target_document(target: Target) -> dict[str, Any]:
    """What is to be reached, and by when."""
    return {"value": target.value, "comparator": target.comparator, "day": target.day}


def report_document(one: Entered, names: Names, language: Language) -> dict[str, Any]:
    """The last report, how old it is, and what is to be said against it."""
    report = one.report
    return {
        "day": report.day, "value": report.value, "scope": report.scope, "age_days": one.age, "stale": one.stale,
        "unit": names.of(Scope("unit", report.unit))[1], "evidence": report.evidence, "digest": report.digest,
        "doubts": list(one.doubts), "doubts_text": [say(f"indicator.lost.{code}", language) for code in one.doubts],
    }  # fmt: skip


def exclusion_document(ruled: Ruled, language: Language) -> dict[str, Any]:
    """An exclusion, and whether it counts."""
    one = ruled.exclusion
    return {
        "code": one.code, "register": one.register, "record": one.record, "reason": one.reason,
        "approved_by": one.approved_by, "approved_on": one.approved_on, "expires_on": one.expires_on,
        "counts": ruled.holds == "counts", "holds": ruled.holds,
        "text": say(f"indicator.exclusion.{ruled.holds}", language),
    }  # fmt: skip


def record_document(one: Counted, names: Names, language: Language) -> dict[str, Any]:
    """A record as a number looks at it."""
    unit, district = names.of(Scope("unit", one.unit)), names.of(Scope("district", one.district))
    return {
        "id": one.id, "key": one.key, "verdict": one.verdict, "judged": one.judged, "reason": one.reason,
        "reason_text": say(f"indicator.reason.{one.reason}", language), "amount": one.amount,
        "unit": unit[0], "district": district[0], "exclusion": one.exclusion or None, "said": list(one.said),
    }  # fmt: skip


def why_document(found: Why, language: Language) -> dict[str, Any]:
    """Why an indicator changed, every record with what it adds."""
    return {
        "since": found.then.day,
        "then": _short(found.then, language),
        "then_as_known_now": _short(found.then_now, language),
        "now": _short(found.now, language),
        "corrected": _changes(found.corrected, language),
        "changed": _changes(found.changed, language),
    }


def evaluation_document(found: Evaluation, weights: Weights, names: Names, language: Language) -> dict[str, Any]:
    """How a scope did in a year, with every lost point."""
    return {
        "day": found.day,
        "scope": scope_document(found.scope, names, language),
        "score": found.score / POINT,
        "weights": {
            "version": weights.version, "digest": weights.digest,
            "source": weights.source, "verified": weights.verified,
        },
        "indicators": [
            {
                "number": one.measured.indicator.number,
                "title": words(one.measured.indicator.title, language),
                "value": one.measured.value,
                "target": target_document(one.target),
                "met": one.reached,
                "most": one.most / POINT,
                "points": one.points / POINT,
            }
            for one in found.scored
        ],
        "lost": [
            {
                "number": one.number, "code": one.code, "points": one.points / POINT, "records": one.count,
                "text": say(f"indicator.lost.{one.code}", language, count=number_text(one.count)),
            }
            for one in found.lost
        ],
    }  # fmt: skip


def _short(one: Measured, language: Language) -> dict[str, Any]:
    return {
        "day": one.day, "value": one.value, "value_text": value_text(one, language), "source": one.source,
        "numerator": one.numerator, "denominator": one.denominator,
    }  # fmt: skip


def _changes(found: Sequence[Changed], language: Language) -> dict[str, Any]:
    numerator, denominator = total(found)
    return {
        "numerator": numerator,
        "denominator": denominator,
        "records": [
            {
                "kind": one.kind, "kind_text": say(f"indicator.change.{one.kind}", language), "key": one.key,
                "before": one.before and one.before.reason, "after": one.after and one.after.reason,
                "numerator": one.numerator, "denominator": one.denominator,
            }
            for one in found
        ],
    }  # fmt: skip
