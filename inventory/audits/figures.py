"""Numbers that an audit tells beside its findings: the rate on the cloud with its denominator, stages, and waves."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from inventory.audits.checks.cloud import rate
from inventory.audits.checks.waves import waves
from inventory.audits.landscape import Landscape
from inventory.audits.model import Figure, Rule
from inventory.audits.scope import Within

Teller: TypeAlias = Callable[[Landscape, Mapping[str, Rule], Within], Iterator[Figure]]


def figures(land: Landscape, audit: str, rules: Sequence[Rule], within: Within) -> list[Figure]:
    """The figures of an audit; none where it has none."""
    tell = _TOLD.get(audit)
    return [] if tell is None else list(tell(land, {rule.check: rule for rule in rules}, within))


def _cloud(land: Landscape, rules: Mapping[str, Rule], within: Within) -> Iterator[Figure]:
    if (rule := rules.get("rate")) is not None:
        yield from _rate(land, rule, within)
    table = land.table("systems")
    stages = Counter(
        stage
        for row, (stage, state) in enumerate(zip(table.column("migration"), table.column("state"), strict=True))
        if state == "running" and within.holds("systems", row)
    )
    for stage in table.register.by_key["migration"].choices:
        if stages[stage]:
            yield Figure("audit.figure.stage", {"stage": stage, "number": stages[stage]})
    if (rule := rules.get("circle")) is not None:
        yield from _waves(land, rule, within)


def _rate(land: Landscape, rule: Rule, within: Within) -> Iterator[Figure]:
    found = rate(land, rule.parameters["clouds"], rule.parameters["indicator"], within)
    if found.percent is None:
        yield Figure("audit.figure.rate-none", {})
        return
    yield Figure(
        "audit.figure.rate",
        {
            "percent": round(found.percent, 1), "on_cloud": len(found.on_cloud), "counted": len(found.counted),
            "excluded": len(found.excluded), "unsaid": found.unsaid, "least": rule.parameters["least"],
        },
    )  # fmt: skip


def _waves(land: Landscape, rule: Rule, within: Within) -> Iterator[Figure]:
    """All waves are of the whole city: what a unit depends on may be another's."""
    codes = land.table("systems").column("code")
    for number, rows in enumerate(waves(land, rule.parameters["clouds"]).waves, 1):
        inside = [str(codes[row]) for row in rows if within.holds("systems", row)]
        if inside:
            yield Figure("audit.figure.wave", {"wave": number, "number": len(inside), "systems": inside})


_TOLD: Final[Mapping[str, Teller]] = {"cloud": _cloud}
