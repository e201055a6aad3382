"""The values of incidents: what an alert is about, why it joined, and what an incident is."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["address", "host", "user", "asset", "system", "unit", "repetition"]
"""What an entity is; `repetition` stands for one rule with all entities of an alert, found again."""

Link: TypeAlias = Literal[
    "repetition", "same-source", "same-user", "same-victim", "lateral", "later-tactic", "same-rule", "same-system"
]
"""Why an alert joined an incident (docs/incidents.md)."""


class Key(NamedTuple):
    """An entity: its kind and its value, behind the address space where it has one (`tenant-a/10.0.0.1`)."""

    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What joining and severity look at of an alert.

    Attributes:
        time: event time of its newest evidence, ns since 1970.
        level: place in `correlation.alerts.model.LEVELS`.
        tactics: names of its ATT&CK tactics, earliest stage first.
        actors: who did it: source addresses, their assets, users.
        victims: to whom it was done, or where: destinations, hosts, their assets.
        systems: systems of the victims, which join only along the kill chain.
        units: units responsible for either side; they never join anything.
        sweeping: sides with the kinds of which it named more than are kept, such as ("victim", "address").
        grade: the highest MLPS grade of what it touches, 0 where none is known.
        cii: whether any of it is critical information infrastructure.
        indicator: confidence of the surest indicator in it, 0 to 100, -1 where there is none.
    """

    alert_id: str
    time: int
    rule_id: str
    level: int
    tactics: tuple[str, ...] = ()
    actors: tuple[Key, ...] = ()
    victims: tuple[Key, ...] = ()
    systems: tuple[Key, ...] = ()
    units: tuple[Key, ...] = ()
    sweeping: tuple[tuple[str, str], ...] = ()
    grade: int = 0
    cii: bool = False
    indicator: int = -1

    @property
    def order(self) -> tuple[int, str]:
        """Its place among all alerts: by event time, then by id, so that no two are equal."""
        return self.time, self.alert_id


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an alert joined an incident.

    Attributes:
        link: the kind of reason.
        incident: the incident that it led to.
        entity: what both have in common.
        gap: ns between the alert and the one of the incident that it follows.
        tactic: id of the tactic that came now, empty where none counted.
        after: id of the tactic that came before.
    """

    link: Link
    incident: str
    entity: Key
    gap: int
    tactic: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an alert belongs: its incident, and the reasons; without any the incident begins with it.

    `merged` are incidents that this alert showed to be parts of the same one.
    """

    facts: Facts
    incident: str
    reasons: tuple[Reason, ...] = ()
    merged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as it is now.

    Attributes:
        begun: event time of its first alert, ns since 1970; `last` of its last.
        alerts: how many there are, of which `suppressed` fell into a maintenance window or a drill.
        score: 0 to 100, of what is not suppressed; its parts are told by `correlation.incidents.severity`.
        severity: the band that the score is in.
        colour: of the early warning: red, orange, yellow or blue; empty where nothing is warned of.
        warning: name of the rule that led to the colour.
        sums: what its alerts sum to (`correlation.incidents.sums`).
        merged_into: the incident that it turned out to be part of; empty where it stands for itself.
        version: how many changes people made; a change says which version it was made for.
    """

    id: str
    begun: int
    last: int
    alerts: int
    suppressed: int
    score: int
    severity: str
    colour: str
    warning: str
    sums: Mapping[str, Any]
    merged_into: str = ""
    version: int = 0
    state: str = "new"
    assignee: str = ""


def incident_id(alert_id: str) -> str:
    """The id of the incident that begins with this alert: 32 hexadecimal digits."""
    return blake2b(alert_id.encode(), digest_size=16, person=b"hanwatch.incid").hexdigest()
