"""What an incident's alerts sum to: everything that its severity, its warning and its line in a list need.

Kept beside the incident as JSON, so that an alert more costs no look at those before it. What is suppressed is
counted and counts for nothing else.
"""

from collections.abc import Mapping
from typing import Any, Final

from correlation.incidents.model import Facts, Key, Reason

MOST_NAMED: Final = 50
"""Entities of a side and rules that are listed; of the others it is counted how often they did not fit."""


class Sums:
    """A sum that grows by alerts in their order."""

    def __init__(self, said: Mapping[str, Any] | None = None) -> None:
        """An empty sum, or that of a document."""
        said = said or {}
        self.alerts: int = said.get("alerts", 0)
        self.suppressed: int = said.get("suppressed", 0)
        self.windows: dict[str, int] = dict(said.get("windows", {}))
        self.begun: int = said.get("begun", 0)
        self.last: int = said.get("last", 0)
        self.newest: str = said.get("newest", "")
        self.level: int = said.get("level", -1)
        self.rules: dict[str, int] = dict(said.get("rules", {}))
        self.tactics: dict[str, int] = dict(said.get("tactics", {}))
        self.grade: int = said.get("grade", 0)
        self.cii: bool = said.get("cii", False)
        self.indicator: int = said.get("indicator", -1)
        self.lateral: int = said.get("lateral", 0)
        self.named: dict[str, dict[str, int]] = {side: dict(of) for side, of in said.get("named", {}).items()}
        self.unnamed: int = said.get("unnamed", 0)

    @property
    def order(self) -> tuple[int, str]:
        """The place of its newest alert in the order of alerts."""
        return self.last, self.newest

    def add(self, facts: Facts, reasons: tuple[Reason, ...], window: str | None) -> None:
        """Count an alert; `window` is the one that suppresses it."""
        self.begun = facts.time if not self.alerts else min(self.begun, facts.time)
        self.last, self.newest = max((self.last, self.newest), facts.order)
        self.alerts += 1
        for side, keys in (
            ("actors", facts.actors), ("victims", facts.victims), ("systems", facts.systems), ("units", facts.units),
        ):  # fmt: skip
            for key in keys:
                self._name(self.named.setdefault(side, {}), _spelled(key))
        if window is not None:
            self.suppressed += 1
            self._name(self.windows, window)
            return
        self.level = max(self.level, facts.level)
        self._name(self.rules, facts.rule_id)
        for name in facts.tactics:
            self.tactics.setdefault(name, facts.time)
        self.grade = max(self.grade, facts.grade)
        self.cii = self.cii or facts.cii
        self.indicator = max(self.indicator, facts.indicator)
        self.lateral += any(one.link == "lateral" for one in reasons)

    def _name(self, counted: dict[str, int], name: str) -> None:
        if name in counted or len(counted) < MOST_NAMED:
            counted[name] = counted.get(name, 0) + 1
        else:
            self.unnamed += 1

    def document(self) -> dict[str, Any]:
        """The sum as JSON values."""
        return dict(vars(self))


def _spelled(key: Key) -> str:
    return f"{key.kind}:{key.value}"
