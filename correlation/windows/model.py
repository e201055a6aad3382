"""What goes into windows and comes out of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from correlation.alerts.model import Evidence, alert_id
from correlation.rules.model import Correlation


class Signal(NamedTuple):
    """A rule or a correlation found something. A tuple, since there are so many of them.

    Attributes:
        rule: its id.
        time: event time, ns since 1970.
        key: tells signals of one rule apart: the event's id, or that of the alert of a correlation.
        values: what correlations ask of it, under the rule's own names; lists where the event has several values.
        proof: the events behind it (correlation.windows.proofs).
    """

    rule: str
    time: int
    key: str
    values: Mapping[str, Any]
    proof: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """What a correlation asked for came true.

    Attributes:
        correlation: which one.
        time: when, ns since 1970: that of the last signal, or the window's end where that had to be waited for.
        group: the values that the signals share, in the order of `group_by`.
        evidence: the events behind it, the oldest first, at most `MOST_EVIDENCE` of them.
        values: those of the last signal with the group's, for a correlation that looks at this one.
        excepted: ids of the exceptions that hide it: it is no alert, and no signal to correlations above it.
    """

    correlation: Correlation
    time: int
    group: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    values: Mapping[str, Any]
    excepted: tuple[str, ...] = ()

    @property
    def shared(self) -> dict[str, str]:
        """The group's values by the names that the correlation groups by."""
        return dict(zip(self.correlation.group_by, self.group, strict=True))

    @property
    def key(self) -> str:
        """The id of its alert."""
        return alert_id(self.correlation.id, tuple(item.event_id for item in self.evidence))


MOST_EVIDENCE = 100
"""The newest events of a finding are kept as evidence, and no more than these."""

Excepts: TypeAlias = Callable[[Finding], tuple[str, ...]]
"""Ids of the exceptions that hide a finding."""


def nothing_excepted(_: Finding) -> tuple[str, ...]:
    """No exceptions."""
    return ()
