"""Audits as JSON documents, the same from the API and from `--format json`; and every finding as a sentence."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from api.messages import Language, knows, say
from inventory.audits.baseline import Compared
from inventory.audits.landscape import Landscape
from inventory.audits.model import Figure, Finding, Rule
from inventory.audits.service import Audited, Outcome
from inventory.model import Words
from inventory.registers import registers
from sensors.event.times import iso

_MOST_NAMED: Final = 12
"""Systems of a wave that its sentence names; the document names all."""


def word(words: Words, language: Language) -> str:
    """A name in a language."""
    return words.zh if language == "zh" else words.en


def finding_text(finding: Finding, rule: Rule, language: Language) -> str:
    """What was found, as a sentence; where there is no more to say than the rule does, its title."""
    if not knows(finding.code):
        return word(rule.title, language)
    parameters = {name: _worded(finding, rule, name, value, language) for name, value in finding.parameters.items()}
    return say(finding.code, language, **parameters)


def basis_text(rule: Rule, language: Language) -> str:
    """The text that asks for it: its name, the place in it, and that nobody compared them where nobody did."""
    if rule.origin == "proposal":
        return say("audit.origin.proposal", language)
    told = f"{word(rule.source, language)} · {word(rule.article, language)}"
    return told if rule.verified else f"{told} [{say('audit.unverified', language)}]"


def figure_text(figure: Figure, language: Language) -> str:
    """A figure as a sentence."""
    parameters = dict(figure.parameters)
    if "stage" in parameters:
        parameters["stage"] = _choice("systems", "migration", parameters["stage"], language)
    if "systems" in parameters:
        named = list(parameters["systems"])
        more = len(named) - _MOST_NAMED
        rest = [say("audit.figure.more", language, number=more)] if more > 0 else []
        parameters["systems"] = named[:_MOST_NAMED] + rest
    return say(figure.code, language, **parameters)


def scope_text(audited: Audited, language: Language) -> str:
    """The part of the city that was audited."""
    scope = audited.asked.scope
    return say(f"audit.report.scope.{scope.kind}", language, name=scope.code)


def rule_document(rule: Rule, language: Language) -> dict[str, Any]:
    """A rule with the text that asks for it."""
    return {
        "id": rule.id,
        "audit": rule.audit,
        "check": rule.check,
        "title": word(rule.title, language),
        "severity": rule.severity,
        "origin": rule.origin,
        "origin_text": say(f"audit.origin.{rule.origin}", language),
        "source": word(rule.source, language),
        "article": word(rule.article, language),
        "valid_from": rule.valid_from,
        "verified": rule.verified,
        "remedy": word(rule.remedy, language),
        "parameters": dict(rule.parameters),
    }


def finding_document(
    finding: Finding, rule: Rule, compared: Compared | None, language: Language
) -> dict[str, Any]:
    """A finding with its words and the text that asks for it."""
    return {
        "kind": "finding",
        "id": finding.id,
        "basis": finding.basis,
        "audit": finding.audit,
        "check": finding.check,
        "severity": finding.severity,
        "register": finding.register,
        "record": finding.record,
        "key": finding.key,
        "name": finding.name,
        "unit": finding.unit,
        "unit_name": finding.unit_name,
        "district": finding.district,
        "district_name": finding.district_name,
        "subject": finding.subject,
        "code": finding.code,
        "parameters": dict(finding.parameters),
        "title": word(rule.title, language),
        "text": finding_text(finding, rule, language),
        "article": basis_text(rule, language),
        "verified": rule.verified,
        "change": change_of(finding, compared),
    }


def change_of(finding: Finding, compared: Compared | None) -> str | None:
    """Whether a finding is new or still there; None where there is nothing to compare it with."""
    if compared is None:
        return None
    return "new" if finding.id in compared.new else "still"


def documents(audited: Audited, compared: Compared | None, language: Language) -> Iterator[dict[str, Any]]:
    """A whole audit: what was asked, then every rule, every figure, every finding, and what is gone."""
    asked = audited.asked
    yield {
        "kind": "audit",
        "audits": list(asked.audits),
        "day": asked.day,
        "scope": str(asked.scope),
        "valid": iso(asked.moment.valid),
        "rules": len(audited.outcomes),
        "findings": len(audited.findings),
        "later": [f"{rule.id} ({rule.valid_from})" for rule in audited.later],
        "compared": None
        if compared is None
        else {"new": len(compared.new), "still": len(compared.still), "gone": len(compared.gone)},
    }
    for outcome in audited.outcomes:
        yield {"kind": "rule", **rule_document(outcome.rule, language), **_counts(outcome)}
    for audit, figure in audited.figures:
        yield {
            "kind": "figure", "audit": audit, "code": figure.code, "parameters": dict(figure.parameters),
            "text": figure_text(figure, language),
        }  # fmt: skip
    for outcome in audited.outcomes:
        for finding in outcome.findings:
            yield finding_document(finding, outcome.rule, compared, language)
    for gone in () if compared is None else compared.gone:
        yield {**gone, "kind": "gone", "change": "gone"}


def _counts(outcome: Outcome) -> dict[str, int]:
    return {"looked": outcome.looked, "findings": len(outcome.findings)}


def _worded(finding: Finding, rule: Rule, name: str, value: Any, language: Language) -> Any:
    """A parameter as people say it: choices and fields by their names, what is not known as that."""
    if value is None:
        return say("audit.value.unknown", language)
    if isinstance(value, bool):
        return say("audit.value.yes" if value else "audit.value.no", language)
    if name == "field":
        return word(registers()[finding.register].by_key[value].title, language)
    if name == "resource":
        return say(f"audit.resource.{value}", language)
    if name in rule.show:
        return _at_path(rule, rule.show[name], value, language)
    return f"{value:,.10g}" if isinstance(value, float) else value


def _at_path(rule: Rule, path: str, value: Any, language: Language) -> Any:
    field = Landscape.end(rule.register, path)
    if field is not None and field.kind == "choice":
        return _words_of(field.choices, value, language)
    return f"{value:,.10g}" if isinstance(value, float) else value


def _choice(register: str, key: str, value: str, language: Language) -> str:
    return _words_of(registers()[register].by_key[key].choices, value, language)


def _words_of(choices: Mapping[str, Words], value: str, language: Language) -> str:
    return word(choices[value], language) if value in choices else value
