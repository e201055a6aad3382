"""What a channel is told: a notice of one or more topics, frozen, and the same after it was written down."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from hashlib import blake2b
from typing import Any, Literal, TypeAlias

from correlation.alerts.model import Level

Kind: TypeAlias = Literal["alert", "digest", "test"]
"""One alert of a topic that was quiet; what came since of topics that were told; a trial."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One event of the evidence: its dataset and place, and the fields that tell what happened."""

    dataset: str
    time: int
    source: str
    unit: str
    ordinal: int
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Topic:
    """What is told about: a rule, and the entities that its alerts have in common.

    `count` alerts with event times from `first` to `last`, ns; `alerts` are the ids of the first few of them.
    """

    rule_id: str
    title: str
    title_zh: str
    level: Level
    attack: tuple[str, ...]
    entities: Mapping[str, str]
    count: int
    first: int
    last: int
    alerts: tuple[str, ...]
    evidence: tuple[Shown, ...] = ()
    evidence_total: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """One message before it has words.

    `id` is derived from what it tells, so that telling it again is the same message. `count` alerts in all, those of
    `more` topics that are not listed included.
    """

    id: str
    kind: Kind
    channel: str
    route: str
    created: int
    level: Level
    count: int
    topics: tuple[Topic, ...]
    more: int = 0

    def __post_init__(self) -> None:
        if not self.topics:
            raise ValueError("a notice has topics")

    def document(self) -> dict[str, Any]:
        """As it is written down."""
        return asdict(self)


def notice_of(document: Mapping[str, Any]) -> Notice:
    """The notice that was written down so."""
    topics = tuple(topic_of(topic) for topic in document["topics"])
    return Notice(**{**{item.name: document[item.name] for item in fields(Notice)}, "topics": topics})


def topic_of(document: Mapping[str, Any]) -> Topic:
    """The topic that was written down so."""
    said = {item.name: document[item.name] for item in fields(Topic)}
    shown = tuple(Shown(**event) for event in said["evidence"])
    lists = {name: tuple(said[name]) for name in ("attack", "alerts")}
    return Topic(**{**said, **lists, "evidence": shown})


def digest_of(*parts: str) -> str:
    """32 hexadecimal digits derived from these texts."""
    digest = blake2b(digest_size=16, person=b"hanwatch.notice")
    for part in parts:
        text = part.encode("utf-8", "surrogatepass")
        digest.update(len(text).to_bytes(4, "big") + text)
    return digest.hexdigest()
