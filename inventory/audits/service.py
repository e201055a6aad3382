"""An audit from the registers to its findings: the rules that hold on the day, and checks over one landscape."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from inventory.audits.declared import hits, need
from inventory.audits.figures import figures
from inventory.audits.landscape import OWNED_BY, Landscape
from inventory.audits.model import Figure, Finding, Hit, Rule, finding_id
from inventory.audits.registry import COMPUTED, fields_read
from inventory.audits.rules import AUDITS, in_force, rules
from inventory.audits.scope import CITY, Scope, Within
from inventory.model import Moment
from inventory.ports import Known
from inventory.registers import registers


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule found, in the order of keys, and how many records there were to look at."""

    rule: Rule
    looked: int
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of an audit: which audits, of which day, that day as a moment, and of which part of the city."""

    audits: Sequence[str]
    day: str
    moment: Moment
    scope: Scope = CITY


@dataclass(frozen=True)
class Audited:
    """One audit, or several together.

    Attributes:
        asked: what was asked; its audits in their order.
        outcomes: of every rule that held on the day.
        figures: numbers beside the findings, by audit.
        later: rules that did not hold yet on the day, and so were not looked for.
    """

    asked: Asked
    outcomes: Sequence[Outcome]
    figures: Sequence[tuple[str, Figure]]
    later: Sequence[Rule]

    @cached_property
    def findings(self) -> Sequence[Finding]:
        """All findings, audit by audit and rule by rule."""
        return [finding for outcome in self.outcomes for finding in outcome.findings]


def audited(known: Known, asked: Asked, tell: Callable[[Rule], None] = lambda _: None) -> Audited:
    """Audit the registers as they were at a moment; `tell` is called before each rule is looked for.

    Raises:
        AuditScopeUnknown: the scope names a district or unit that was not there.
    """
    names = [name for name in AUDITS if name in asked.audits]
    land = Landscape(known, asked.moment, asked.day)
    held = {name: in_force(name, asked.day) for name in names}
    for rule in (rule for some in held.values() for rule in some):
        _need(land, rule)
    within = Within(land, asked.scope)
    outcomes: list[Outcome] = []
    told: list[tuple[str, Figure]] = []
    for name, some in held.items():
        for rule in some:
            tell(rule)
            outcomes.append(_outcome(land, rule, within))
        told += [(name, figure) for figure in figures(land, name, some, within)]
    checks = {rule.id for some in held.values() for rule in some}
    later = [rule for name in names for rule in rules()[name] if rule.id not in checks]
    return Audited(replace(asked, audits=names), outcomes, told, later)


def _need(land: Landscape, rule: Rule) -> None:
    if rule.declared:
        need(land, rule)
        names = {rule.register}
    else:
        names = set()
        for register, field in fields_read(COMPUTED[rule.id]):
            land.need(register, field)
            names.add(register)
    for name in names | {"units", "districts"}:
        land.need(name, "name")
        # Whose it is has to be known of whatever is found.
        for one in registers()[name].fields:
            if one.register in {"units", "districts"} or one.key in OWNED_BY:
                land.need(name, one.key)


def _outcome(land: Landscape, rule: Rule, within: Within) -> Outcome:
    found = hits(land, rule) if rule.declared else COMPUTED[rule.id].check(land, rule)
    made = sorted(_findings(land, rule, (hit for hit in found if within.has(hit))), key=_place)
    names = [rule.register] if rule.register else dict(fields_read(COMPUTED[rule.id]))
    return Outcome(rule, sum(len(land.table(name)) for name in names), made)


def _place(finding: Finding) -> tuple[str, str, str]:
    return finding.register, finding.key, finding.subject


def _findings(land: Landscape, rule: Rule, found: Iterable[Hit]) -> Iterator[Finding]:
    for hit in found:
        if hit.row is None:
            record, key, unit, district = "", "", None, None
        else:
            record, key = land.table(hit.register).ids[hit.row], land.key(hit.register, hit.row)
            unit, district = land.unit_of(hit.register, hit.row), land.district_of(hit.register, hit.row)
        yield Finding(
            id=finding_id(rule.audit, rule.check, hit.register, record, hit.subject),
            audit=rule.audit,
            check=rule.check,
            severity=rule.severity,
            register=hit.register,
            record=record,
            key=key,
            name=land.name(hit.register, record),
            unit=land.named("units", unit),
            unit_name=land.name("units", unit),
            district=land.named("districts", district),
            district_name=land.name("districts", district),
            subject=hit.subject,
            parameters=hit.parameters,
        )
