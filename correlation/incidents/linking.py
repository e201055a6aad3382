"""Which incident an alert belongs to: a fold over alerts in the order of their event time, without any I/O.

Whether an alert joins depends on the alerts before it alone, and of these on those that are still within `chain` and
among the last `most_alerts`. So the same alerts lead to the same incidents in whatever batches they come, memory is
bounded, and what was folded before can be taken up again from the alerts of that stretch (`Linking.recall`).
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

from correlation.incidents.model import Facts, Key, Link, Placement, Reason, incident_id
from correlation.incidents.policy import number, over, own, span
from correlation.incidents.sharing import Shared
from correlation.incidents.tactics import Tactic, tactics

MOST_REASONS: Final = 8
"""Reasons that are kept of one alert."""
_SWEEP_EVERY: Final = 4_096
"""Alerts between two looks for what is too old to join anything."""


@dataclass(frozen=True, slots=True)
class LinkingPolicy:
    """What joins and what must not, as `linking.yml` says; times in ns."""

    quiet: int
    chain: int
    longest: int
    most_alerts: int
    most_values: int
    most_actors: int
    most_victims: int
    shared: Shared

    @property
    def horizon(self) -> int:
        """How far back an alert can matter for another, ns."""
        return max(self.quiet, self.chain)


def linking_policy(path: Path | None = None) -> LinkingPolicy:
    """The product's rules of joining with a site's over them; what the product calls shared stays so.

    Raises:
        PolicyUnusable: the site's file cannot be used.
    """
    said, name = over("linking", path)
    listed = own("linking")["shared"] + (said["shared"] or [] if path else [])
    return LinkingPolicy(
        span(said, "quiet", name),
        span(said, "chain", name),
        span(said, "longest", name),
        number(said, "most_alerts", name, 1),
        number(said, "most_values", name, 1),
        number(said, "most_actors", name, 1),
        number(said, "most_victims", name, 1),
        Shared(listed, name),
    )


_Side: TypeAlias = Literal["actor", "victim", ""]


class _Met(NamedTuple):
    """That an entity was met: when, as how manieth alert, by which rule, and the earliest and latest tactic then."""

    time: int
    number: int
    rule_id: str
    low: Tactic | None
    high: Tactic | None



@dataclass(slots=True)
class _Trace:
    """Where an entity was met on one side.

    Attributes:
        last: the newest meeting of each incident.
        lows: of each incident the meetings with the earliest tactics that still count, earliest tactic first: whoever
            is later and has no later tactic replaces those behind it, so there are as many as stages at most.
        rules: the newest meeting of each incident by each rule.
        peers: who stood on the other side, the newest of those that matter.
    """

    last: dict[str, _Met] = field(default_factory=dict)
    lows: dict[str, deque[_Met]] = field(default_factory=dict)
    rules: dict[tuple[str, str], _Met] = field(default_factory=dict)
    peers: dict[str, tuple[int, int]] = field(default_factory=dict)


class _Candidate(NamedTuple):
    link: Link
    key: Key
    met: _Met
    incident: str
    strong: bool
    tactic: str = ""
    after: str = ""


class Linking:
    """The fold: takes alerts in the order of `Facts.order` and says where each belongs."""

    def __init__(self, policy: LinkingPolicy) -> None:
        self._policy = policy
        self._traces: dict[tuple[Key, _Side], _Trace] = {}
        self._begun: dict[str, tuple[int, str]] = {}
        self._into: dict[str, str] = {}
        self._number = 0

    def recall(self, placements: Iterable[Placement], begun: dict[str, int]) -> None:
        """Take up where a fold was: the placements of its last stretch in order, and when their incidents began, ns."""
        for one in placements:
            self._enter(one)
        # Last, since entering sees no more of an incident than what is left of it in this stretch.
        self._begun = {one: (begun.get(one, first), one) for one, (first, _) in self._begun.items()}

    def place(self, facts: Facts) -> Placement:
        """Where the next alert belongs."""
        found = list(self._candidates(facts))
        strong = [one for one in found if one.strong]
        if strong:
            named = {self.root(one.incident) for one in strong}
            target = min(named, key=self._begun.__getitem__)
            merged = tuple(sorted(named - {target}))
            # That the same was found again says all that weaker reasons could say.
            weak = () if found[0].link == "repetition" else (one for one in found if not one.strong)
            told = [*strong, *(one for one in weak if self.root(one.incident) == target)]
        elif found:
            target, merged = self.root(found[0].incident), ()
            told = [one for one in found if self.root(one.incident) == target]
        else:
            target, merged, told = incident_id(facts.alert_id), (), []
        reasons = tuple(
            Reason(one.link, one.incident, one.key, facts.time - one.met.time, one.tactic, one.after)
            for one in told[:MOST_REASONS]
        )
        placement = Placement(facts, target, reasons, merged)
        self._enter(placement)
        return placement

    def root(self, incident: str) -> str:
        """The incident that this one is part of by now."""
        while (into := self._into.get(incident)) is not None:
            incident = into
        return incident

    # --- what an alert has in common with those before it ---------------------------------------------------------

    def _candidates(self, facts: Facts) -> Iterator[_Candidate]:
        """What would join the alert to an incident, the best reason first, at most one for each entity and reason."""
        now = facts.time
        _, high = _stages(facts)
        repetition = self._latest((_repetition(facts), ""), now)
        if repetition is not None:
            yield _Candidate("repetition", _repetition(facts), *repetition, strong=True)
        yield from self._by_actors(facts, high)
        yield from self._by_victims(facts, high)
        yield from self._by_systems(facts, high)

    def _by_actors(self, facts: Facts, high: Tactic | None) -> Iterator[_Candidate]:
        now = facts.time
        for key in self._open(facts.actors, facts, "actor"):
            same = self._latest((key, "actor"), now)
            busy = self._peers((key, "actor"), now) > self._policy.most_victims
            if same is not None:
                yield _Candidate("same-user" if key.kind == "user" else "same-source", key, *same, strong=not busy)
            elif (late := self._earlier((key, "actor"), now, high, later=True)) is not None:
                yield _later("later-tactic", key, late, high, strong=not busy)
            hub = self._peers((key, "victim"), now) > self._policy.most_actors
            if not busy and not hub and (was := self._earlier((key, "victim"), now, high, later=False)) is not None:
                yield _later("lateral", key, was, high, strong=True)

    def _by_victims(self, facts: Facts, high: Tactic | None) -> Iterator[_Candidate]:
        now = facts.time
        alone = all(key.kind == "user" for key in facts.actors)
        for key in self._open(facts.victims, facts, "victim"):
            if self._peers((key, "victim"), now) > self._policy.most_actors:
                continue
            if alone and (same := self._latest((key, "victim"), now)) is not None:
                yield _Candidate("same-victim", key, *same, strong=True)
            elif (late := self._earlier((key, "victim"), now, high, later=True)) is not None:
                yield _later("later-tactic", key, late, high, strong=False)
            elif (again := self._again((key, "victim"), facts.rule_id, now)) is not None:
                yield _Candidate("same-rule", key, *again, strong=False)

    def _by_systems(self, facts: Facts, high: Tactic | None) -> Iterator[_Candidate]:
        for key in self._open(facts.systems, facts, "victim"):
            if self._peers((key, "victim"), facts.time) <= self._policy.most_actors:
                late = self._earlier((key, "victim"), facts.time, high, later=True, within=self._policy.quiet)
                if late is not None:
                    yield _later("same-system", key, late, high, strong=False)

    def _open(self, keys: Iterable[Key], facts: Facts, side: _Side) -> list[Key]:
        """The entities that may join anything: none that many share, and none of many that one alert names."""
        reason = self._policy.shared.reason
        if not facts.sweeping:
            return [key for key in keys if reason(key) is None]
        swept = {kind for many, kind in facts.sweeping if many == side}
        return [key for key in keys if key.kind not in swept and reason(key) is None]

    # --- what is remembered ---------------------------------------------------------------------------------------

    def _holds(self, met: _Met | tuple[int, int], now: int, within: int) -> bool:
        return met[0] >= now - within and met[1] > self._number - self._policy.most_alerts

    def _joinable(self, incident: str, now: int) -> bool:
        return self._begun[self.root(incident)][0] >= now - self._policy.longest

    def _best(self, found: Iterable[tuple[str, _Met]]) -> tuple[_Met, str] | None:
        """The newest meeting of several incidents."""
        best = max(found, key=lambda one: (one[1].number, one[0]), default=None)
        return None if best is None else (best[1], best[0])

    def _latest(self, where: tuple[Key, _Side], now: int) -> tuple[_Met, str] | None:
        """The newest meeting within the quiet time."""
        trace = self._traces.get(where)
        if trace is None:
            return None
        return self._best(
            (incident, met)
            for incident, met in trace.last.items()
            if self._holds(met, now, self._policy.quiet) and self._joinable(incident, now)
        )

    def _again(self, where: tuple[Key, _Side], rule_id: str, now: int) -> tuple[_Met, str] | None:
        """The newest meeting by the same rule within the quiet time."""
        trace = self._traces.get(where)
        if trace is None:
            return None
        return self._best(
            (incident, met)
            for (incident, rule), met in trace.rules.items()
            if rule == rule_id and self._holds(met, now, self._policy.quiet) and self._joinable(incident, now)
        )

    def _earlier(
        self, where: tuple[Key, _Side], now: int, high: Tactic | None, *, later: bool, within: int | None = None
    ) -> tuple[_Met, str] | None:
        """The meeting with the earliest tactic of an incident in which the kill chain goes on with `high`.

        `later`: only a stage behind it goes on; else the same stage does as well, as with a worm.
        """
        trace = self._traces.get(where)
        if trace is None or high is None:
            return None
        found = []
        for incident, lows in trace.lows.items():
            first = next((met for met in lows if self._holds(met, now, within or self._policy.chain)), None)
            if first is None or first.low is None or not self._joinable(incident, now):
                continue
            if first.low.stage < high.stage or (not later and first.low.stage == high.stage):
                found.append((incident, first))
        return self._best(found)

    def _peers(self, where: tuple[Key, _Side], now: int) -> int:
        """How many different ones stood on the other side within `chain`; counted to one more than matters."""
        trace = self._traces.get(where)
        if trace is None:
            return 0
        return sum(self._holds(met, now, self._policy.chain) for met in trace.peers.values())

    def _enter(self, placement: Placement) -> None:
        """Remember an alert and where it was put."""
        facts, incident = placement.facts, placement.incident
        self._number += 1
        low, high = _stages(facts)
        met = _Met(facts.time, self._number, facts.rule_id, low, high)
        self._begun.setdefault(incident, (facts.time, incident))
        for one in placement.merged:
            self._into[one] = incident
        self._note((_repetition(facts), ""), met, incident, (), 0)
        victims = [key.value for key in facts.victims if key.kind in {"address", "host"}]
        actors = [key.value for key in facts.actors if key.kind == "address"]
        for key in self._open(facts.actors, facts, "actor"):
            self._note((key, "actor"), met, incident, victims, self._policy.most_victims)
        for key in (*self._open(facts.victims, facts, "victim"), *self._open(facts.systems, facts, "victim")):
            self._note((key, "victim"), met, incident, actors, self._policy.most_actors)
        if self._number % _SWEEP_EVERY == 0:
            self._sweep(facts.time)

    def _note(
        self, where: tuple[Key, _Side], met: _Met, incident: str, peers: Iterable[str], most: int
    ) -> None:
        trace = self._traces.setdefault(where, _Trace())
        trace.last[incident] = met
        trace.rules[incident, met.rule_id] = met
        if met.low is not None:
            lows = trace.lows.setdefault(incident, deque())
            while lows and lows[-1].low is not None and lows[-1].low.stage >= met.low.stage:
                lows.pop()
            lows.append(met)
        for peer in peers:
            trace.peers.pop(peer, None)
            trace.peers[peer] = met.time, met.number
            if len(trace.peers) > most + 1:
                # The newest of them are enough to tell that there are too many.
                del trace.peers[next(iter(trace.peers))]

    def _sweep(self, now: int) -> None:
        """Forget what is too old to count, which changes no answer."""
        chain = self._policy.horizon
        for where, trace in list(self._traces.items()):
            trace.last = {one: met for one, met in trace.last.items() if self._holds(met, now, chain)}
            trace.rules = {one: met for one, met in trace.rules.items() if self._holds(met, now, chain)}
            trace.lows = {one: lows for one, lows in trace.lows.items() if one in trace.last}
            trace.peers = {one: met for one, met in trace.peers.items() if self._holds(met, now, chain)}
            if not trace.last:
                del self._traces[where]
        named = {one for trace in self._traces.values() for one in trace.last}
        named |= {self.root(one) for one in named}
        self._into = {one: root for one in named if (root := self.root(one)) != one}
        self._begun = {one: begun for one, begun in self._begun.items() if one in named}


def _later(link: Link, key: Key, found: tuple[_Met, str], high: Tactic | None, *, strong: bool) -> _Candidate:
    met, incident = found
    assert high is not None
    assert met.low is not None
    return _Candidate(link, key, met, incident, strong, high.id, met.low.id)


def _stages(facts: Facts) -> tuple[Tactic | None, Tactic | None]:
    known = tactics()
    found = [known[name] for name in facts.tactics if name in known]
    return (found[0], found[-1]) if found else (None, None)


def _repetition(facts: Facts) -> Key:
    named = " ".join(f"{key.kind}={key.value}" for key in (*facts.actors, *facts.victims))
    return Key("repetition", f"{facts.rule_id} {named}")
