"""What is on a cloud and what is not: the rate with its denominator, the gates of stages, exclusions."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from inventory.audits.conditions import Condition
from inventory.audits.declared import narrowed
from inventory.audits.landscape import Landscape
from inventory.audits.model import Hit, Rule
from inventory.audits.scope import Within

_COUNTED = (Condition("state", "in", ["running"]), Condition("classified", "not_in", [True]))
"""What the plan counts: 政务业务系统（非涉密）. What nobody called classified counts as what it says it is."""


@dataclass(frozen=True, slots=True)
class Rate:
    """The share of systems on a cloud, by the numbers of their rows.

    Attributes:
        counted: what stands in the denominator.
        on_cloud: what of it stands in the numerator.
        excluded: what would be counted if no exclusion held on the day.
        unsaid: how many of the counted do not say whether they are classified.
    """

    counted: Sequence[int]
    on_cloud: Sequence[int]
    excluded: Sequence[int]
    unsaid: int

    @property
    def percent(self) -> float | None:
        """The share in percent; None where nothing is counted."""
        return 100 * len(self.on_cloud) / len(self.counted) if self.counted else None


def rate(land: Landscape, clouds: Collection[str], indicator: int, within: Within | None = None) -> Rate:
    """The share of running, non-classified systems on one of these clouds, in a part of the city or the whole."""
    rows: Sequence[int] = narrowed(land, "systems", range(len(land.table("systems"))), _COUNTED)
    if within is not None:
        rows = [row for row in rows if within.holds("systems", row)]
    out = excluded(land, indicator)
    codes, hosting = land.table("systems").column("code"), land.table("systems").column("hosting")
    counted = [row for row in rows if codes[row] not in out]
    classified = land.table("systems").column("classified")
    return Rate(
        counted=counted,
        on_cloud=[row for row in counted if hosting[row] in clouds],
        excluded=[row for row in rows if codes[row] in out],
        unsaid=sum(classified[row] is None for row in counted),
    )


def excluded(land: Landscape, indicator: int) -> frozenset[str]:
    """The codes of systems that an approved exclusion takes out of an indicator on the day of the audit."""
    table = land.table("exclusions")
    columns = (table.column(key) for key in ("indicator", "register", "record", "approved_on", "expires_on"))
    return frozenset(
        record
        for number, register, record, approved, expires in zip(*columns, strict=True)
        if number == indicator and register == "systems" and approved <= land.day <= expires
    )


def below_target(land: Landscape, rule: Rule) -> Iterator[Hit]:
    """The city's rate is below the plan's target."""
    found = rate(land, rule.parameters["clouds"], rule.parameters["indicator"])
    if found.percent is not None and found.percent < rule.parameters["least"]:
        yield Hit(
            "systems",
            None,
            parameters={
                "percent": round(found.percent, 1), "on_cloud": len(found.on_cloud), "counted": len(found.counted),
                "least": rule.parameters["least"],
            },
        )  # fmt: skip


def gates(land: Landscape, rule: Rule) -> Iterator[Hit]:
    """Systems in a stage of migration that lack what the stage needs."""
    table, clouds = land.table("systems"), frozenset(rule.parameters["clouds"])
    states = table.column("state")
    for row, stage in enumerate(table.column("migration")):
        if states[row] == "retired":
            continue
        for key in rule.parameters["gates"].get(stage, ()):
            value = table.column(key)[row]
            if value is None or (key == "hosting" and value not in clouds):
                yield Hit("systems", row, f"{stage} {key}", {"stage": stage, "field": key})


def exempt(land: Landscape, rule: Rule) -> Iterator[Hit]:
    """Systems that are exempt from migration although no exclusion holds."""
    table, out = land.table("systems"), excluded(land, rule.parameters["indicator"])
    for row, (code, stage, state) in enumerate(
        zip(table.column("code"), table.column("migration"), table.column("state"), strict=True)
    ):
        if stage == "exempt" and state == "running" and code not in out:
            yield Hit("systems", row)
