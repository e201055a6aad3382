"""By when a weakness is to be mended, and by which rule; rules are data, each with where it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from inventory.vulnerabilities.errors import VulnerabilityTableUnusable
from inventory.vulnerabilities.exposure import DAY, REACHES, Reach
from inventory.vulnerabilities.model import SEVERITIES, Severity
from sensors.errors import Place


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it asks for (empty: anything) and how many days it gives; `verified`: a source gives them."""

    id: str
    days: int
    source: str
    verified: bool
    severities: frozenset[str] = frozenset()
    reaches: frozenset[str] = frozenset()
    exploited: bool | None = None

    def fits(self, severity: Severity, reach: Reach, *, exploited: bool) -> bool:
        """Whether the rule is for such a weakness."""
        return (
            (not self.severities or severity in self.severities)
            and (not self.reaches or reach in self.reaches)
            and (self.exploited is None or self.exploited == exploited)
        )


@dataclass(frozen=True, slots=True)
class Duty:
    """What a law says of vulnerabilities; `days` is None where it gives no number."""

    id: str
    role: Literal["operator", "provider"]
    days: int | None
    law: str
    article: str
    number: str
    says: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day (ns) and the rule that it follows from."""

    due: int
    rule: Rule

    def overdue(self, now: int) -> bool:
        """Whether it has passed."""
        return now > self.due


def deadline(
    severity: Severity, reach: Reach, known: int, table: Sequence[Rule], *, exploited: bool = False
) -> Deadline | None:
    """The deadline of a weakness that is known since a moment (ns); None where no rule is for it."""
    for rule in table:
        if rule.fits(severity, reach, exploited=exploited):
            return Deadline(known + rule.days * DAY, rule)
    return None


@cache
def _said() -> Any:
    return yaml.safe_load((files(__package__) / "deadlines.yml").read_text(encoding="utf-8"))


@cache
def rules() -> tuple[Rule, ...]:
    """The rules that come with the product, in order."""
    return rules_of(_said(), "deadlines.yml")


@cache
def duties() -> tuple[Duty, ...]:
    """What the law says, as the product knows it."""
    return tuple(Duty(**one) for one in _said()["duties"])


def rules_of(said: Any, place: str) -> tuple[Rule, ...]:
    """The rules of a table.

    Raises:
        VulnerabilityTableUnusable: a rule names what there is not, or gives no number of days.
    """
    try:
        return tuple(_rule(one) for one in said["deadlines"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VulnerabilityTableUnusable(place=Place(place), reason=str(error)) from error


def _rule(said: Any) -> Rule:
    severities, reaches = frozenset(said.get("severity", ())), frozenset(said.get("reach", ()))
    if unknown := sorted((severities - set(SEVERITIES)) | (reaches - set(REACHES))):
        raise ValueError(f"no such word: {', '.join(map(str, unknown))}")
    days = int(said["days"])
    if not 0 < days <= 3_650:
        raise ValueError(f"a deadline is 1 to 3650 days, not {days}")
    return Rule(
        str(said["id"]), days, str(said["source"]), said["verified"] is True, severities, reaches, said.get("exploited")
    )
