"""Small made cities with histories, synthetic throughout: what was said in which batch, of which time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copy
from typing import Any

from hypothesis import strategies as st

from inventory.days import begin_of
from inventory.indicators.loading import own_plans
from inventory.indicators.model import Indicator, Plan
from inventory.model import OPEN, Batch, Change
from inventory.store.book import Inventory
from tests.databases import with_all_tables

DAYS = ("2024-01-01", "2024-06-01", "2025-01-01", "2025-06-01", "2025-12-31", "2026-03-01", "2026-11-30")
STATES = ("planned", "running", "retired", None)
HOSTING = ("city_cloud", "district_cloud", "department_cloud", "public_cloud", "own_room", None)
MIGRATION = ("migrating", "migrated", "exempt", None)
PLAN: Plan = next(own_plans())


def indicator(number: int) -> Indicator:
    """An indicator of the product's own plan."""
    return PLAN.indicators[number - 1]


def record(letter: str, number: int = 0) -> str:
    """An id as records have them."""
    return f"{letter}{number:031x}"


@dataclass
class City:
    """A city that is written batch by batch; the first one is written on `at`."""

    inventory: Inventory
    engine: Any
    at: int = begin_of("2024-01-01")
    batches: list[tuple[int, dict[str, Sequence[Change]]]] = field(default_factory=list)

    def write(self, at: int | str | None = None, **changes: Sequence[Change]) -> int:
        """Write changes of registers at a moment or day, and say when."""
        when = begin_of(at) if isinstance(at, str) else at or self.at
        done = self.inventory.write(Batch(when, "tester", "synthetic"), changes)
        self.batches.append((done.at, dict(changes)))
        return done.at

    def units(self, count: int = 3, districts: int = 2) -> None:
        """Districts, and units of which the last one is in none."""
        self.write(
            districts=[
                Change(record("d", one), {"code": f"42010{one}", "name": f"合成区{one}"}) for one in range(districts)
            ],
            units=[
                Change(
                    record("e", one),
                    {"code": f"U{one}", "name": f"合成单位{one}"}
                    | ({"district": record("d", one % districts)} if one < count - 1 else {}),
                )
                for one in range(count)
            ],
        )


def system(number: int, valid_from: str | int = "2024-01-01", **values: Any) -> Change:
    """A system, running and not classified unless something else is said."""
    said = {"code": f"S{number}", "name": f"合成系统{number}", "state": "running", "classified": False} | values
    when = begin_of(valid_from) if isinstance(valid_from, str) else valid_from
    return Change(record("a", number), said, valid_from=when)


def report(number: int, day: str, value: float, **more: Any) -> Change:
    """A report of an indicator for the whole city."""
    said = {"indicator": number, "day": day, "scope": "city", "value": value, "evidence": "合成依据"} | more
    return Change(record("b", number * 100_000 + int(day.replace("-", "")[2:])), said)


def exclusion(code: str, key: str, **more: Any) -> Change:
    """An exclusion of a system from indicator 6, approved for 2025."""
    said = {
        "code": code, "indicator": 6, "register": "systems", "record": key, "reason": "合成理由",
        "approved_by": "合成批准人", "approved_on": "2025-01-01", "expires_on": "2025-12-31",
    }  # fmt: skip
    return Change(record("c", int(code[1:])), said | more)


def empty_city(template: Path, folder: Path, name: str) -> City:
    """A city in a database of its own; migrating one for every example would take longest of all."""
    file = folder / f"{name}.db"
    copy(template, file)
    engine = with_all_tables(f"sqlite:///{file}")
    return City(Inventory(engine), engine)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, list[Change], list[Change]]]:
    """Batches of changes of a few systems and exclusions, each said on a day, about any time."""
    return [(draw(st.sampled_from(DAYS)), *draw(_batch())) for _ in range(draw(st.integers(1, 5)))]


@st.composite
def _batch(draw: st.DrawFn) -> tuple[list[Change], list[Change]]:
    chosen = draw(st.lists(st.integers(0, 4), unique=True, max_size=4))
    excluded = draw(st.lists(st.integers(0, 4), unique=True, max_size=2))
    return [draw(_change(one)) for one in chosen], [draw(_exclusion(one)) for one in excluded]


@st.composite
def _change(draw: st.DrawFn, number: int) -> Change:
    begin, end = _span(draw)
    if draw(st.integers(0, 5)) == 0:
        return Change(record("a", number), valid_from=begin, valid_to=end, gone=True)
    values = {
        "code": f"S{number}", "name": f"合成系统{number}",
        "state": draw(st.sampled_from(STATES)), "classified": draw(st.sampled_from((True, False, False, None))),
        "hosting": draw(st.sampled_from(HOSTING)), "migration": draw(st.sampled_from(MIGRATION)),
        "unit": draw(st.sampled_from((record("e", 0), record("e", 1), record("e", 2), None))),
    }  # fmt: skip
    for key in draw(st.lists(st.sampled_from(("state", "classified", "hosting", "migration", "unit")), max_size=3)):
        values.pop(key, None)
    return Change(record("a", number), values, valid_from=begin, valid_to=end)


@st.composite
def _exclusion(draw: st.DrawFn, number: int) -> Change:
    begin, end = _span(draw)
    return Change(
        record("c", number),
        {
            "code": f"X{number}", "indicator": draw(st.sampled_from((6, 6, 4))), "register": "systems",
            "record": f"S{number}", "reason": "合成", "approved_by": draw(st.sampled_from(("合成批准人", None))),
            "approved_on": draw(st.sampled_from(DAYS)), "expires_on": draw(st.sampled_from(DAYS)),
        },
        valid_from=begin,
        valid_to=end,
    )  # fmt: skip


def _span(draw: st.DrawFn) -> tuple[int, int]:
    first, last = sorted(draw(st.lists(st.integers(0, len(DAYS)), min_size=2, max_size=2, unique=True)))
    return begin_of(DAYS[first]), OPEN if last == len(DAYS) or draw(st.booleans()) else begin_of(DAYS[last])


def told(city: City, history: list[tuple[str, list[Change], list[Change]]]) -> None:
    """Have a city told a history, in the order in which it was said."""
    city.units()
    for day, systems, exclusions in sorted(history, key=lambda one: one[0]):
        city.write(day, systems=systems, exclusions=exclusions)
