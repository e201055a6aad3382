"""Facts for tests of posture, said in a line each."""

from collections.abc import Sequence

from correlation.posture.model import Cell, Facts, Gap, GapKind, OpenIncident, Posture, Scope, Touch
from correlation.posture.policy import posture_policy
from correlation.posture.scoring import score
from sensors.event.times import SECOND, from_iso

NOON = from_iso("2026-11-22T12:00:00Z")
DAY = 86_400 * SECOND
POLICY = posture_policy()


def cell(district: str, unit: str, seen: int = 4, declared: int = 4, **said: object) -> Cell:
    """Assets of a unit, of which events name some."""
    names = tuple(f"{unit}-{number}" for number in range(declared - seen))
    more = {"space": "", "sector": "", "heard": seen > 0, "unseen": names} | said
    return Cell(unit, district, declared=declared, seen=seen, **more)  # type: ignore[arg-type]  # as the test says


def incident(
    name: str, *units: str, severity: str = "high", state: str = "new", age: float = 0, **said: object
) -> OpenIncident:
    """An open incident so many days old that touches units."""
    touches = tuple(Touch(unit=unit) for unit in units)
    more = {"assigned": False, "touches": touches} | said
    return OpenIncident(name, severity, state, last=NOON - round(age * DAY), **more)  # type: ignore[arg-type]  # likewise


def gap(kind: GapKind, subject: str = "s", share: int = 10_000, *units: str) -> Gap:
    """Something that keeps us from seeing units, or the city."""
    return Gap(kind, subject, share, tuple(Touch(unit=unit) for unit in units))


def posture(cells: Sequence[Cell], *facts: OpenIncident | Gap, **said: object) -> Posture:
    """The posture of these facts at noon."""
    incidents = tuple(one for one in facts if isinstance(one, OpenIncident))
    gaps = tuple(one for one in facts if isinstance(one, Gap))
    return score(Facts(tuple(cells), incidents, gaps, **said), POLICY, NOON)  # type: ignore[arg-type]  # likewise


def points(of: Posture, kind: str, name: str) -> int:
    """A score."""
    return of.standings[Scope(kind, name)].score  # type: ignore[arg-type]  # likewise
