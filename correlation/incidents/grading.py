"""The grading assistant: from measures of the harm to a proposed grade, with the clause that it rests on.

All thresholds are data (`grading.yml`) with source, version and validity. What was not compared with the final text is
marked, here and wherever it is shown. The grade is a proposal; a person decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Final

from correlation.incidents.errors import ChangeRefused, PolicyUnusable
from correlation.incidents.policy import over
from correlation.incidents.severity import COLOURS
from sensors.errors import Place

LEAST: Final = "general"
"""The grade of what reaches no threshold."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade: its name, its Chinese name, the colour of its early warning, and whether it has to be reported."""

    name: str
    name_zh: str
    colour: str
    reported: bool


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which number on (included) a measure leads to a grade, by which clause, and whether that was verified."""

    grade: str
    number: float
    article: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of the harm; thresholds in falling order of their grades."""

    name: str
    title: str
    title_zh: str
    unit: str
    thresholds: tuple[Threshold, ...]

    def reached(self, number: float) -> Threshold | None:
        """The highest threshold that a number reaches."""
        return next((one for one in self.thresholds if number >= one.number), None)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one measure comes to: its number, and the threshold that it reaches (None: none)."""

    measure: Measure
    number: float
    threshold: Threshold | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed grade: the highest that a measure leads to.

    Attributes:
        findings: all measures that were told, those that lead to the highest grade first.
        open: measures that nobody told yet.
        verified: whether a verified threshold alone leads to this grade.
    """

    grade: Grade
    findings: tuple[Finding, ...]
    open: tuple[Measure, ...]
    verified: bool


@dataclass(frozen=True, slots=True)
class Guide:
    """The grading guide as data."""

    source: str
    edition: str
    version: int
    valid_from: str
    reporting: str
    grades: tuple[Grade, ...]
    measures: tuple[Measure, ...]

    def grade(self, name: str) -> Grade:
        """The grade of a name."""
        return next(one for one in self.grades if one.name == name)

    def checked(self, told: Mapping[str, str | float]) -> dict[str, float]:
        """Measures as numbers.

        Raises:
            ChangeRefused: there is no such measure, or it is no number of 0 or more.
        """
        known = [one.name for one in self.measures]
        found = {}
        for name, said in told.items():
            if name not in known:
                raise ChangeRefused(reason="measure-unknown", given=name, known=", ".join(known))
            try:
                number = float(said)
            except ValueError:
                number = -1.0
            if not isfinite(number) or number < 0:
                raise ChangeRefused(reason="measure-number", given=f"{name}={said}", known="-")
            found[name] = number
        return found

    def propose(self, told: Mapping[str, float]) -> Proposal:
        """The grade that follows from measures, as far as they are known."""
        order = [one.name for one in self.grades]
        findings = [
            Finding(one, told[one.name], one.reached(told[one.name])) for one in self.measures if one.name in told
        ]

        def place(finding: Finding) -> int:
            return len(order) if finding.threshold is None else order.index(finding.threshold.grade)

        findings.sort(key=place)
        best = findings[0].threshold.grade if findings and findings[0].threshold else LEAST
        deciding = [one.threshold for one in findings if one.threshold and one.threshold.grade == best]
        return Proposal(
            self.grade(best),
            tuple(findings),
            tuple(one for one in self.measures if one.name not in told),
            any(one.verified for one in deciding),
        )


def guide(path: Path | None = None) -> Guide:
    """The product's guide with a site's keys over it.

    Raises:
        PolicyUnusable: the site's file cannot be used.
    """
    said, name = over("grading", path)
    try:
        grades = tuple(Grade(one["grade"], one["zh"], one["colour"], one["reported"]) for one in said["grades"])
        measures = tuple(_measure(one, [grade.name for grade in grades], name) for one in said["measures"])
    except (KeyError, TypeError, ValueError) as error:
        reason = f"an entry lacks a key or has a wrong value: {error}"
        raise PolicyUnusable(place=Place(name, field="grades, measures"), reason=reason) from error
    if LEAST not in {one.name for one in grades} or not {one.colour for one in grades} <= set(COLOURS):
        reason = f"wanted: the grade {LEAST}, and colours of {', '.join(COLOURS)}"
        raise PolicyUnusable(place=Place(name, field="grades"), reason=reason)
    return Guide(
        str(said["source"]), str(said["edition"]), int(said["version"]), str(said["valid_from"]),
        str(said["reporting"]), grades, measures,
    )  # fmt: skip


def _measure(said: Mapping[str, Any], grades: list[str], name: str) -> Measure:
    thresholds = [
        Threshold(one["grade"], float(one["from"]), str(one["article"]), one["verified"] is True)
        for one in said["thresholds"]
    ]
    thresholds.sort(key=lambda one: grades.index(one.grade))
    if [one.number for one in thresholds] != sorted((one.number for one in thresholds), reverse=True):
        place = Place(name, field=f"measures, {said['name']}")
        raise PolicyUnusable(place=place, reason="a higher grade needs the higher number")
    return Measure(said["name"], said["en"], said["zh"], said["unit"], tuple(thresholds))
